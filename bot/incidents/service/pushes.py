"""One push per person (rule 9): what falls due to somebody within ten minutes from several incidents rings once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.deadlines.models import Deadline, DeadlineState
from bot.incidents.models import Incident, Push
from bot.oncall import store as oncall
from bot.policy.words import Target, Visibility
from bot.storage import Tx

TOGETHER = timedelta(minutes=10)
MOST_NAMED = 4
ASKS = "asks"
"""Of a deadline's parameters: whom it rings for when its time comes (values of `Target`); absent: for nobody."""


@dataclass(frozen=True)
class Ringing:
    """For whom a reminder rings, and the row ids of other incidents that it names for them."""

    users: tuple[int, ...]
    also: tuple[int, ...]


async def ring(tx: Tx, incident: Incident, users: Sequence[int]) -> Ringing:
    """Who of `users` is to be rung now for this incident; who was told of it just now, with another, is not.

    What falls due to them within ten minutes from other incidents is named with it. A private incident is neither named
    elsewhere nor kept from ringing (rule 4), and a practice stays by itself. Never for a page or its repeat.
    """
    ringing = [one for one in users if not await _told_just_now(tx, incident, one)]
    also: dict[int, None] = {}
    for user_id in ringing:
        others = [] if incident.practice else await _due_soon(tx, incident, user_id)
        also |= dict.fromkeys(one.id for one in others)
        tx.session.add(
            Push(
                guild_id=incident.guild_id,
                user_id=user_id,
                subject=incident.subject,
                named=[one.subject for one in others],
                at=tx.now,
            )
        )
    return Ringing(tuple(ringing), tuple(also)[:MOST_NAMED])


async def _told_just_now(tx: Tx, incident: Incident, user_id: int) -> bool:
    rows = await tx.session.scalars(
        select(Push).where(
            Push.guild_id == incident.guild_id,
            Push.user_id == user_id,
            Push.at > tx.now - TOGETHER - timedelta(seconds=1),
        )
    )
    return any(incident.subject in row.named for row in rows)


async def _due_soon(tx: Tx, incident: Incident, user_id: int) -> list[Incident]:
    """Other open incidents for which something rings for this person within ten minutes."""
    rows = await tx.session.scalars(
        select(Deadline).where(
            Deadline.guild_id == incident.guild_id,
            Deadline.state == DeadlineState.OPEN,
            Deadline.due_at <= tx.now + TOGETHER,
            Deadline.subject != incident.subject,
            Deadline.subject.startswith("incident:"),
        )
    )
    asks = {row.subject: set(row.params.get(ASKS, ())) for row in rows if row.params.get(ASKS)}
    if not asks:
        return []
    others = await tx.session.scalars(
        select(Incident)
        .where(
            Incident.id.in_([int(subject.partition(":")[2]) for subject in asks]),
            Incident.closed_at.is_(None),
            Incident.practice.is_(False),
            Incident.visibility != Visibility.PARTICIPANTS,
        )
        .order_by(Incident.id)
    )
    on_call = await oncall.is_on_call(tx, incident.guild_id, user_id, tx.now)
    return [
        one
        for one in others
        if (Target.LEAD in asks[one.subject] and one.lead_id == user_id)
        or (on_call and asks[one.subject] & {Target.PRIMARY, Target.SECONDARY})
    ][:MOST_NAMED]
