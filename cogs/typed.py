"""What people typed, on its way through a refusal: into a draft, back into its form, whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.kernel.limits import INPUT_VALUE, MESSAGE_CONTENT, fit
from bot.kernel.message import Message, Modal, ModalCheckboxes, ModalField, ModalSelect, TextInput
from bot.kernel.text import escape, quote_block

ELLIPSIS = "…"


@dataclass(frozen=True)
class Typed:
    """What was typed into a command or a form, as the form `action` on `subject` would have sent it.

    `fields`: text by key. `choices`: what was picked, by key. `label`: the button that opens the form again.
    """

    action: str
    subject: str
    fields: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    arg: str | None = None
    label: str = "Edit again"

    @property
    def wordless(self) -> bool:
        """Whether nothing was typed; what was picked in a command is picked again as fast."""
        return not any(text.strip() for text in self.fields.values())

    @property
    def empty(self) -> bool:
        """Whether nothing was typed or picked: then there is nothing to keep."""
        return self.wordless and not any(self.choices.values())

    def draft(self) -> dict[str, Any]:
        """As kept in a draft."""
        choices = {key: list(one) for key, one in self.choices.items()}
        return {"fields": dict(self.fields), "choices": choices, "arg": self.arg}

    @staticmethod
    def from_draft(action: str, subject: str, data: Mapping[str, Any]) -> Typed:
        """From a draft."""
        return Typed(action, subject, data.get("fields", {}), data.get("choices", {}), data.get("arg"))


Refill = Callable[[discord.Interaction[Any], Exception], Typed]
"""From a refused command, and why it was refused, to the form that asks the same."""
TYPED = "typed"
"""Under this name a command leaves in the interaction's extras what it has read of its options by itself."""


def refilled(modal: Modal, typed: Typed) -> Modal:
    """The form with what was typed and chosen before."""
    filled: list[ModalField] = []
    for one in modal.fields:
        if isinstance(one, TextInput) and one.key in typed.fields:
            filled.append(replace(one, value=typed.fields[one.key]))
        elif isinstance(one, ModalSelect) and one.key in typed.choices:
            chosen = typed.choices[one.key]
            options = tuple(replace(option, default=option.value in chosen) for option in one.options)
            filled.append(replace(one, options=options, defaults=() if one.kind == "string" else tuple(chosen)))
        elif isinstance(one, ModalCheckboxes) and one.key in typed.choices:
            filled.append(replace(one, defaults=tuple(typed.choices[one.key])))
        else:
            filled.append(one)
    return replace(modal, fields=tuple(filled))


def whole(fields: Mapping[str, str], kept: Typed | None) -> dict[str, str]:
    """The fields as sent; one that a form could show only in part, and that was left as shown, is whole again.

    A command's option takes 6,000 characters, a form's field at most 4,000.
    """
    known = kept.fields if kept is not None else {}
    return {key: known[key] if _shown_of(text, known.get(key, "")) else text for key, text in fields.items()}


def _shown_of(text: str, full: str) -> bool:
    return text.endswith(ELLIPSIS) and len(full) > len(text) and full.startswith(text.removesuffix(ELLIPSIS).rstrip())


def too_long(modal: Modal) -> bool:
    """Whether the form would show a text only in part."""
    texts = [one for one in modal.fields if isinstance(one, TextInput)]
    return any(one.value and fit(one.value, min(one.max or INPUT_VALUE, INPUT_VALUE)) != one.value for one in texts)


def shown(typed: Typed, why: str) -> Message:
    """Where its form cannot be opened any more: why, and the words themselves, so that nothing is typed twice."""
    words = "\n\n".join(text.strip() for text in typed.fields.values() if text.strip())
    if not words:
        return Message(content=why)
    return Message(
        content=fit(f"{why} This is what you typed:\n{quote_block(escape(words, one_line=False))}", MESSAGE_CONTENT)
    )
