"""Queries on the outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, type_coerce, update
from sqlalchemy.orm import aliased

from bot.effects.models import Effect, EffectNeed, State
from bot.kernel import ids
from bot.kernel.request import request_id
from bot.storage import Tx

UNFINISHED = (State.PENDING, State.RUNNING)


async def record(
    tx: Tx,
    kind: str,
    *,
    guild_id: int,
    subject: str,
    key: str,
    payload: dict[str, Any] | None = None,
    needs: Iterable[int | None] = (),
    lane: str | None = None,
    not_before: datetime | None = None,
    latest_wins: bool = False,
) -> int:
    """Add an effect to this transaction and return its id; the same `key` again returns the one that exists.

    `needs`: ids of effects that must have ended first. `lane`: effects of one lane run one after the other.
    `latest_wins`: `key` names a thing that is rendered when its turn comes, so one waiting effect is enough; a new
    one is added only when the last has begun.
    """
    tx.wake("effects")
    if latest_wins:
        waiting = await tx.session.scalar(
            select(Effect.id).where(Effect.lane == (lane or key), Effect.kind == kind, Effect.state == State.PENDING)
        )
        if waiting is not None:
            return waiting
        lane = lane or key
        key = f"{key}:{ids.mark()}"
    else:
        same = await tx.session.scalar(select(Effect.id).where(Effect.key == key))
        if same is not None:
            return same
    effect = Effect(
        guild_id=guild_id,
        subject=subject,
        kind=kind,
        lane=lane,
        key=key,
        mark=ids.mark(),
        payload=payload or {},
        request=request_id(),
        created_at=tx.now,
        not_before=not_before or tx.now,
    )
    tx.session.add(effect)
    await tx.session.flush()
    wanted = {need for need in needs if need is not None}
    tx.session.add_all(EffectNeed(effect_id=effect.id, needs_id=need) for need in sorted(wanted))
    return effect.id


def _free() -> ColumnElement[bool]:
    """Nothing that it needs, and nothing ahead of it in its lane, is unfinished."""
    needed, ahead = aliased(Effect), aliased(Effect)
    blocked = exists().where(
        EffectNeed.effect_id == Effect.id, needed.id == EffectNeed.needs_id, needed.state.in_(UNFINISHED)
    )
    behind = exists().where(ahead.lane == Effect.lane, ahead.id < Effect.id, ahead.state.in_(UNFINISHED))
    return and_(~blocked, or_(Effect.lane.is_(None), ~behind))


async def claim(
    tx: Tx,
    *,
    limit: int,
    lease: timedelta,
    token: str,
    first: Collection[str] = (),
    kinds: Collection[str] | None = None,
) -> Sequence[Effect]:
    """Take up to `limit` effects that are ready now; a lease that ran out counts as ready.

    `first`: kinds that go before all others. `kinds`: only these.
    """
    ready = or_(
        Effect.state == State.PENDING,
        (Effect.state == State.RUNNING) & (Effect.lease_until <= tx.now),
    )
    query = (
        select(Effect)
        .where(ready, Effect.not_before <= tx.now, _free(), _of(kinds))
        .order_by(case((Effect.kind.in_(list(first)), 0), else_=1), Effect.not_before, Effect.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Effect)
    )
    effects = (await tx.session.scalars(query)).all()
    for effect in effects:
        effect.state = State.RUNNING
        effect.lease_token = token
        effect.lease_until = tx.now + lease
        effect.attempts += 1
    return effects


async def hold(tx: Tx, effect_id: int, token: str) -> Effect | None:
    """The effect, if `token` still holds its lease; a result written under an old lease is refused by None."""
    effect = await tx.session.get(Effect, effect_id, with_for_update=True)
    return effect if effect and effect.state == State.RUNNING and effect.lease_token == token else None


async def take_back(tx: Tx) -> int:
    """Release every lease: only for a process that knows it is alone. Returns how many."""
    result = await tx.session.execute(
        update(Effect)
        .where(Effect.state == State.RUNNING)
        .values(state=State.PENDING, lease_token=None, lease_until=None, not_before=tx.now)
        .returning(Effect.id)
    )
    return len(result.all())


def _of(kinds: Collection[str] | None) -> ColumnElement[bool]:
    return true() if kinds is None else Effect.kind.in_(list(kinds))


async def next_ready(tx: Tx, kinds: Collection[str] | None = None) -> datetime | None:
    """When the next effect that nothing blocks can run: the earliest `not_before`, or the end of a lease.

    `kinds`: of these only.
    """
    pending = await tx.session.scalar(
        select(func.min(Effect.not_before)).where(Effect.state == State.PENDING, _free(), _of(kinds))
    )
    leased = await tx.session.scalar(
        select(func.min(Effect.lease_until)).where(Effect.state == State.RUNNING, _of(kinds))
    )
    return min((at for at in (pending, leased) if at is not None), default=None)


async def cancel(tx: Tx, subject: str, kinds: Iterable[str]) -> None:
    """Drop what waits for `subject`: it was overtaken."""
    await tx.session.execute(
        update(Effect)
        .where(Effect.subject == subject, Effect.kind.in_(list(kinds)), Effect.state == State.PENDING)
        .values(state=State.DROPPED, ended_at=tx.now, last_error="overtaken")
    )


async def drop_of_server(tx: Tx, guild_id: int) -> None:
    """The bot is not in the server any more: what waits for it cannot be done."""
    await tx.session.execute(
        update(Effect)
        .where(Effect.guild_id == guild_id, Effect.state == State.PENDING)
        .values(state=State.DROPPED, ended_at=tx.now, last_error="the bot was removed from the server")
    )


async def unfinished(tx: Tx, subject: str, kind: str) -> int | None:
    """The id of an effect of this kind that has not ended, if any."""
    return await tx.session.scalar(
        select(Effect.id).where(Effect.subject == subject, Effect.kind == kind, Effect.state.in_(UNFINISHED)).limit(1)
    )


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
                count(pending, Effect.not_before <= tx.now, _free()),
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
