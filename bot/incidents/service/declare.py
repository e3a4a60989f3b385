"""Declare an incident: everything that must follow is recorded in the transaction that makes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.deadlines import store as deadlines
from bot.effects import record
from bot.effects import store as effects
from bot.incidents import log, rules, store
from bot.incidents.events import IncidentDeclared
from bot.incidents.models import Incident
from bot.incidents.rules import Entry, Place
from bot.incidents.service import duties, fair, paging
from bot.incidents.service.declaration import Declaration, check_lead, checked, may_declare, stamp, start_of
from bot.incidents.service.effects import PAGE, ROOM_CREATE, TELL, refresh_board, refresh_brief, refresh_card, room_need
from bot.incidents.store import IncidentView
from bot.kernel import ids
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, TooMany
from bot.policy.paging import plan
from bot.policy.permissions import STAFF
from bot.policy.words import DEFAULT_VISIBILITY, SPECIALISTS, Kind, Severity, Standing, Status, Target
from bot.servers import store as servers
from bot.servers import words
from bot.servers.models import Server
from bot.servers.store import ServerView
from bot.storage import Tx, UnitOfWork
from bot.storage.row_ids import counted_id, hidden_id

DRAFT = "declare"
ROOM_LOOK_S, ROOM_LOOKS = 0.4, 30
ROOM_LOOK_AT_MOST_S = 3.0
"""Looks come less often with time: about fifty seconds in all, so that a creation that had to be repeated is shown."""


@dataclass(frozen=True)
class Declared:
    """What came of it: the incident, whom it pages, and what the declarer should know."""

    incident: IncidentView
    paged: tuple[int, ...]
    is_set_up: bool
    acknowledged: bool
    next_due: tuple[deadlines.DueView, ...] = ()


@dataclass(frozen=True)
class Similar:
    """Open incidents that this person may see and that sound the same; what was typed is kept as a draft."""

    candidates: tuple[IncidentView, ...]


class DeclareService:
    """`/incident declare`, its modal, "Declare anyway", "Try a practice incident", and declaring a report."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def declare(self, caller: Caller, wanted: Declaration, *, anyway: bool = False) -> Declared | Similar:
        """Declare, or show what is open already and sounds the same.

        Raises BadInput and TooMany (what was typed is also there for the next `/incident declare`), NotAllowed.
        Source: guide, "Technical Outage › Initial Response".
        """
        try:
            async with self._uow(once=caller.once("declare")) as tx:
                return await declare(tx, caller, wanted, anyway=anyway)
        except (BadInput, TooMany):
            await self.keep_draft(caller, wanted)
            raise

    async def before_the_form(self, caller: Caller, wanted: Declaration) -> tuple[Declaration, Declaration | None]:
        """What can be said before anybody fills in the form: (`wanted` with its start read, what was left unfinished).

        The start becomes `<t:…>`, so that "20 min ago" means the same however long the form stays open. Raises
        BadInput for a start or a lead that cannot be, NotAllowed for who may not declare, TooMany.
        """
        async with self._uow.read() as tx:
            server, standings = await may_declare(tx, caller, wanted)
            # Its severity may become any in the form, so only what no severity would let through is refused here.
            await fair.declares(tx, server.guild_id, caller, standings, Severity.SEV0, practice=wanted.practice)
            started_at = await start_of(tx, server, caller, wanted)
            check_lead(wanted)
        return replace(wanted, started=stamp(started_at) if started_at else ""), await self.draft(caller)

    async def declare_draft(self, caller: Caller) -> Declared:
        """ "Declare anyway": what is kept as this person's draft, without the question for similar ones."""
        data = await self.draft(caller)
        if data is None:
            raise BadInput("There is nothing left to declare here. `/incident declare` starts a new one.")
        found = await self.declare(caller, data, anyway=True)
        assert isinstance(found, Declared)
        return found

    async def keep_draft(self, caller: Caller, wanted: Declaration) -> None:
        """Keep what was typed for the next `/incident declare`."""
        if caller.guild_id is None:
            return
        async with self._uow() as tx:
            await words.save_draft(
                tx,
                guild_id=caller.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject="new",
                data=wanted.draft(),
            )

    async def room_when_made(self, incident_id: int) -> IncidentView | None:
        """Wait a little for the room; the incident once it has one, None if that takes longer than people wait."""
        for look in range(ROOM_LOOKS):
            async with self._uow.read() as tx:
                row = await store.row(tx, incident_id)
                if row.channel_id is not None:
                    return await store.view(tx, row)
                if row.place != Place.CHANNEL:
                    return None
            await asyncio.sleep(min(ROOM_LOOK_S * 1.1**look, ROOM_LOOK_AT_MOST_S))
        return None

    async def draft(self, caller: Caller) -> Declaration | None:
        """What this person left unfinished here, if anything."""
        if caller.guild_id is None:
            return None
        async with self._uow.read() as tx:
            data = await words.draft(tx, guild_id=caller.guild_id, user_id=caller.user_id, purpose=DRAFT, subject="new")
        return Declaration.from_draft(data) if data else None


async def declare(tx: Tx, caller: Caller, wanted: Declaration, *, anyway: bool = False) -> Declared | Similar:
    """Declare within a transaction: see `DeclareService.declare`."""
    server, standings = await may_declare(tx, caller, wanted)
    wanted, started_at = await checked(tx, server, caller, wanted)
    # Locked before what is open is looked at: of two who declare the same at once, the second sees the first's.
    numbers = await servers.server(tx, server.guild_id)
    if not anyway and not wanted.practice and (found := await _similar(tx, server, caller, standings, wanted.title)):
        await words.save_draft(
            tx,
            guild_id=server.guild_id,
            user_id=caller.user_id,
            purpose=DRAFT,
            subject="new",
            data=wanted.draft(),
        )
        return Similar(found)
    await fair.declares(tx, server.guild_id, caller, standings, wanted.severity, practice=wanted.practice)
    await words.drop_draft(tx, guild_id=server.guild_id, user_id=caller.user_id, purpose=DRAFT, subject="new")
    incident = await _row(tx, caller, server, numbers, wanted, standings, started_at)
    return await _set_going(tx, caller, server, wanted, standings, incident)


async def _similar(
    tx: Tx, server: ServerView, caller: Caller, standings: frozenset[Standing], title: str
) -> tuple[IncidentView, ...]:
    key = rules.title_key(title)
    since = tx.now - rules.SIMILAR_WITHIN
    recent = await store.declared_since(tx, server.guild_id, caller.user_id, standings, since)
    return tuple([await store.view(tx, one) for one in recent if rules.similar(key, one.title_key)][:3])


async def _row(
    tx: Tx,
    caller: Caller,
    server: ServerView,
    numbers: Server,
    wanted: Declaration,
    standings: frozenset[Standing],
    started_at: datetime,
) -> Incident:
    if wanted.kind.private:
        ref = ids.private_reference()
    elif wanted.practice:
        ref = rules.reference(numbers.next_practice_number, practice=True)
        numbers.next_practice_number += 1
    else:
        ref = rules.reference(numbers.next_number, practice=False)
        numbers.next_number += 1
    lead = wanted.lead
    if lead is None and (standings & STAFF or not server.is_set_up or wanted.practice):
        lead = caller.user_id
    incident = Incident(
        id=hidden_id() if wanted.kind.private else await counted_id(tx, Incident),
        guild_id=server.guild_id,
        ref=ref,
        practice=wanted.practice,
        kind=wanted.kind,
        severity=wanted.severity,
        status=Status.INVESTIGATING,
        visibility=DEFAULT_VISIBILITY[wanted.kind],
        place=rules.place_for(wanted.severity, wanted.room or wanted.kind.private),
        title_key=rules.title_key(wanted.title),
        lead_id=lead,
        declared_by=caller.user_id,
        declared_in=caller.channel_id,
        declared_at=tx.now,
        started_at=started_at,
        raised_at=tx.now,
        danger=wanted.danger,
        policy_version=server.policy.version,
        settings_version=server.version,
    )
    tx.session.add(incident)
    await tx.session.flush()
    for field in ("title", "summary", "affected"):
        if text := str(getattr(wanted, field)).strip():
            await words.write(
                tx,
                text,
                guild_id=server.guild_id,
                subject=incident.subject,
                field=field,
                retention=rules.retention(wanted.kind, practice=wanted.practice),
            )
    return incident


async def _set_going(
    tx: Tx,
    caller: Caller,
    server: ServerView,
    wanted: Declaration,
    standings: frozenset[Standing],
    incident: Incident,
) -> Declared:
    works_on_it = incident.lead_id == caller.user_id
    await store.bring_in(tx, incident, caller.user_id, "lead" if works_on_it else "declarer", active=works_on_it)
    if incident.lead_id is not None and not works_on_it:
        await store.bring_in(tx, incident, incident.lead_id, "lead", active=False)
    await log.note(
        tx,
        incident,
        Entry.DECLARED,
        actor=caller.user_id,
        params={"severity": incident.severity, "kind": incident.kind, "started": incident.started_at.isoformat()},
    )
    room = None
    if incident.place == Place.CHANNEL:
        room = await record(
            tx,
            ROOM_CREATE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"room:{incident.id}",
            payload={"incident": incident.id},
        )
    owns = Target.OWNER in plan(wanted.kind, wanted.severity).first and SPECIALISTS[wanted.kind] in standings
    has_it = (owns or Standing.ON_CALL in standings) and not wanted.practice
    if has_it:
        incident.acknowledged_at, incident.acknowledged_by = tx.now, caller.user_id
        await log.note(tx, incident, Entry.ACKNOWLEDGED, actor=caller.user_id, params={"by_declaring": True})
    paged = await paging.begin(
        tx,
        incident,
        only=caller.user_id if wanted.practice else None,
        besides=caller.user_id if has_it else None,
    )
    if not wanted.practice:
        await _bring_in_the_team(tx, incident)
    if room is not None:
        # The page leaves before anything decorative; the card then says when it goes on.
        page = await effects.unfinished(tx, incident.subject, PAGE)
        card = await refresh_card(tx, incident, needs=(page,))
        await refresh_brief(tx, incident, needs=(card,))
    await refresh_board(tx, incident)
    if not server.is_set_up:
        await _ask_to_finish_the_setup(tx, incident, caller.owner_id or caller.user_id)
    await tx.emit(IncidentDeclared(incident.id, room))
    await duties.derive(tx, incident, server)
    due = await deadlines.upcoming(tx, subject=incident.subject, limit=3)
    return Declared(
        incident=await store.view(tx, incident),
        paged=tuple(user_id for user_id in paged if user_id != caller.user_id or wanted.practice),
        is_set_up=server.is_set_up,
        acknowledged=incident.acknowledged_at is not None,
        next_due=tuple(due),
    )


async def _ask_to_finish_the_setup(tx: Tx, incident: Incident, user_id: int) -> None:
    """Once a day, however many are declared."""
    await record(
        tx,
        TELL,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"finish_setup:{incident.guild_id}:{tx.now.date().isoformat()}",
        payload={"incident": incident.id, "what": "finish_setup", "user": user_id},
        needs=[await room_need(tx, incident)],
    )


async def _bring_in_the_team(tx: Tx, incident: Incident) -> None:
    """Besides whom it pages: both of the on-call and the specialists of its kind see the room, unpaged (design §5).

    A private incident opens to those whom it pages only.
    """
    kind = Kind(incident.kind)
    if kind.private:
        return
    targets = {Target.PRIMARY, Target.SECONDARY, Target.SPECIALISTS}
    found = await paging.people_for(tx, incident.guild_id, kind, targets, lead_id=incident.lead_id)
    for user_id, role in found.items():
        await store.bring_in(tx, incident, user_id, role)
