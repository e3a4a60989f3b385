"""Queries on the outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, true, update
from sqlalchemy.orm import aliased

from bot.effects.models import Effect, EffectNeed, State
from bot.kernel import ids
from bot.kernel.request import request_id
from bot.storage import Tx

UNFINISHED = (State.PENDING, State.RUNNING)


@dataclass(frozen=True)
class Turns:
    """In which order effects go: kinds that are urgent before the rest, and within that the servers in turns.

    `classes`: kinds from the most urgent on; all others come after them. `per_server`: how many of one class and
    server may be under way at once, so that what hangs in one server, or floods it, leaves places to the others.
    `busy`: ((server, class), how many are under way here).
    """

    classes: Sequence[Collection[str]] = ()
    per_server: int = 1_000
    busy: Collection[tuple[tuple[int, int], int]] = ()

    def rank(self, kind: str) -> int:
        """The number of the class that a kind belongs to."""
        return next((number for number, one in enumerate(self.classes) if kind in one), len(self.classes))


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


def free() -> ColumnElement[bool]:
    """Nothing that it needs, and nothing ahead of it in its lane, is unfinished."""
    needed, ahead = aliased(Effect), aliased(Effect)
    blocked = exists().where(
        EffectNeed.effect_id == Effect.id, needed.id == EffectNeed.needs_id, needed.state.in_(UNFINISHED)
    )
    behind = exists().where(ahead.lane == Effect.lane, ahead.id < Effect.id, ahead.state.in_(UNFINISHED))
    return and_(~blocked, or_(Effect.lane.is_(None), ~behind))


def _ready(now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or under a lease that ran out; nothing holds it up."""
    waits = or_(Effect.state == State.PENDING, (Effect.state == State.RUNNING) & (Effect.lease_until <= now))
    return and_(waits, Effect.not_before <= now, free())


async def pick(tx: Tx, turns: Turns, *, limit: int, kinds: Collection[str] | None = None) -> Sequence[int]:
    """Ids of up to `limit` effects that are ready now, in the order in which they should go: see `Turns`.

    Reads only, so that looking through many holds no lock; `take` asks again. `kinds`: only these.
    """
    rank: ColumnElement[int] = literal(0)
    if turns.classes:
        urgent_kinds = ((Effect.kind.in_(sorted(one)), number) for number, one in enumerate(turns.classes))
        rank = case(*urgent_kinds, else_=len(turns.classes))
    busy: ColumnElement[int] = literal(0)
    if turns.busy:
        here = (((Effect.guild_id == guild_id) & (rank == which), count) for (guild_id, which), count in turns.busy)
        busy = case(*here, else_=0)
    place = func.row_number().over(partition_by=(Effect.guild_id, rank), order_by=(Effect.not_before, Effect.id))
    lined_up = (
        select(Effect.id, Effect.not_before, rank.label("rank"), (place + busy).label("turn"))
        .where(_ready(tx.now), _of(kinds))
        .subquery()
    )
    urgent = case((lined_up.c.rank < len(turns.classes), 0), else_=1)
    query = (
        select(lined_up.c.id)
        .where(lined_up.c.turn <= turns.per_server)
        .order_by(urgent, lined_up.c.turn, lined_up.c.rank, lined_up.c.not_before, lined_up.c.id)
        .limit(limit)
    )
    return (await tx.session.scalars(query)).all()


async def take(tx: Tx, picked: Sequence[int], *, limit: int, lease: timedelta, token: str) -> Sequence[Effect]:
    """Of these ids, in their order, up to `limit` that are still ready and that no other process is taking."""
    query = (
        select(Effect)
        .where(Effect.id.in_(picked), _ready(tx.now))
        .order_by(Effect.id)
        .with_for_update(skip_locked=True, of=Effect)
    )
    found = {effect.id: effect for effect in (await tx.session.scalars(query)).all()}
    effects = [found[one] for one in picked if one in found][:limit]
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


def under_way(effect: Effect, now: datetime) -> bool:
    """Whether somebody is at it now, under a lease that has not run out."""
    return effect.state == State.RUNNING and effect.lease_until is not None and effect.lease_until > now


def try_again(tx: Tx, effect: Effect) -> None:
    """Whatever became of it: it is ready now. One that is under way must be left alone."""
    effect.state, effect.not_before, effect.ended_at = State.PENDING, tx.now, None
    effect.lease_until = effect.lease_token = None
    tx.wake("effects")


def _of(kinds: Collection[str] | None) -> ColumnElement[bool]:
    return true() if kinds is None else Effect.kind.in_(list(kinds))


async def next_ready(tx: Tx, after: datetime, kinds: Collection[str] | None = None) -> datetime | None:
    """When, after `after`, the next effect that nothing blocks can run: its `not_before`, or the end of a lease.

    `kinds`: of these only.
    """
    pending = await tx.session.scalar(
        select(func.min(Effect.not_before)).where(
            Effect.state == State.PENDING, Effect.not_before > after, free(), _of(kinds)
        )
    )
    leased = await tx.session.scalar(
        select(func.min(Effect.lease_until)).where(
            Effect.state == State.RUNNING, Effect.lease_until > after, _of(kinds)
        )
    )
    return min((at for at in (pending, leased) if at is not None), default=None)


async def cancel(tx: Tx, subject: str, kinds: Iterable[str]) -> None:
    """Drop what waits for `subject`: it was overtaken."""
    await tx.session.execute(
        update(Effect)
        .where(Effect.subject == subject, Effect.kind.in_(list(kinds)), Effect.state == State.PENDING)
        .values(state=State.DROPPED, ended_at=tx.now, last_error="overtaken")
    )


async def hasten(tx: Tx, subject: str, kinds: Iterable[str]) -> None:
    """What waits for its next try is tried now."""
    waits = (Effect.subject == subject, Effect.kind.in_(list(kinds)), Effect.state == State.PENDING)
    await tx.session.execute(update(Effect).where(*waits, Effect.not_before > tx.now).values(not_before=tx.now))
    tx.wake("effects")


async def running(tx: Tx, subject: str, kinds: Iterable[str]) -> Sequence[Effect]:
    """Effects that somebody is at right now, whoever began first first."""
    query = select(Effect).where(
        Effect.subject == subject,
        Effect.kind.in_(list(kinds)),
        Effect.state == State.RUNNING,
        Effect.lease_until > tx.now,
    )
    return (await tx.session.scalars(query.order_by(Effect.lease_until, Effect.id))).all()


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
