"""What figures may tell of incidents, of all servers together: nothing that shows a private one (design, rule 4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, String, cast, func, literal, select

from bot.incidents.models import Incident
from bot.policy.words import Visibility
from bot.storage import Tx

AT_ONCE = 500


def of_private() -> Select[str]:
    """Subjects of private incidents of all servers, as a query to be used in another."""
    subject = literal("incident:").op("||", return_type=String())(cast(Incident.id, String))
    return select(subject).where(Incident.visibility == Visibility.PARTICIPANTS)


async def shown(tx: Tx, subjects: Collection[str]) -> dict[str, str]:
    """Of these subjects, those of incidents that more than their participants may know of, with their references."""
    numbers = {int(one.removeprefix("incident:")): one for one in subjects if one.removeprefix("incident:").isdecimal()}
    asked, found = sorted(numbers), {}
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        query = select(Incident.id, Incident.ref).where(
            Incident.id.in_(some), Incident.visibility != Visibility.PARTICIPANTS
        )
        found.update({numbers[row[0]]: row[1] for row in await tx.session.execute(query)})
    return found


async def open_shown(tx: Tx, *, limit: int) -> Sequence[Incident]:
    """Open incidents of all servers that more than their participants may know of, the newest first."""
    query = select(Incident).where(Incident.closed_at.is_(None), Incident.visibility != Visibility.PARTICIPANTS)
    rows = await tx.session.scalars(query.order_by(Incident.declared_at.desc(), Incident.id.desc()).limit(limit))
    return rows.all()


async def open_by_severity(tx: Tx) -> dict[str, int]:
    """How many incidents are open in all servers: without private and practice ones, which nobody else may count."""
    query = (
        select(Incident.severity, func.count())
        .where(
            Incident.closed_at.is_(None),
            Incident.visibility != Visibility.PARTICIPANTS,
            Incident.practice.is_(False),
        )
        .group_by(Incident.severity)
    )
    return {row[0]: row[1] for row in await tx.session.execute(query)}
