"""One place that receives every button, select and modal, also those from before a restart.

Custom ids carry a version, an action and ids; each cog lists its actions in a table. Views and modals of discord.py
live in memory and die with the process, so none is used for dispatch (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol

import discord
import structlog

from bot.kernel.caller import Caller
from bot.kernel.message import (
    Button,
    Modal,
    ModalField,
    ModalSelect,
    TextInput,
    parse_custom_id,
    submitted,
)
from bot.kernel.request import following
from cogs import errors
from cogs.present import answer, ask, caller, defer

log = structlog.get_logger(__name__)

AGAIN = "draft.again"


class First(Enum):
    """What the first answer to an action is."""

    PRIVATE = "private"  # deferred privately before any work; the handler returns or sends the answer
    UPDATE = "update"  # deferred without a new message; the card is edited by an effect
    MODAL = "modal"  # the handler answers first itself, with a modal


@dataclass(frozen=True)
class Press:
    """What was pressed or submitted. `values`: a select's choices; `fields`: a modal's inputs by key."""

    subject: str
    arg: str | None = None
    values: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    message_id: int | None = None

    @property
    def number(self) -> int:
        """The subject as a row id; 0 where it is none."""
        return int(self.subject) if self.subject.isdecimal() else 0


Action = Callable[[discord.Interaction[Any], Press], Awaitable[None]]


Form = Callable[[discord.Interaction[Any], Press], Awaitable[Modal]]


@dataclass(frozen=True)
class Route:
    """A handler and how its interaction is first answered. `form` opens the modal again, for what was refused."""

    handler: Action
    first: First = First.PRIVATE
    form: Form | None = None


class Drafts(Protocol):
    """Keeps what was typed into a form and refused."""

    async def keep(self, caller: Caller, action: str, subject: str, typed: dict[str, Any]) -> int | None: ...
    async def get(self, caller: Caller, draft_id: int) -> tuple[str, str, dict[str, Any]]: ...


class Router:
    """Listens to `on_interaction`. An unknown or outdated id gets a sentence, never silence."""

    def __init__(self, routes: Mapping[str, Route], drafts: Drafts) -> None:
        self.routes = {**routes, AGAIN: Route(self._again, First.MODAL)}
        self._drafts = drafts

    async def on_interaction(self, itx: discord.Interaction[Any]) -> None:
        """Dispatch one component or modal interaction."""
        if itx.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        with following(str(itx.id)):
            await self._dispatch(itx)

    async def _dispatch(self, itx: discord.Interaction[Any]) -> None:
        data: dict[str, Any] = dict(itx.data or {})
        parsed = parse_custom_id(data.get("custom_id", ""))
        route = self.routes.get(parsed.action) if parsed else None
        press: Press | None = None
        try:
            if parsed is None or route is None:
                await answer(itx, "This button is from an older version. Please use the newest card, or the command.")
                return
            if route.first is not First.MODAL:
                await defer(itx, quietly=route.first is First.UPDATE)
            typed = submitted(data.get("components", ()))
            press = Press(
                subject=parsed.subject,
                arg=parsed.arg,
                values=tuple(data.get("values", ())),
                fields={key: value for key, value in typed.items() if isinstance(value, str)},
                choices={key: tuple(value) for key, value in typed.items() if isinstance(value, list)},
                message_id=itx.message.id if itx.message else None,
            )
            await route.handler(itx, press)
        except Exception as error:  # noqa: BLE001 - the edge towards people: every failure becomes a sentence
            kept = None
            if press is not None and parsed is not None and route is not None and route.form is not None:
                kept = await self._keep(itx, parsed.action, press)
            await errors.tell(itx, error, again=kept)

    async def _keep(self, itx: discord.Interaction[Any], action: str, press: Press) -> Button | None:
        """A form that failed: what was typed stays, with a button that opens it again."""
        typed = {"fields": press.fields, "choices": {key: list(one) for key, one in press.choices.items()}}
        draft_id = await self._drafts.keep(caller(itx), action, press.subject, {**typed, "arg": press.arg})
        return None if draft_id is None else Button("Edit again", AGAIN, draft_id, style="primary")

    async def _again(self, itx: discord.Interaction[Any], press: Press) -> None:
        """_Edit again_: the same form with what was typed."""
        action, subject, typed = await self._drafts.get(caller(itx), press.number)
        form = self.routes[action].form
        assert form is not None, "only forms are kept"
        modal = await form(itx, Press(subject=subject, arg=typed.get("arg")))
        await ask(itx, refilled(modal, typed.get("fields", {}), typed.get("choices", {})))


def refilled(modal: Modal, fields: Mapping[str, str], choices: Mapping[str, Sequence[str]]) -> Modal:
    """The form with what was typed and chosen before."""
    filled: list[ModalField] = []
    for one in modal.fields:
        if isinstance(one, TextInput) and one.key in fields:
            filled.append(replace(one, value=fields[one.key]))
        elif isinstance(one, ModalSelect) and one.key in choices:
            options = tuple(replace(option, default=option.value in choices[one.key]) for option in one.options)
            defaults = () if one.kind == "string" else tuple(choices[one.key])
            filled.append(replace(one, options=options, defaults=defaults))
        else:
            filled.append(one)
    return replace(modal, fields=tuple(filled))
