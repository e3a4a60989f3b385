"""The outbox as operators look at it: how much waits and since when, and what waits or failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, type_coerce

from bot.effects.models import Effect, State
from bot.effects.store import UNFINISHED, free
from bot.storage import Tx


@dataclass(frozen=True)
class Depths:
    """How many effects stand where. `ready`: could begin now; `waiting`: for another one, or for their next try.

    `waits_since`: of those whose time has come and that have not ended, when the oldest could first be done.
    """

    ready: int
    waiting: int
    running: int
    failed: int
    waits_since: datetime | None


def first_due() -> ColumnElement[datetime]:
    """When an effect could first be done: one that was tried is postponed since, so its recording counts."""
    return case((Effect.attempts > 0, Effect.created_at), else_=Effect.not_before)


def came_due(now: datetime) -> ColumnElement[bool]:
    """It has not ended, and it is not one that was recorded for later."""
    return and_(Effect.state.in_(UNFINISHED), or_(Effect.attempts > 0, Effect.not_before <= now))


async def depths(tx: Tx) -> Depths:
    """Of all servers."""

    def count(*conditions: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(Effect).where(*conditions).scalar_subquery()

    pending = Effect.state == State.PENDING
    found = (
        await tx.session.execute(
            select(
                count(pending, Effect.not_before <= tx.now, free()),
                count(pending),
                count(Effect.state == State.RUNNING),
                count(Effect.state == State.FAILED),
            )
        )
    ).one()
    since = await tx.session.scalar(
        select(type_coerce(func.min(first_due()), Effect.created_at.type)).where(came_due(tx.now))
    )
    ready, all_pending, running, failed = found
    return Depths(ready, all_pending - ready, running, failed, since)


@dataclass(frozen=True)
class EffectView:
    """An effect that has not ended, or failed. Instants are aware UTC.

    `since`: when it could first be done. `next_at`: of one that waits for its next try; of one under way, when its
    lease runs out. `needs_another`: it waits for another effect.
    """

    id: int
    kind: str
    subject: str
    state: str
    since: datetime
    attempts: int
    last_error: str | None
    next_at: datetime | None
    needs_another: bool
    ended_at: datetime | None


async def waiting(tx: Tx, *, limit: int) -> Sequence[EffectView]:
    """What is not done although its time has come, the oldest first."""
    return await _views(tx, limit, came_due(tx.now), order=(first_due(), Effect.id))


async def failed(tx: Tx, *, since: datetime, limit: int) -> Sequence[EffectView]:
    """What ended undone since this instant, the newest first."""
    return await _views(
        tx, limit, Effect.state == State.FAILED, Effect.ended_at >= since, order=(Effect.ended_at.desc(), Effect.id)
    )


async def _views(tx: Tx, limit: int, *conditions: ColumnElement[bool], order: Sequence[Any]) -> Sequence[EffectView]:
    query = select(Effect, free()).where(*conditions).order_by(*order).limit(limit)
    return [_view(effect, is_free) for effect, is_free in (await tx.session.execute(query)).all()]


def _view(effect: Effect, is_free: bool) -> EffectView:
    return EffectView(
        id=effect.id,
        kind=effect.kind,
        subject=effect.subject,
        state=effect.state,
        since=effect.created_at if effect.attempts else effect.not_before,
        attempts=effect.attempts,
        last_error=effect.last_error,
        next_at=effect.lease_until if effect.state == State.RUNNING else effect.not_before,
        needs_another=effect.state == State.PENDING and not is_free,
        ended_at=effect.ended_at,
    )
