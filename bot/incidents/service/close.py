"""The end of an incident: resolved, cancelled, a duplicate, taken up again, moved to the archive."""

from __future__ import annotations

from datetime import timedelta

from bot import deadlines
from bot.deadlines import DueView
from bot.deadlines.store import next_sequence
from bot.effects import record
from bot.effects import store as effects
from bot.incidents import log, store
from bot.incidents.events import IncidentClosed, IncidentReopened
from bot.incidents.models import Incident
from bot.incidents.rules import ROOM_STAYS_OPEN, Entry, duration
from bot.incidents.service import duties
from bot.incidents.service.context import HERE, Which, asked
from bot.incidents.service.effects import (
    PAGE,
    ROOM_ARCHIVE,
    grant,
    refresh_board,
    refresh_brief,
    refresh_card,
    tell,
)
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, WrongState
from bot.policy.words import Action, Status, Visibility
from bot.servers.store import ServerView
from bot.storage import Tx, UnitOfWork

ARCHIVE = "archive"


class CloseService:
    """`/incident cancel`, `duplicate`, `reopen`. Resolving publishes a last update and belongs to the updates."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def cancel(self, caller: Caller, which: Which = HERE, *, reason: str = "") -> IncidentView:
        """A false alarm, kindly. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("cancel")) as tx:
            one = await asked(tx, caller, Action.CANCEL, which)
            await log.note(tx, one.incident, Entry.CANCELLED, actor=caller.user_id, text=reason.strip() or None)
            await _close(tx, one.incident, Status.CANCELLED)
            await tell(tx, one.incident, "cancelled", f"cancelled:{tx.now.timestamp():.0f}")
            return await store.view(tx, one.incident)

    async def duplicate(self, caller: Caller, of_ref: str, which: Which = HERE) -> IncidentView:
        """It is the same as another one: close it and bring its people there. Raises BadInput, NotFound, WrongState."""
        async with self._uow(once=caller.once("duplicate")) as tx:
            one = await asked(tx, caller, Action.DUPLICATE, which)
            other = (await asked(tx, caller, Action.SEE, Which(ref=of_ref), closed_ok=True)).incident
            if other.id == one.incident.id:
                raise BadInput("An incident cannot be its own duplicate. Please name the other one.")
            if Visibility(other.visibility).width < Visibility(one.incident.visibility).width:
                raise WrongState(
                    f"{other.ref} is private, and not everyone here may know of it. Make this one private first with "
                    "`/incident kind`; then it can be marked as the same."
                )
            one.incident.duplicate_of = other.id
            await log.note(
                tx, one.incident, Entry.DUPLICATE, actor=caller.user_id, params={"of": other.id, "ref": other.ref}
            )
            if other.closed_at is None:
                for person in await store.participants(tx, one.incident.id):
                    if person.tagged_out_at is None and await store.bring_in(
                        tx, other, person.user_id, "responder", active=person.active
                    ):
                        await grant(tx, other, person.user_id)
                await refresh_card(tx, other)
            await _close(tx, one.incident, Status.CANCELLED)
            await tell(tx, one.incident, "duplicate", f"duplicate:{other.id}", of=other.id)
            return await store.view(tx, one.incident)

    async def reopen(self, caller: Caller, which: Which = HERE) -> IncidentView:
        """Take a closed incident up again; its room opens again, its clocks start from now.

        Raises NotFound, NotAllowed, WrongState.
        """
        async with self._uow(once=caller.once("reopen")) as tx:
            one = await asked(tx, caller, Action.REOPEN, which, closed_ok=True)
            incident = one.incident
            if incident.closed_at is None:
                raise WrongState(f"{incident.ref} is open. Its card shows what is due next.")
            await deadlines.end_all(tx, incident.subject, "reopened")
            await effects.cancel(tx, incident.subject, [ROOM_ARCHIVE])
            incident.status, incident.closed_at, incident.duplicate_of = Status.INVESTIGATING, None, None
            if incident.archived_at is not None:
                incident.archived_at = None
                await _archive_effect(tx, incident, back=True)
            await log.note(tx, incident, Entry.REOPENED, actor=caller.user_id)
            await duties.derive(tx, incident, one.server)
            await tx.emit(IncidentReopened(incident.id))
            await tell(tx, incident, "reopened", f"reopened:{tx.now.timestamp():.0f}")
            await refresh_card(tx, incident)
            await refresh_board(tx, incident)
            return await store.view(tx, incident)


async def resolve(tx: Tx, incident: Incident, server: ServerView, *, by: int, summary: str | None = None) -> None:
    """It works again: the log says how long it took, the review's clocks start, the lead is told what comes next.

    Source: guide, "Technical Outage › Resolution".
    """
    lasted = duration(incident.started_at, tx.now)
    await log.note(
        tx,
        incident,
        Entry.RESOLVED,
        actor=by,
        text=summary,
        params={"duration_min": round(lasted / timedelta(minutes=1))},
    )
    await _close(tx, incident, Status.RESOLVED)
    await duties.after_resolving(tx, incident, server)
    await tell(tx, incident, "resolved", f"resolved:{tx.now.timestamp():.0f}")
    if incident.lead_id is not None:
        await tell(tx, incident, "what_comes_next", f"next:{tx.now.timestamp():.0f}", user_id=incident.lead_id)


async def _close(tx: Tx, incident: Incident, status: Status) -> None:
    incident.status, incident.closed_at = status, tx.now
    await deadlines.end_all(tx, incident.subject, str(status))
    await effects.cancel(tx, incident.subject, [PAGE])
    if incident.channel_id is not None or await effects.unfinished(tx, incident.subject, "incident.room"):
        await deadlines.put(
            tx,
            ARCHIVE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            sequence=await next_sequence(tx, incident.subject, ARCHIVE),
            due_at=tx.now + ROOM_STAYS_OPEN,
            rule="the room stays writable for a day",
            reason="then it moves to the archive, read-only; nothing is deleted",
            practice=incident.practice,
        )
    await tx.emit(IncidentClosed(incident.id, status))
    await refresh_card(tx, incident)
    await refresh_brief(tx, incident)
    await refresh_board(tx, incident)


async def on_archive(tx: Tx, due: DueView) -> None:
    """A day has passed since it was closed: the room moves to the archive."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    if incident.closed_at is None or incident.archived_at is not None:
        return
    incident.archived_at = tx.now
    await log.note(tx, incident, Entry.ARCHIVED)
    await _archive_effect(tx, incident, back=False)


async def _archive_effect(tx: Tx, incident: Incident, *, back: bool) -> None:
    await record(
        tx,
        ROOM_ARCHIVE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"archive:{incident.id}:{tx.now.timestamp():.3f}",
        payload={"incident": incident.id, "back": back},
        lane=f"archive:{incident.guild_id}",
    )
