"""Queries on incidents. What somebody may see is decided in one place: `visible_to`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, false, or_, select

from bot.incidents.models import Incident, Page, Participant, Tick
from bot.incidents.rules import Place
from bot.kernel.errors import NotFound
from bot.policy.permissions import may_see
from bot.policy.words import Kind, Severity, Standing, Status, Visibility
from bot.servers import words
from bot.storage import Tx

CLOSED_LATELY = 300
NO_SUCH = "There is no open or past incident by that name that you can see. `/incident list` shows those that you can."
NOT_HERE = "This is not an incident’s room. Please choose the incident, or ask again in its room."


@dataclass(frozen=True)
class ParticipantView:
    """Somebody in an incident. `active`: has acknowledged, joined, logged or leads."""

    user_id: int
    role: str
    active: bool
    tagged_out: bool = False


@dataclass(frozen=True)
class IncidentView:
    """An incident as services hand it out. Instants are aware UTC; words are as typed, so escape them when shown."""

    id: int
    guild_id: int
    ref: str
    practice: bool
    kind: Kind
    severity: Severity
    status: Status
    visibility: Visibility
    place: Place
    channel_id: int | None
    lead_id: int | None
    declared_by: int
    declared_in: int | None
    declared_at: datetime
    started_at: datetime
    raised_at: datetime
    acknowledged_by: int | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    danger: str | None
    settings_version: int
    texts: dict[str, str] = field(default_factory=dict)
    people: tuple[ParticipantView, ...] = ()

    @property
    def subject(self) -> str:
        """The name under which deadlines, effects and words belong to it."""
        return f"incident:{self.id}"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.texts.get("title", "(no title)")

    @property
    def private(self) -> bool:
        """Whether only its participants may know of it."""
        return self.visibility is Visibility.PARTICIPANTS

    @property
    def closed(self) -> bool:
        """Resolved or cancelled."""
        return self.status.closed

    @property
    def here(self) -> tuple[int, ...]:
        """User ids of those who work on it now."""
        return tuple(one.user_id for one in self.people if one.active and not one.tagged_out)


def visible_to(user_id: int, standings: Collection[Standing]) -> ColumnElement[bool]:
    """The one rule of what somebody may find, as a condition on `incident`: by standing, or as a participant of it."""
    open_to = [visibility for visibility in Visibility if may_see(visibility, standings)]
    by_standing = Incident.visibility.in_([str(one) for one in open_to]) if open_to else false()
    inside = exists().where(
        Participant.incident_id == Incident.id, Participant.user_id == user_id, Participant.left_at.is_(None)
    )
    return or_(by_standing, inside)


async def get(
    tx: Tx,
    user_id: int,
    standings: Collection[Standing],
    *,
    guild_id: int | None = None,
    incident_id: int | None = None,
    ref: str | None = None,
    channel_id: int | None = None,
    lock: bool = False,
) -> Incident:
    """One incident that this person may see, by id, by reference or by its room. Raises NotFound otherwise."""
    query = select(Incident).where(visible_to(user_id, standings))
    if guild_id is not None:
        query = query.where(Incident.guild_id == guild_id)
    if incident_id is not None:
        query = query.where(Incident.id == incident_id)
    elif ref is not None:
        query = query.where(Incident.ref == ref.strip().lower().lstrip("#"))
    else:
        query = query.where(Incident.channel_id == channel_id, Incident.channel_id.is_not(None))
    if lock:
        query = query.with_for_update(of=Incident)
    row = await tx.session.scalar(query.order_by(Incident.id.desc()).limit(1))
    if row is None:
        raise NotFound(NOT_HERE if incident_id is None and ref is None else NO_SUCH)
    return row


async def row(tx: Tx, incident_id: int, *, lock: bool = False) -> Incident:
    """The row without asking who looks: for deadlines, effects and listeners, which act for Vigil itself."""
    found = await tx.session.get(Incident, incident_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def participants(tx: Tx, incident_id: int) -> list[Participant]:
    """Everyone who is in, in the order in which they came."""
    rows = await tx.session.scalars(
        select(Participant)
        .where(Participant.incident_id == incident_id, Participant.left_at.is_(None))
        .order_by(Participant.id)
    )
    return list(rows.all())


async def participant(tx: Tx, incident_id: int, user_id: int) -> Participant | None:
    """This person's row in the incident, left or not."""
    found: Participant | None = await tx.session.scalar(
        select(Participant).where(Participant.incident_id == incident_id, Participant.user_id == user_id)
    )
    return found


async def bring_in(tx: Tx, incident: Incident, user_id: int, role: str, *, active: bool = False) -> bool:
    """Make somebody a participant (again); True if they were not one before. A lead's role is not lowered."""
    known = await participant(tx, incident.id, user_id)
    if known is None:
        tx.session.add(
            Participant(
                incident_id=incident.id,
                guild_id=incident.guild_id,
                user_id=user_id,
                role=role,
                active=active,
                joined_at=tx.now,
            )
        )
        await tx.session.flush()
        return True
    was_out = known.left_at is not None
    if was_out:
        known.left_at, known.joined_at = None, tx.now
    if active:
        known.active, known.tagged_out_at = True, None
    if role == "lead" or was_out:
        known.role = role
    return was_out


async def view(tx: Tx, incident: Incident) -> IncidentView:
    """The incident with its newest words and its people."""
    people = await participants(tx, incident.id)
    return IncidentView(
        id=incident.id,
        guild_id=incident.guild_id,
        ref=incident.ref,
        practice=incident.practice,
        kind=Kind(incident.kind),
        severity=Severity(incident.severity),
        status=Status(incident.status),
        visibility=Visibility(incident.visibility),
        place=Place(incident.place),
        channel_id=incident.channel_id,
        lead_id=incident.lead_id,
        declared_by=incident.declared_by,
        declared_in=incident.declared_in,
        declared_at=incident.declared_at,
        started_at=incident.started_at,
        raised_at=incident.raised_at,
        acknowledged_by=incident.acknowledged_by,
        acknowledged_at=incident.acknowledged_at,
        closed_at=incident.closed_at,
        archived_at=incident.archived_at,
        danger=incident.danger,
        settings_version=incident.settings_version,
        texts=await words.latest(tx, incident.subject),
        people=tuple(
            ParticipantView(one.user_id, one.role, one.active, one.tagged_out_at is not None) for one in people
        ),
    )


async def open_incidents(
    tx: Tx, guild_id: int, user_id: int, standings: Collection[Standing], *, limit: int = 25
) -> list[IncidentView]:
    """Open incidents of a server that this person may see, the newest first."""
    rows = await tx.session.scalars(
        select(Incident)
        .where(Incident.guild_id == guild_id, Incident.closed_at.is_(None), visible_to(user_id, standings))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    return [await view(tx, one) for one in rows.all()]


def closed_lately(guild_id: int) -> ColumnElement[bool]:
    """Among the CLOSED_LATELY incidents of the server that were closed last.

    Lists and pickers look through no more than these, so that nothing that people wait for grows with the years; an
    older one is still found by its reference.
    """
    newest = (
        select(Incident.id)
        .where(Incident.guild_id == guild_id, Incident.closed_at.is_not(None))
        .order_by(Incident.closed_at.desc(), Incident.id.desc())
        .limit(CLOSED_LATELY)
    )
    return Incident.id.in_(newest)


async def recent_closed(
    tx: Tx, guild_id: int, user_id: int, standings: Collection[Standing], *, limit: int = 10
) -> list[IncidentView]:
    """The incidents closed last that this person may see."""
    rows = await tx.session.scalars(
        select(Incident)
        .where(closed_lately(guild_id), visible_to(user_id, standings))
        .order_by(Incident.closed_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    return [await view(tx, one) for one in rows.all()]


async def declared_since(
    tx: Tx, guild_id: int, user_id: int, standings: Collection[Standing], since: datetime
) -> Sequence[Incident]:
    """Open incidents declared since an instant that this person may see."""
    rows = await tx.session.scalars(
        select(Incident)
        .where(
            Incident.guild_id == guild_id,
            Incident.closed_at.is_(None),
            Incident.declared_at >= since,
            visible_to(user_id, standings),
        )
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(20)
    )
    return rows.all()


async def pages(tx: Tx, incident_id: int) -> Sequence[Page]:
    """Everyone who was paged, in order."""
    return (
        await tx.session.scalars(select(Page).where(Page.incident_id == incident_id).order_by(Page.step, Page.id))
    ).all()


async def ticks(tx: Tx, incident_id: int, checklist: str) -> dict[str, int]:
    """Ticked items of a checklist, with who ticked them."""
    rows = await tx.session.execute(
        select(Tick.item, Tick.user_id).where(Tick.incident_id == incident_id, Tick.checklist == checklist)
    )
    found: dict[str, int] = {}
    for name, user_id in rows:
        found[name] = user_id
    return found


async def untick(tx: Tx, incident_id: int, checklist: str, item: str) -> None:
    """Take a tick back."""
    await tx.session.execute(
        delete(Tick).where(Tick.incident_id == incident_id, Tick.checklist == checklist, Tick.item == item)
    )


async def private_subjects(tx: Tx, guild_id: int | None = None) -> list[str]:
    """Subjects of private incidents, of one server or of all: what no shared list may show (design, rule 4)."""
    query = select(Incident.id).where(Incident.visibility == Visibility.PARTICIPANTS)
    if guild_id is not None:
        query = query.where(Incident.guild_id == guild_id)
    return [f"incident:{one}" for one in await tx.session.scalars(query)]


async def by_room(tx: Tx, guild_id: int, channel_id: int) -> Incident | None:
    """The incident whose room this is, whoever looks; for events of Discord."""
    found: Incident | None = await tx.session.scalar(
        select(Incident).where(Incident.guild_id == guild_id, Incident.channel_id == channel_id).limit(1)
    )
    return found
