"""When Discord says no: the way round, whom to tell, and _Try again_."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import select

from bot.effects import Attempt, Effect, Refused, State, record
from bot.effects.store import try_again
from bot.incidents import log, store
from bot.incidents.models import Incident, LogEntry
from bot.incidents.rules import Entry, Place
from bot.incidents.service.context import Which, asked
from bot.incidents.service.effects import (
    BRIEF,
    CARD,
    CARD_PIN,
    LINE,
    PAGE,
    ROOM_ARCHIVE,
    ROOM_CREATE,
    ROOM_GRANT,
    ROOM_LOG,
    TELL,
    refresh_brief,
    refresh_card,
    tell,
)
from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound, WrongState
from bot.policy.words import Action
from bot.storage import Tx, UnitOfWork

UNKNOWN_CHANNEL = 10003
LOOK_S, LOOKS = 0.2, 20
IN_ROOM = frozenset(
    {CARD, BRIEF, LINE, ROOM_LOG, PAGE, ROOM_GRANT, ROOM_ARCHIVE, CARD_PIN, "update.remind", "update.heads_up"}
)
TO_OPERATIONS = frozenset({"escalation_ended", "page_failed", "problem"})


def incident_id(subject: str) -> int:
    """The row id in a subject such as "incident:42"; 0 for another subject."""
    name, _, number = subject.partition(":")
    return int(number) if name == "incident" and number.isdecimal() else 0


async def refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Put the refusal on record and tell somebody who can act; a notice that is refused goes another way."""
    incident = await store.row(tx, incident_id(attempt.subject), lock=True)
    if error.code == UNKNOWN_CHANNEL and _in_room(attempt):
        if incident.channel_id is not None:  # else it is told already
            await gone(tx, incident)
        return
    if attempt.kind == TELL and attempt.payload.get("what") == "problem":
        await _another_way(tx, attempt, incident)
        return
    await log.note(
        tx,
        incident,
        Entry.PROBLEM,
        params={"what": attempt.kind, "code": error.code},
        once=f"problem:{attempt.id}",
    )
    if await _told(tx, attempt, error):
        return
    await tell(
        tx,
        incident,
        "problem",
        f"problem:{attempt.id}",
        effect=attempt.id,
        kind=attempt.kind,
        code=error.code,
    )


async def _told(tx: Tx, attempt: Attempt, error: Refused) -> bool:
    """Whether the last step of this kind failed for the same reason: its notice stands, and one is enough."""
    if attempt.kind == TELL:
        return False
    last = await tx.session.scalar(
        select(Effect)
        .where(
            Effect.subject == attempt.subject,
            Effect.kind == attempt.kind,
            Effect.state.in_((State.DONE, State.FAILED)),
            Effect.id != attempt.id,
        )
        .order_by(Effect.ended_at.desc(), Effect.id.desc())
        .limit(1)
    )
    return last is not None and last.state == State.FAILED and _code(last.last_error) == error.code


def _in_room(attempt: Attempt) -> bool:
    """Whether it was to happen in the incident's room."""
    if attempt.kind == TELL:
        return not attempt.payload.get("user") and attempt.payload["what"] not in TO_OPERATIONS
    return attempt.kind in IN_ROOM


async def _another_way(tx: Tx, attempt: Attempt, incident: Incident) -> None:
    """From the room to the lead or whoever declared it, then to operations."""
    way = attempt.payload.get("way", "room")
    if way == "operations":
        return
    person = incident.lead_id or incident.declared_by
    further = "person" if way == "room" and incident.channel_id is not None else "operations"
    kept = {name: attempt.payload[name] for name in ("effect", "kind", "code")}
    await tell(
        tx,
        incident,
        "problem",
        f"problem:{kept['effect']}:{further}",
        user_id=person if further == "person" else None,
        way=further,
        **kept,
    )


async def gone(tx: Tx, incident: Incident) -> None:
    """Its room was deleted: the incident and its log stay; who can act is offered a new one."""
    incident.channel_id = None
    if incident.closed_at is not None:
        return
    incident.place = Place.NONE
    entry = await log.note(tx, incident, Entry.PROBLEM, params={"what": "keep the room: it was deleted"})
    await tell(tx, incident, "room_gone", f"room_gone:{entry}", user_id=incident.lead_id or incident.declared_by)


@dataclass(frozen=True)
class Retried:
    """How a step went that was tried again. `refused`: Discord's code, if it said no once more; `waits`: not ended."""

    kind: str
    refused: int | None = None
    waits: bool = False


class ProblemService:
    """_Try again_, and a room that was deleted by hand."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def retry(self, caller: Caller, effect_id: int) -> Retried:
        """Take up a failed step again, after a repair, and all of its kind that failed since; says how it went.

        Raises NotFound, NotAllowed, WrongState.
        """
        async with self._uow(once=caller.once("retry")) as tx:
            effect = await tx.session.get(Effect, effect_id, with_for_update=True)
            number = 0 if effect is None else incident_id(effect.subject)
            if effect is None or not number:  # others, such as a private report's, have no such button
                raise NotFound(store.NO_SUCH)
            await asked(tx, caller, Action.RETRY, Which(incident_id=number), closed_ok=True)
            if effect.state != State.FAILED:
                raise WrongState("That is settled already, or under way. Nothing more to do.")
            alike = [effect]
            if effect.kind != TELL:
                alike = list(
                    await tx.session.scalars(
                        select(Effect)
                        .where(
                            Effect.subject == effect.subject,
                            Effect.kind == effect.kind,
                            Effect.state == State.FAILED,
                        )
                        .with_for_update()
                    )
                )
            for one in alike:
                try_again(tx, one)
        return await self._how_it_went(effect_id)

    async def _how_it_went(self, effect_id: int) -> Retried:
        """Wait a little for it to end."""
        for _ in range(LOOKS):
            async with self._uow.read() as tx:
                effect = await tx.session.get_one(Effect, effect_id)
                if effect.state in (State.DONE, State.DROPPED):
                    return Retried(effect.kind)
                if effect.state == State.FAILED:
                    return Retried(effect.kind, refused=_code(effect.last_error))
            await asyncio.sleep(LOOK_S)
        return Retried(effect.kind, waits=True)

    async def room_deleted(self, guild_id: int, channel_id: int) -> None:
        """The room is gone: the incident and its log stay; who can act is offered a new one."""
        async with self._uow() as tx:
            incident = await store.by_room(tx, guild_id, channel_id)
            if incident is not None:
                await gone(tx, incident)

    async def rooms(self) -> list[tuple[int, int]]:
        """Server and channel of every open incident's room, for a look at what was missed."""
        async with self._uow.read() as tx:
            query = select(Incident.guild_id, Incident.channel_id).where(
                Incident.closed_at.is_(None), Incident.channel_id.is_not(None)
            )
            return [(guild_id, channel_id) for guild_id, channel_id in await tx.session.execute(query) if channel_id]

    async def new_room(self, caller: Caller, which: Which) -> None:
        """Make a new room, with the log in it. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("new_room")) as tx:
            one = await asked(tx, caller, Action.RETRY, which)
            await new_room(tx, one.incident)


def _code(last_error: str | None) -> int:
    """Discord's code in "403/50013 Missing Permissions"; 0 where it has none."""
    code = (last_error or "").partition(" ")[0].partition("/")[2]
    return int(code) if code.isdecimal() else 0


async def new_room(tx: Tx, incident: Incident) -> None:
    """Record a new room, its card and its log. Raises WrongState where there is one."""
    if incident.channel_id is not None:
        raise WrongState("It has a room already.")
    incident.place = Place.CHANNEL
    count = len(await log.entries(tx, incident.id))
    room = await record(
        tx,
        ROOM_CREATE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"room:{incident.id}:again:{count}",
        payload={"incident": incident.id},
    )
    await show_log(tx, incident, room=room, key=f"room_log:{incident.id}:{count}")
    await refresh_card(tx, incident)
    await refresh_brief(tx, incident)


async def show_log(tx: Tx, incident: Incident, *, room: int | None, key: str) -> None:
    """The log so far, once, in a room that was made late; `room`: the effect that makes it."""
    await record(
        tx,
        ROOM_LOG,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=key,
        payload={"incident": incident.id},
        needs=[room],
    )


async def was_refused(tx: Tx, incident: Incident, attempt: Attempt) -> bool:
    """Whether this effect failed before somebody pressed _Try again_."""
    query = select(LogEntry.id).where(LogEntry.incident_id == incident.id, LogEntry.once == f"problem:{attempt.id}")
    return await tx.session.scalar(query) is not None
