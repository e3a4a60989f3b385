"""What stands in a store: open incidents, what is due, what is not done and why. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.deadlines import store as due
from bot.deadlines.store import DueView
from bot.effects import overview
from bot.effects.overview import EffectView
from bot.effects.runner import STUCK_AFTER
from bot.incidents import counts
from bot.incidents.cards.card import due_words
from bot.inspection.numbers import OTHER
from bot.storage import Tx, UnitOfWork
from bot.storage.lease import FileLease, in_use

SHOWN = 20
FAILED_WITHIN = timedelta(days=7)
LATE_AFTER = timedelta(minutes=1)
"""A deadline whose time came so long ago and that did not fire: no process works on the store, or none can."""


@dataclass(frozen=True)
class OpenIncident:
    """One that more than its participants may know of. `server`: Discord's id."""

    reference: str
    server: int
    kind: str
    severity: str
    status: str
    declared_at: datetime
    practice: bool


@dataclass(frozen=True)
class Due:
    """What is owed next, with the rule that asks."""

    due_at: datetime
    overdue: bool
    reference: str
    what: str
    reason: str


@dataclass(frozen=True)
class Undone:
    """An effect that waits, is under way or failed. `kind` is "other", without a reference, for all that is not of an
    incident that others may know of."""

    id: int
    kind: str
    reference: str
    state: str
    since: datetime
    attempts: int
    last_error: str | None
    next_at: datetime | None
    needs_another: bool


@dataclass(frozen=True)
class Status:
    """One look. `processes`: how many work on the store; `stuck`: something needs somebody, whom `stuck_why` tells."""

    at: datetime
    schema: str
    processes: int
    newest_backup: datetime | None
    incidents: Sequence[OpenIncident]
    due: Sequence[Due]
    waiting: Sequence[Undone]
    failed: Sequence[Undone]
    stuck_why: Sequence[str]

    @property
    def stuck(self) -> bool:
        """Whether something does not go on by itself as it should."""
        return bool(self.stuck_why)


async def status(uow: UnitOfWork, url: str, *, schema: str, newest_backup: datetime | None = None) -> Status:
    """Look once, in one transaction that only reads. Raises what the store raises."""
    async with uow.read() as tx:
        depths = await overview.depths(tx)
        fires = await due.depths(tx, besides=counts.of_private())
        owed = await due.upcoming(tx, limit=SHOWN, besides=counts.of_private())
        waiting, failed = await undone(tx)
        references = await counts.shown(tx, [one.subject for one in owed])
        return Status(
            at=tx.now,
            schema=schema,
            processes=await _processes(tx, url),
            newest_backup=newest_backup,
            incidents=await _incidents(tx),
            due=[_due(one, references) for one in owed],
            waiting=waiting,
            failed=failed,
            stuck_why=[
                *_late(tx.now, depths.waits_since, STUCK_AFTER, "the oldest effect that waits could be done"),
                *_late(tx.now, fires.unfired_since, LATE_AFTER, "a deadline was to fire"),
            ],
        )


async def undone(tx: Tx, *, limit: int = SHOWN) -> tuple[list[Undone], list[Undone]]:
    """What is not done although its time has come, the oldest first; and what failed lately, the newest first."""
    waiting = await overview.waiting(tx, limit=limit)
    failed = await overview.failed(tx, since=tx.now - FAILED_WITHIN, limit=limit)
    references = await counts.shown(tx, [one.subject for one in (*waiting, *failed)])
    return [_undone(one, references) for one in waiting], [_undone(one, references) for one in failed]


async def _incidents(tx: Tx) -> list[OpenIncident]:
    return [
        OpenIncident(one.ref, one.guild_id, one.kind, one.severity, one.status, one.declared_at, one.practice)
        for one in await counts.open_shown(tx, limit=SHOWN)
    ]


def _due(one: DueView, references: Mapping[str, str]) -> Due:
    return Due(one.due_at, one.overdue, references.get(one.subject, ""), due_words(one), one.reason)


def _undone(one: EffectView, references: Mapping[str, str]) -> Undone:
    return Undone(
        id=one.id,
        kind=one.kind if one.subject in references else OTHER,
        reference=references.get(one.subject, ""),
        state=one.state,
        since=one.since if one.ended_at is None else one.ended_at,
        attempts=one.attempts,
        last_error=one.last_error,
        next_at=one.next_at if one.ended_at is None else None,
        needs_another=one.needs_another,
    )


def _late(now: datetime, since: datetime | None, at_most: timedelta, what: str) -> list[str]:
    return [f"{what} {span(now - since)} ago"] if since is not None and now - since > at_most else []


async def _processes(tx: Tx, url: str) -> int:
    """By the lock on the file, or by the sessions that the processes keep on the server."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        file = Path(place.database or "")
        return int(FileLease(file).path.exists() and in_use(file))
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vigil' AND datname = current_database()"
    return int(await tx.session.scalar(text(query)) or 0)


def span(length: timedelta) -> str:
    """About how long, in the two largest units: "40 s", "12 min", "3 h 5 min", "2 d 4 h"."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    parts = ((hours, "h"), (minutes % 60, "min")) if hours < 24 else ((days, "d"), (hours % 24, "h"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
