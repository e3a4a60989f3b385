"""One place that receives every button, select and modal, also those from before a restart.

Custom ids carry a version, an action and ids; each cog lists its actions in a table. Views and modals of discord.py
live in memory and die with the process, so none is used for dispatch (docs/decisions). What was typed and refused, in
a form or in a command, becomes a draft with _Edit again_.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

import aiohttp
import discord
import structlog

from bot.incidents.store import NO_SUCH
from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound, StoreTrouble, UserFacingError
from bot.kernel.message import Button, CustomId, Modal, parse_custom_id, submitted
from bot.kernel.request import following
from cogs import errors
from cogs.present import answer, ask, caller, defer, finished, speak_in
from cogs.press import Press
from cogs.typed import Refill, Typed, refilled, shown, whole

log = structlog.get_logger(__name__)

AGAIN = "draft.again"
QUICK_S = 1.5
"""What must be known before a first answer may take this long; Discord gives three seconds."""
BROKEN = "This form did not arrive whole, so nothing was done. Please open it again."
OLDER = "This button is from an older version. Please use the newest card, or the command."


class First(Enum):
    """What the first answer to an action is."""

    PRIVATE = "private"  # deferred privately before any work; the handler returns or sends the answer
    UPDATE = "update"  # deferred without a new message; the card is edited by an effect
    MODAL = "modal"  # the handler answers first itself, with a modal


Action = Callable[[discord.Interaction[Any], Press], Awaitable[None]]
Form = Callable[[discord.Interaction[Any], Press], Awaitable[Modal]]
ServerOf = Callable[[str], Awaitable[int | None]]
"""From the subject of a custom id to the server that it belongs to; None where it is gone."""


@dataclass(frozen=True)
class Route:
    """A handler and how its interaction is first answered.

    `form` opens the modal again, for what was refused; it is handed what was typed. `server` tells the server of a
    button or form that may also stand in direct messages. `own_draft`: the service itself keeps and ends the draft.
    """

    handler: Action
    first: First = First.PRIVATE
    form: Form | None = None
    server: ServerOf | None = None
    own_draft: bool = False


class Drafts(Protocol):
    """Keeps what was typed and refused."""

    async def keep(self, caller: Caller, action: str, subject: str, typed: dict[str, Any]) -> int | None: ...
    async def get(self, caller: Caller, draft_id: int) -> tuple[str, str, dict[str, Any]]: ...
    async def find(self, caller: Caller, action: str, subject: str) -> dict[str, Any] | None: ...
    async def drop(self, caller: Caller, action: str, subject: str) -> None: ...
    async def server_of(self, draft_id: str) -> int | None: ...


class Router:
    """Listens to `on_interaction`. An unknown or outdated id gets a sentence, never silence.

    `commands`: by a command's full name, the form that asks the same; what was typed into a refused command is kept
    for it.
    """

    def __init__(
        self, routes: Mapping[str, Route], drafts: Drafts, commands: Mapping[str, Refill] | None = None
    ) -> None:
        self.routes = {**routes, AGAIN: Route(self._again, First.MODAL, server=drafts.server_of)}
        self._drafts = drafts
        self._commands = commands or {}

    async def on_interaction(self, itx: discord.Interaction[Any]) -> None:
        """Dispatch one component or modal interaction."""
        if itx.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        with following(str(itx.id)):
            await self._dispatch(itx)

    async def command_failed(self, itx: discord.Interaction[Any], error: BaseException) -> None:
        """A refused or failed command: keep what was typed, then tell the person."""
        with following(str(itx.id)):
            cause = errors.cause_of(error)
            refill = self._commands.get(itx.command.qualified_name) if itx.command is not None else None
            typed = None
            if refill is not None and isinstance(cause, Exception) and errors.can_be_told(cause):
                typed = refill(itx, cause)
            if typed is not None and typed.wordless:
                typed = None
            await self._tell(itx, error, typed)

    async def _dispatch(self, itx: discord.Interaction[Any]) -> None:
        data: dict[str, Any] = dict(itx.data or {})
        parsed = parse_custom_id(str(data.get("custom_id", "")))
        route = self.routes.get(parsed.action) if parsed else None
        if parsed is None or route is None:
            await errors.say(itx, OLDER)
            return
        typed, kept = Typed(parsed.action, parsed.subject, arg=parsed.arg), False
        try:
            typed = _typed(parsed, data)
            if route.first is not First.MODAL:
                await defer(itx, quietly=route.first is First.UPDATE)
            await self._place(itx, route, parsed.subject)
            if route.form is not None and not route.own_draft:
                typed, kept = await self._completed(itx, typed)
            await route.handler(itx, _press(itx, typed, data))
            if route.first is First.UPDATE:
                await finished(itx)
        except Exception as error:  # noqa: BLE001 - the edge towards people: every failure becomes a sentence
            keeps = route.form is not None and errors.can_be_told(error)
            await self._tell(itx, error, typed if keeps else None)
            return
        if kept:
            await self._drafts.drop(caller(itx), typed.action, typed.subject)

    async def _completed(self, itx: discord.Interaction[Any], typed: Typed) -> tuple[Typed, bool]:
        """A form that was refused before: what it could show only in part is whole. True: a draft of it is kept."""
        found = await self._drafts.find(caller(itx), typed.action, typed.subject)
        if found is None:
            return typed, False
        before = Typed.from_draft(typed.action, typed.subject, found)
        return replace(typed, fields=whole(typed.fields, before)), True

    async def _place(self, itx: discord.Interaction[Any], route: Route, subject: str) -> None:
        """In direct messages the record tells the server, and Discord is asked again who this person is there."""
        if itx.guild_id is not None or route.server is None:
            return
        server = await route.server(subject)
        if server is None:
            return  # the service refuses what does not exist in the words for what one may not see
        try:
            await asyncio.wait_for(speak_in(itx, server), timeout=QUICK_S)
        except LookupError as error:
            raise NotFound(NO_SUCH) from error
        except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise UserFacingError("Discord did not answer just now. Please press it again in a moment.") from error

    async def _tell(self, itx: discord.Interaction[Any], error: BaseException, typed: Typed | None) -> None:
        """What happened, and what was typed: kept with a button, or where nothing can be kept, the words themselves."""
        cause = errors.cause_of(error)
        if typed is not None and isinstance(cause, StoreTrouble):
            await answer(itx, shown(typed, str(cause)), aside=True)
            return
        await errors.tell(itx, error, again=await self._keep(itx, typed) if typed is not None else None)

    async def _keep(self, itx: discord.Interaction[Any], typed: Typed) -> Button | None:
        """What was refused stays, with a button that opens its form again."""
        if typed.empty:
            return None
        try:
            draft_id = await self._drafts.keep(caller(itx), typed.action, typed.subject, typed.draft())
        except Exception:
            log.exception("draft.not_kept", interaction=itx.id)
            return None
        return None if draft_id is None else Button(typed.label, AGAIN, draft_id, style="primary")

    async def _again(self, itx: discord.Interaction[Any], press: Press) -> None:
        """_Edit again_: the same form with what was typed; where that cannot be opened any more, the words."""
        action, subject, data = await self._drafts.get(caller(itx), press.number)
        typed = Typed.from_draft(action, subject, data)
        route = self.routes.get(action)
        if route is None or route.form is None:
            await answer(itx, shown(typed, "This form is from an older version."))
            return
        choices = {key: tuple(value) for key, value in typed.choices.items()}
        try:
            modal = await route.form(itx, Press(subject, typed.arg, fields=dict(typed.fields), choices=choices))
        except UserFacingError as error:
            await answer(itx, shown(typed, str(error)))
            return
        await ask(itx, refilled(modal, typed))


def _typed(parsed: CustomId, data: dict[str, Any]) -> Typed:
    try:
        found = submitted(data.get("components", ()))
    except (AttributeError, TypeError, ValueError) as error:
        raise UserFacingError(BROKEN) from error
    return Typed(
        parsed.action,
        parsed.subject,
        {key: value for key, value in found.items() if isinstance(value, str)},
        {key: value for key, value in found.items() if isinstance(value, list)},
        parsed.arg,
    )


def _press(itx: discord.Interaction[Any], typed: Typed, data: dict[str, Any]) -> Press:
    return Press(
        subject=typed.subject,
        arg=typed.arg,
        values=tuple(str(one) for one in data.get("values") or ()),
        fields=dict(typed.fields),
        choices={key: tuple(value) for key, value in typed.choices.items()},
        message_id=itx.message.id if itx.message else None,
    )
