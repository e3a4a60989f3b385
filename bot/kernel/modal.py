"""Modals as plain data: at most five fields, each one question; prefilled text is cut to what Discord takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bot.kernel import limits
from bot.kernel.components import (
    NOTHING,
    TEXT_INPUT,
    Json,
    SelectKind,
    SelectOption,
    options_json,
    select_json,
)
from bot.kernel.custom_ids import custom_id
from bot.kernel.limits import fit

TEXT, LABEL, RADIO, CHECKBOXES = 10, 18, 21, 22
INPUT_STYLE: dict[str, int] = {"short": 1, "paragraph": 2}


@dataclass(frozen=True)
class TextInput:
    """A field for typing. `key` names it in what comes back; `min` and `max` are lengths in characters."""

    key: str
    label: str
    description: str | None = None
    style: Literal["short", "paragraph"] = "short"
    value: str | None = None
    required: bool = True
    min: int | None = None
    max: int | None = None
    placeholder: str | None = None

    def payload(self) -> Json:
        """Discord's JSON: a label around a text input."""
        most = max(1, min(self.max or limits.INPUT_VALUE, limits.INPUT_VALUE))
        made: Json = {
            "type": TEXT_INPUT,
            "custom_id": self.key,
            "style": INPUT_STYLE[self.style],
            "required": self.required,
            "max_length": most,
        }
        if self.min:
            made["min_length"] = min(self.min, most)
        if self.placeholder:
            made["placeholder"] = fit(self.placeholder, limits.INPUT_PLACEHOLDER)
        # A prefill shorter than the least length would be refused together with the modal.
        value = fit(self.value or "", most)
        if value and limits.length(value) >= made.get("min_length", 0):
            made["value"] = value
        return _label(self.label, self.description, made)


@dataclass(frozen=True)
class ModalSelect:
    """A select inside a modal; not `required` lets it stay empty."""

    key: str
    label: str
    kind: SelectKind = "string"
    description: str | None = None
    options: tuple[SelectOption, ...] = ()
    placeholder: str = ""
    required: bool = True
    min: int = 1
    max: int = 1
    defaults: tuple[str | int, ...] = ()
    channel_types: tuple[int, ...] = ()

    def payload(self) -> Json | None:
        """Discord's JSON; None for a select of strings without options."""
        made = select_json(
            self.kind,
            self.key,
            placeholder=self.placeholder,
            options=self.options,
            least=self.min if self.required else 0,
            most=self.max,
            defaults=self.defaults,
            channel_types=self.channel_types,
        )
        if made is None:
            return None
        made["required"] = self.required
        return _label(self.label, self.description, made)


@dataclass(frozen=True)
class ModalCheckboxes:
    """Up to ten boxes to tick; `defaults` are the values ticked already."""

    key: str
    label: str
    options: tuple[SelectOption, ...]
    description: str | None = None
    required: bool = False
    defaults: tuple[str | int, ...] = ()

    def payload(self) -> Json | None:
        """Discord's JSON; None without options."""
        shown = options_json(self.options, self.defaults, limits.CHECKBOXES, limits.CHECKBOXES)
        if not shown:
            return None
        made: Json = {
            "type": CHECKBOXES,
            "custom_id": self.key,
            "options": _without_emoji(shown),
            "min_values": 1 if self.required else 0,
            "max_values": len(shown),
            "required": self.required,
        }
        return _label(self.label, self.description, made)


@dataclass(frozen=True)
class ModalChoice:
    """Two to ten radio buttons, of which one is picked."""

    key: str
    label: str
    options: tuple[SelectOption, ...]
    description: str | None = None
    required: bool = True
    default: str | None = None

    def payload(self) -> Json | None:
        """Discord's JSON; None with fewer than two options."""
        picked = (self.default,) if self.default is not None else ()
        shown = options_json(self.options, picked, limits.CHECKBOXES, 1)
        if len(shown) < 2:
            return None
        made: Json = {
            "type": RADIO,
            "custom_id": self.key,
            "options": _without_emoji(shown),
            "required": self.required,
        }
        return _label(self.label, self.description, made)


@dataclass(frozen=True)
class ModalText:
    """Words to read between the fields."""

    content: str

    def payload(self) -> Json | None:
        """Discord's JSON of a text display; None for nothing to say."""
        content = fit(self.content, limits.TEXT_DISPLAY)
        return {"type": TEXT, "content": content} if content.strip() else None


ModalField = TextInput | ModalSelect | ModalCheckboxes | ModalChoice | ModalText


@dataclass(frozen=True)
class Modal:
    """A form of at most five fields; what its submission means is `action` on `subject` with `arg`."""

    title: str
    action: str
    subject: str | int
    fields: tuple[ModalField, ...]
    arg: str | int | None = None

    def payload(self) -> Json:
        """Discord's JSON. Raises ValueError for more than five fields, or none that can be shown."""
        shown = [made for made in (field.payload() for field in self.fields) if made is not None]
        if not 1 <= len(shown) <= limits.MODAL_FIELDS:
            raise ValueError(f"a modal shows one to five fields, not {len(shown)}")
        return {
            "title": fit(self.title.strip(), limits.MODAL_TITLE) or NOTHING,
            "custom_id": custom_id(self.action, self.subject, self.arg),
            "components": shown,
        }


def submitted(components: Iterable[Any]) -> dict[str, str | list[str]]:
    """What came back with a modal's submission: key → typed text, or the list of values or ids that were picked.

    `components` as Discord sends them under `data.components`, labels and action rows alike. Raises AttributeError or
    TypeError for what Discord would not send.
    """
    found: dict[str, str | list[str]] = {}
    for outer in components:
        inner = [outer["component"]] if "component" in outer else outer.get("components", [outer])
        for part in inner:
            key = part.get("custom_id")
            if key is None:
                continue
            if "values" in part:
                found[key] = [str(value) for value in part["values"]]
            else:
                found[key] = str(part.get("value") or "")
    return found


def _without_emoji(options: list[Json]) -> list[Json]:
    return [{name: value for name, value in option.items() if name != "emoji"} for option in options]


def _label(text: str, description: str | None, component: Json) -> Json:
    made: Json = {"type": LABEL, "label": fit(text.strip(), limits.LABEL_TEXT) or NOTHING, "component": component}
    if description and description.strip():
        made["description"] = fit(description.strip(), limits.LABEL_DESCRIPTION)
    return made
