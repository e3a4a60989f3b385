"""Declare an incident: everything that must follow is recorded in the transaction that makes it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.deadlines import store as deadlines
from bot.effects import record
from bot.effects import store as effects
from bot.incidents import log, rules, store
from bot.incidents.events import IncidentDeclared
from bot.incidents.models import Incident
from bot.incidents.rules import Entry, Place
from bot.incidents.service import duties, paging
from bot.incidents.service.context import standings_in_server
from bot.incidents.service.effects import PAGE, ROOM_CREATE, refresh_board, refresh_brief, refresh_card, tell
from bot.incidents.store import IncidentView
from bot.kernel import ids
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed
from bot.kernel.limits import fit
from bot.kernel.text import plain
from bot.kernel.times import read_instant
from bot.policy.permissions import STAFF, permitted
from bot.policy.words import DEFAULT_VISIBILITY, Action, Kind, Severity, Standing, Status, Target
from bot.servers import store as servers
from bot.servers import words
from bot.servers.store import ServerView
from bot.storage import Tx, UnitOfWork

DRAFT = "declare"
ROOM_LOOK_S, ROOM_LOOKS = 0.4, 30
NO_TITLE = "Please give it a title of a few words, such as “API times out for everyone”."


@dataclass(frozen=True)
class Declaration:
    """What somebody typed. `started`: a time of day or "20 min ago"; `lead`: a user id; `room`: wanted for a SEV-3."""

    title: str = ""
    severity: Severity = Severity.SEV1
    kind: Kind = Kind.OUTAGE
    summary: str = ""
    affected: str = ""
    started: str = ""
    lead: int | None = None
    lead_is_bot: bool = False
    lead_left: bool = False
    room: bool = False
    practice: bool = False
    danger: str | None = None

    def draft(self) -> dict[str, Any]:
        """As kept in a draft."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "", False)}

    @staticmethod
    def from_draft(data: dict[str, Any]) -> Declaration:
        """From a draft."""
        known = {**data, "severity": Severity(data["severity"]), "kind": Kind(data["kind"])}
        return Declaration(**known)


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

        Raises BadInput (what was typed is also there for the next `/incident declare`), NotAllowed. Source: guide,
        "Technical Outage › Initial Response".
        """
        try:
            async with self._uow(once=caller.once("declare")) as tx:
                return await declare(tx, caller, wanted, anyway=anyway)
        except BadInput:
            await self.keep_draft(caller, wanted)
            raise

    async def before_the_form(self, caller: Caller, wanted: Declaration) -> tuple[Declaration, Declaration | None]:
        """What can be said before anybody fills in the form: (`wanted` with its start read, what was left unfinished).

        The start becomes `<t:…>`, so that "20 min ago" means the same however long the form stays open. Raises
        BadInput for a start or a lead that cannot be, NotAllowed for who may not declare.
        """
        async with self._uow.read() as tx:
            server, _ = await _may(tx, caller, wanted)
            started_at = await _start(tx, server, caller, wanted)
            _lead(wanted)
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
        for _ in range(ROOM_LOOKS):
            async with self._uow.read() as tx:
                row = await store.row(tx, incident_id)
                if row.channel_id is not None:
                    return await store.view(tx, row)
                if row.place != Place.CHANNEL:
                    return None
            await asyncio.sleep(ROOM_LOOK_S)
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
    server, standings = await _may(tx, caller, wanted)
    wanted, started_at = await _checked(tx, server, caller, wanted)
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
    await words.drop_draft(tx, guild_id=server.guild_id, user_id=caller.user_id, purpose=DRAFT, subject="new")
    incident = await _row(tx, caller, server, wanted, standings, started_at)
    return await _set_going(tx, caller, server, wanted, standings, incident)


def stamp(at: datetime) -> str:
    """An instant as a declaration carries it once it was read."""
    return f"<t:{int(at.timestamp())}>"


async def _may(tx: Tx, caller: Caller, wanted: Declaration) -> tuple[ServerView, frozenset[Standing]]:
    if caller.guild_id is None:
        raise BadInput("Please declare in the server that it is about.")
    server = await servers.settings(tx, caller.guild_id)
    standings = await standings_in_server(tx, server, caller)
    action = Action.PRACTISE if wanted.practice else Action.DECLARE
    if not permitted(action, standings, unset_server=not server.is_set_up):
        raise NotAllowed("Responders declare incidents here. `/incident report` tells them, privately and at once.")
    return server, standings


def _lead(wanted: Declaration) -> None:
    if wanted.lead_is_bot:
        raise BadInput("A bot cannot lead an incident. Please name a person, or leave the lead out.")
    if wanted.lead_left:
        raise BadInput(
            "That person is not in this server, so they cannot lead here. Please leave the lead out for now; it can be "
            "handed over at any time."
        )


async def _start(tx: Tx, server: ServerView, caller: Caller, wanted: Declaration) -> datetime | None:
    if not wanted.started.strip():
        return None
    zone = await servers.zone_of(tx, server, caller.user_id)
    return read_instant(wanted.started, now=tx.now, zone=zone, want="past")


async def _checked(tx: Tx, server: ServerView, caller: Caller, wanted: Declaration) -> tuple[Declaration, datetime]:
    title = plain(wanted.title)
    if sum(character.isalnum() for character in title) < 2:
        raise BadInput(NO_TITLE)
    _lead(wanted)
    started_at = await _start(tx, server, caller, wanted)
    if started_at is not None:
        wanted = replace(wanted, started=stamp(started_at))
    # What does not fit a title is not lost: it stands whole in the summary.
    if len(title) > rules.TITLE_MAX:
        rest = wanted.summary.strip()
        wanted = replace(wanted, summary=f"{title}\n{rest}".strip())
        title = fit(title, rules.TITLE_MAX)
    return replace(wanted, title=title), started_at or tx.now


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
    wanted: Declaration,
    standings: frozenset[Standing],
    started_at: datetime,
) -> Incident:
    row = await servers.server(tx, server.guild_id)
    if wanted.kind.private:
        ref = ids.private_reference()
    elif wanted.practice:
        ref = rules.reference(row.next_practice_number, practice=True)
        row.next_practice_number += 1
    else:
        ref = rules.reference(row.next_number, practice=False)
        row.next_number += 1
    lead = wanted.lead
    if lead is None and (standings & STAFF or not server.is_set_up or wanted.practice):
        lead = caller.user_id
    incident = Incident(
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
    has_it = Standing.ON_CALL in standings and not wanted.practice
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
        await tell(tx, incident, "finish_setup", "finish_setup", user_id=caller.owner_id or caller.user_id)
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
