"""Queries on what is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from bot.deadlines.models import Deadline, DeadlineState
from bot.storage import Tx


@dataclass(frozen=True)
class DueView:
    """A deadline as people see it: `due_at` aware UTC; `reason` says which rule asks and which it beat."""

    id: int
    guild_id: int
    subject: str
    kind: str
    sequence: int
    due_at: datetime
    owner: str | None
    rule: str
    reason: str
    params: dict[str, Any]
    practice: bool
    attempts: int = 0
    overdue: bool = False


def view(row: Deadline) -> DueView:
    """The row, detached from its session."""
    return DueView(
        id=row.id,
        guild_id=row.guild_id,
        subject=row.subject,
        kind=row.kind,
        sequence=row.sequence,
        due_at=row.due_at,
        owner=row.owner,
        rule=row.rule,
        reason=row.reason,
        params=dict(row.params),
        practice=row.practice,
        attempts=row.attempts,
        overdue=row.state == DeadlineState.FIRED,
    )


async def put(
    tx: Tx,
    kind: str,
    *,
    guild_id: int,
    subject: str,
    due_at: datetime,
    rule: str,
    reason: str,
    sequence: int = 0,
    owner: str | None = None,
    params: dict[str, Any] | None = None,
    promised_at: datetime | None = None,
    practice: bool = False,
    shown: bool = True,
    until_met: bool = False,
) -> Deadline:
    """Make something due, or move what is due under the same (subject, kind, sequence).

    `until_met`: what is asked for stays owed after its time, as overdue, until it is met or ended. `shown`: whether
    people read it in "what is due next"; internal steps (a reminder's rung) are not.
    """
    row = await tx.session.scalar(
        select(Deadline).where(Deadline.subject == subject, Deadline.kind == kind, Deadline.sequence == sequence)
    )
    if row is None:
        row = Deadline(guild_id=guild_id, subject=subject, kind=kind, sequence=sequence)
        tx.session.add(row)
    row.due_at, row.rule, row.reason, row.owner = due_at, rule[:120], reason[:300], owner
    row.params, row.promised_at, row.practice, row.shown = params or {}, promised_at, practice, shown
    row.until_met = until_met
    row.state, row.met_at, row.ended_why = DeadlineState.OPEN, None, None
    row.lease_until = row.lease_token = None
    row.attempts = 0
    await tx.session.flush()
    tx.wake("deadlines")
    return row


async def next_sequence(tx: Tx, subject: str, kind: str) -> int:
    """The next free sequence number of this kind for this subject, counted from 0."""
    highest = await tx.session.scalar(
        select(func.max(Deadline.sequence)).where(Deadline.subject == subject, Deadline.kind == kind)
    )
    return 0 if highest is None else highest + 1


async def open_rows(tx: Tx, subject: str, kinds: Iterable[str] | None = None) -> Sequence[Deadline]:
    """The open rows of a subject, earliest first."""
    query = select(Deadline).where(Deadline.subject == subject, Deadline.state == DeadlineState.OPEN)
    if kinds is not None:
        query = query.where(Deadline.kind.in_(list(kinds)))
    return (await tx.session.scalars(query.order_by(Deadline.due_at, Deadline.id))).all()


async def owed_rows(tx: Tx, subject: str, kinds: Iterable[str]) -> Sequence[Deadline]:
    """The rows of these kinds that are still owed, earliest first: those to come, and those whose time has passed."""
    query = select(Deadline).where(
        Deadline.subject == subject,
        Deadline.kind.in_(list(kinds)),
        Deadline.state.in_((DeadlineState.OPEN, DeadlineState.FIRED)),
    )
    return (await tx.session.scalars(query.order_by(Deadline.due_at, Deadline.id))).all()


async def met_kinds(tx: Tx, subject: str) -> frozenset[str]:
    """The kinds of which this subject owes nothing any more, since what they asked for has happened."""
    rows = await tx.session.scalars(
        select(Deadline.kind).where(Deadline.subject == subject, Deadline.state == DeadlineState.MET)
    )
    return frozenset(rows)


async def meet(tx: Tx, subject: str, kinds: Iterable[str]) -> list[DueView]:
    """What these kinds asked for has happened now. Returns what was met (open, or fired and still owed)."""
    query = select(Deadline).where(
        Deadline.subject == subject,
        Deadline.kind.in_(list(kinds)),
        or_(Deadline.state == DeadlineState.OPEN, Deadline.state == DeadlineState.FIRED),
    )
    met = []
    for row in (await tx.session.scalars(query)).all():
        row.state, row.met_at = DeadlineState.MET, tx.now
        met.append(view(row))
    return met


async def end(tx: Tx, subject: str, kinds: Iterable[str], why: str) -> None:
    """These kinds are no longer owed."""
    await tx.session.execute(
        update(Deadline)
        .where(
            Deadline.subject == subject,
            Deadline.kind.in_(list(kinds)),
            Deadline.state.in_((DeadlineState.OPEN, DeadlineState.FIRED)),
        )
        .values(state=DeadlineState.ENDED, ended_why=why)
    )


async def end_all(tx: Tx, subject: str, why: str) -> None:
    """Nothing of this subject is owed any more."""
    await tx.session.execute(
        update(Deadline)
        .where(Deadline.subject == subject, Deadline.state.in_((DeadlineState.OPEN, DeadlineState.FIRED)))
        .values(state=DeadlineState.ENDED, ended_why=why)
    )


async def pause(tx: Tx, guild_id: int) -> None:
    """The bot is not in the server any more: nothing of it fires until `resume`."""
    await _move(tx, guild_id, DeadlineState.OPEN, DeadlineState.PAUSED)


async def resume(tx: Tx, guild_id: int) -> None:
    """The bot is back: what is still owed is due again; what came due meanwhile fires now, once, and says how late."""
    await _move(tx, guild_id, DeadlineState.PAUSED, DeadlineState.OPEN)
    tx.wake("deadlines")


async def _move(tx: Tx, guild_id: int, before: DeadlineState, after: DeadlineState) -> None:
    await tx.session.execute(
        update(Deadline)
        .where(Deadline.guild_id == guild_id, Deadline.state == before)
        .values(state=after, lease_until=None, lease_token=None)
    )


async def upcoming(
    tx: Tx,
    *,
    guild_id: int | None = None,
    subject: str | None = None,
    limit: int = 20,
    besides: Collection[str] | Select[Any] = (),
) -> list[DueView]:
    """What is owed and shown, earliest first, so what is overdue leads; of one server or one subject.

    `besides`: subjects that are left out.
    """
    found: list[Deadline] = []
    to_come = Deadline.state == DeadlineState.OPEN
    overdue = and_(Deadline.state == DeadlineState.FIRED, Deadline.until_met.is_(True))
    # What has fired and is over grows with the years, and an index must be able to pass it by: so a subject, which has
    # a few rows, is sorted here, and else it is one question each.
    for owed in (to_come, overdue) if subject is None else (or_(to_come, overdue),):
        query = select(Deadline).where(owed, Deadline.shown.is_(True))
        if guild_id is not None:
            query = query.where(Deadline.guild_id == guild_id)
        if isinstance(besides, Select) or besides:
            query = query.where(Deadline.subject.not_in(besides))
        if subject is None:
            query = query.order_by(Deadline.due_at, Deadline.id).limit(limit)
        else:
            either = Deadline.state.in_((DeadlineState.OPEN, DeadlineState.FIRED))
            query = query.where(Deadline.subject == subject, either)
        found += await tx.session.scalars(query)
    found.sort(key=lambda row: (row.due_at, row.id))
    return [view(row) for row in found[:limit]]


@dataclass(frozen=True)
class DueDepths:
    """How many deadlines are open, and how many are owed although their time has passed.

    `unfired_since`: of those whose instant came and that have not fired yet, the earliest instant.
    """

    open: int
    overdue: int
    unfired_since: datetime | None


async def depths(tx: Tx, *, besides: Select[Any]) -> DueDepths:
    """Of all servers. `besides`: gives the subjects that are not counted; one that did not fire is looked at always."""

    def count(*conditions: ColumnElement[bool]) -> Any:
        counted = select(func.count()).select_from(Deadline).where(*conditions, Deadline.subject.not_in(besides))
        return counted.scalar_subquery()

    is_open = Deadline.state == DeadlineState.OPEN
    owed = and_(Deadline.state == DeadlineState.FIRED, Deadline.until_met.is_(True))
    open_, overdue = (await tx.session.execute(select(count(is_open), count(owed)))).one()
    since = await tx.session.scalar(select(func.min(Deadline.due_at)).where(is_open, Deadline.due_at <= tx.now))
    return DueDepths(open_, overdue, since)


async def earliest(tx: Tx) -> datetime | None:
    """The instant of the next open deadline, or the end of a lease on one, whichever the scan must wake for."""
    at: datetime | None = await tx.session.scalar(
        select(func.min(Deadline.due_at)).where(
            Deadline.state == DeadlineState.OPEN, or_(Deadline.lease_until.is_(None), Deadline.lease_until <= tx.now)
        )
    )
    leased: datetime | None = await tx.session.scalar(
        select(func.min(Deadline.lease_until)).where(
            Deadline.state == DeadlineState.OPEN, Deadline.lease_until > tx.now
        )
    )
    return min((instant for instant in (at, leased) if instant is not None), default=None)


async def claim(tx: Tx, *, limit: int, lease: timedelta, token: str) -> list[DueView]:
    """Take up to `limit` deadlines that are due, earliest first."""
    query = (
        select(Deadline)
        .where(
            Deadline.state == DeadlineState.OPEN,
            Deadline.due_at <= tx.now,
            or_(Deadline.lease_until.is_(None), Deadline.lease_until <= tx.now),
        )
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await tx.session.scalars(query)).all()
    for row in rows:
        row.lease_until, row.lease_token = tx.now + lease, token
        row.attempts += 1
    return [view(row) for row in rows]


async def hold(tx: Tx, deadline_id: int, token: str) -> Deadline | None:
    """The row, if it is still open and `token` holds its lease."""
    row = await tx.session.get(Deadline, deadline_id, with_for_update=True)
    return row if row and row.state == DeadlineState.OPEN and row.lease_token == token else None


async def take_back(tx: Tx) -> None:
    """Release every lease: only for a process that knows it is alone."""
    await tx.session.execute(
        update(Deadline)
        .where(Deadline.state == DeadlineState.OPEN, Deadline.lease_until.is_not(None))
        .values(lease_until=None, lease_token=None)
    )
