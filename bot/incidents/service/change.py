"""What changes about an incident while it goes on: severity, kind, status, impact, title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.effects import record
from bot.incidents import log, rules, store
from bot.incidents.events import SeverityChanged, StatusChanged
from bot.incidents.models import Incident
from bot.incidents.rules import Entry, Place, retention
from bot.incidents.service import duties, outside, paging
from bot.incidents.service.context import HERE, Asked, Which, asked
from bot.incidents.service.declaration import NO_TITLE, says_something
from bot.incidents.service.effects import ROOM_CREATE, ROOM_SEAL, refresh_board, refresh_brief, refresh_card
from bot.incidents.store import IncidentView
from bot.kernel import ids
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, WrongState
from bot.kernel.limits import fit
from bot.kernel.text import plain
from bot.policy.paging import plan
from bot.policy.words import Action, Kind, Severity, Status, Visibility, visibility_after
from bot.servers import words
from bot.storage import Tx, UnitOfWork

IMPACT_FIELDS = ("down", "who", "data", "cause")


@dataclass(frozen=True)
class Changed:
    """The incident after a change of severity or kind, what moved by it, and whom it paged."""

    incident: IncidentView
    before: tuple[Kind, Severity]
    moved: tuple[DueView, ...]
    paged: tuple[int, ...]


class ChangeService:
    """`/incident severity`, `kind`, `status`, `impact`, `title`."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def severity(self, caller: Caller, severity: Severity, reason: str, which: Which = HERE) -> Changed:
        """Change the severity; every clock is derived again and the answer says what moved.

        Raises BadInput without a reason, NotFound, NotAllowed, WrongState.
        """
        if not plain(reason).strip():
            raise BadInput("Please say in a few words why the severity changes; the log keeps it.")
        async with self._uow(once=caller.once("severity")) as tx:
            one = await asked(tx, caller, Action.CHANGE_SEVERITY, which)
            before = (Kind(one.incident.kind), Severity(one.incident.severity))
            if severity is before[1]:
                raise WrongState(f"It is {severity} already.")
            one.incident.severity = severity
            await log.note(
                tx,
                one.incident,
                Entry.SEVERITY,
                actor=caller.user_id,
                text=reason.strip(),
                params={"before": before[1], "after": severity},
            )
            return await self._derived(tx, one, before, caller)

    async def kind(self, caller: Caller, kind: Kind, which: Which = HERE) -> Changed:
        """Change the kind. Visibility only narrows by itself: going private makes a new room and reference.

        Raises NotFound, NotAllowed, WrongState.
        """
        async with self._uow(once=caller.once("kind")) as tx:
            one = await asked(tx, caller, Action.CHANGE_KIND, which)
            incident = one.incident
            before = (Kind(incident.kind), Severity(incident.severity))
            if kind is before[0]:
                raise WrongState(f"It is of the kind {kind} already.")
            was = Visibility(incident.visibility)
            incident.kind = kind
            incident.visibility = visibility_after(was, kind)
            narrowed = incident.visibility != was
            await log.note(tx, incident, Entry.KIND, actor=caller.user_id, params={"before": before[0], "after": kind})
            if narrowed and Visibility(incident.visibility) is Visibility.PARTICIPANTS:
                await _go_private(tx, incident)
            return await self._derived(tx, one, before, caller)

    async def _derived(self, tx: Tx, one: Asked, before: tuple[Kind, Severity], caller: Caller) -> Changed:
        incident = one.incident
        after = (Kind(incident.kind), Severity(incident.severity))
        raised = after[1].rank < before[1].rank
        if raised:
            incident.raised_at = tx.now
        stood = await _times(tx, incident)
        await duties.derive(tx, incident, one.server, changed=True)
        paged: list[int] = []
        if raised:
            await _room_if_owed(tx, incident)
            if not incident.practice:
                paged = await _page_the_wider(tx, incident, before, besides=caller.user_id)
        await tx.emit(SeverityChanged(incident.id, before, after, tx.now))
        moved = [row for row in await due_store.upcoming(tx, subject=incident.subject) if _at(row) not in stood]
        await refresh_card(tx, incident)
        await refresh_brief(tx, incident)
        await refresh_board(tx, incident)
        return Changed(await store.view(tx, incident), before, tuple(moved), tuple(paged))

    async def status(self, caller: Caller, status: Status, which: Which = HERE) -> IncidentView:
        """Set the working status; resolving and cancelling have their own commands.

        Raises BadInput, NotFound, NotAllowed, WrongState.
        """
        if status is Status.RESOLVED:
            raise BadInput("Use `/incident resolve`: it asks for the three checks and the final update.")
        if status is Status.CANCELLED:
            raise BadInput("Use `/incident cancel`, if it was a false alarm.")
        async with self._uow(once=caller.once("status")) as tx:
            one = await asked(tx, caller, Action.SET_STATUS, which)
            await set_status(tx, one.incident, status, by=caller.user_id)
            return await store.view(tx, one.incident)

    async def impact(self, caller: Caller, answers: dict[str, str], which: Which = HERE) -> IncidentView:
        """Keep what is down, who and how many are affected, whether data is at risk, and the suspected cause.

        Raises BadInput for nothing at all, NotFound, NotAllowed, WrongState. Source: guide, "Assess Impact".
        """
        given = {key: answers.get(key, "").strip() for key in IMPACT_FIELDS}
        if not any(given.values()):
            raise BadInput("Nothing was filled in. One line about what is down is a good start.")
        async with self._uow(once=caller.once("impact")) as tx:
            one = await asked(tx, caller, Action.SET_IMPACT, which)
            for key, text in given.items():
                if text:
                    await _keep(tx, one.incident, f"impact.{key}", text)
            await log.note(
                tx,
                one.incident,
                Entry.IMPACT,
                actor=caller.user_id,
                text="\n".join(f"{key}: {text}" for key, text in given.items() if text),
            )
            await refresh_card(tx, one.incident)
            return await store.view(tx, one.incident)

    async def title(self, caller: Caller, title: str, which: Which = HERE) -> IncidentView:
        """Call it something better. The room keeps its name. Raises BadInput, NotFound, NotAllowed, WrongState."""
        text = plain(title).strip()
        if not says_something(text):
            raise BadInput(NO_TITLE)
        async with self._uow(once=caller.once("title")) as tx:
            one = await asked(tx, caller, Action.SET_TITLE, which)
            short = fit(text, rules.TITLE_MAX)
            if short != text:
                # As when it is declared: what does not fit a title stands whole in the summary.
                known = await words.latest(tx, one.incident.subject, ["summary"])
                await _keep(tx, one.incident, "summary", f"{text}\n{known.get('summary', '')}".strip())
            await _keep(tx, one.incident, "title", short)
            one.incident.title_key = rules.title_key(text)
            await log.note(tx, one.incident, Entry.TITLE, actor=caller.user_id, text=short)
            await refresh_card(tx, one.incident)
            await refresh_board(tx, one.incident)
            return await store.view(tx, one.incident)


async def set_status(tx: Tx, incident: Incident, status: Status, *, by: int) -> bool:
    """Within a transaction; False where it stands so already. Raises WrongState for a move that is not allowed."""
    before = Status(incident.status)
    if before is status:
        return False
    if not before.may_become(status):
        raise WrongState(f"From {before} it cannot become {status}. `/incident reopen` takes it up again first.")
    incident.status = status
    await log.note(tx, incident, Entry.STATUS, actor=by, params={"before": before, "after": status})
    await tx.emit(StatusChanged(incident.id, before, status))
    await refresh_card(tx, incident)
    await refresh_board(tx, incident)
    return True


async def _keep(tx: Tx, incident: Incident, field: str, text: str) -> None:
    await words.write(
        tx,
        text,
        guild_id=incident.guild_id,
        subject=incident.subject,
        field=field,
        retention=retention(Kind(incident.kind), practice=incident.practice),
    )


async def _room_if_owed(tx: Tx, incident: Incident) -> None:
    """What was mild enough for a card alone gets its room when it is raised."""
    if incident.channel_id is None and rules.place_for(Severity(incident.severity), False) is Place.CHANNEL:
        incident.place = Place.CHANNEL
        await record(
            tx,
            ROOM_CREATE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"room:{incident.id}",
            payload={"incident": incident.id},
        )


async def _page_the_wider(tx: Tx, incident: Incident, before: tuple[Kind, Severity], *, besides: int) -> list[int]:
    """A raised severity calls those whom the new plan calls first and who were not called yet.

    What was given to somebody without a push was no call. Whoever was called is waited for no longer than the new plan
    says.
    """
    called = {besides, incident.acknowledged_by}
    if not plan(*before).silent:
        called |= {page.user_id for page in await store.pages(tx, incident.id)}
    await paging.hasten(tx, incident)
    wanted = plan(Kind(incident.kind), Severity(incident.severity))
    found = await paging.people_for(tx, incident.guild_id, Kind(incident.kind), wanted.first, lead_id=incident.lead_id)
    wider = {user_id: role for user_id, role in found.items() if user_id not in called}
    steps = [page.step for page in await store.pages(tx, incident.id)]
    return await paging.page_step(tx, incident, paging.RAISED + len(steps), wider)


async def _go_private(tx: Tx, incident: Incident) -> None:
    """A new room and a new reference that tell nothing; the old room is closed to all but its people at once."""
    old = incident.channel_id
    await outside.take_back(tx, incident)
    incident.ref = ids.private_reference()
    incident.channel_id = None
    incident.place = Place.CHANNEL
    if old is not None:
        await record(
            tx,
            ROOM_SEAL,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"seal:{incident.id}:{old}",
            payload={"incident": incident.id, "channel": old},
        )
    await record(
        tx,
        ROOM_CREATE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"room:{incident.id}:{incident.ref}",
        payload={"incident": incident.id},
    )


async def _times(tx: Tx, incident: Incident) -> set[tuple[str, datetime]]:
    """What is due when: before and after a change this tells what moved, whichever slice moved it."""
    return {_at(row) for row in await due_store.upcoming(tx, subject=incident.subject)}


def _at(row: DueView) -> tuple[str, datetime]:
    return row.kind, row.due_at
