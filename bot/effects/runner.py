"""Does what was recorded: claims, acts, writes down. No loop runs while there is nothing to do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from bot.effects import store
from bot.effects.handlers import Attempt, Handler, Refused, Retry
from bot.effects.models import Effect, State
from bot.kernel import ids
from bot.kernel.request import following
from bot.storage import Tx, UnitOfWork

log = structlog.get_logger(__name__)

CALL_LIMIT_S = 60.0
"""Outer limit of one attempt; above the 30 s that the library may sleep for a rate limit."""
LEASE = timedelta(seconds=90)
"""Above CALL_LIMIT_S, so that a living attempt is never taken over."""
AT_ONCE = 16
GIVE_UP_AFTER = 30
"""Attempts at an effect that fails by a fault of ours before it is shown as failed."""


def backoff(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th try: 1 s doubling to 2 min, with jitter so that many do not march."""
    return timedelta(seconds=min(120.0, 2.0 ** (attempts - 1)) * random.uniform(0.8, 1.2))


@dataclass
class Runner:
    """Runs ready effects. `sole`: this process is the only one, so leases found at the start are its own old ones."""

    uow: UnitOfWork
    handlers: Mapping[str, Handler]
    sole: bool = True
    _drain: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None
    _again: bool = False
    _stopped: bool = True
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Take back what an earlier life left half done, and go on with it."""
        self._stopped = False
        if self.sole:
            async with self.uow() as tx:
                await store.take_back(tx)
        self.kick()

    async def stop(self) -> None:
        """Let what is under way end within the call limit; what is not begun stays recorded."""
        self._stopped = True
        if self._timer:
            self._timer.cancel()
        tasks = [task for task in (self._drain, *self._running) if task and not task.done()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=8)
            for task in late:
                task.cancel()

    def kick(self) -> None:
        """Look for ready effects now. Safe to call at any time, cheap when nothing is ready."""
        if self._stopped:
            return
        if self._drain and not self._drain.done():
            self._again = True
            return
        self._drain = asyncio.get_running_loop().create_task(self._work(), name="effects")

    async def _work(self) -> None:
        while not self._stopped:
            self._again = False
            room = AT_ONCE - len(self._running)
            if room > 0:
                for attempt, token in await self._claim(room):
                    task = asyncio.get_running_loop().create_task(self._run(attempt, token), name=attempt.kind)
                    self._running.add(task)
                    task.add_done_callback(self._ended)
                    self._again = True
            if self._again and len(self._running) < AT_ONCE:
                continue
            self._again = False  # where all are busy, an ending one kicks again
            await self._arm()
            if not self._again:  # a kick that came while the timer was set must not be lost
                break

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        with suppress(asyncio.CancelledError):
            if error := task.exception():
                log.error("effect.task_failed", exc_info=error)
        self.kick()

    async def _claim(self, room: int) -> list[tuple[Attempt, str]]:
        token = ids.token()
        async with self.uow.read() as tx:
            ready_at = await store.next_ready(tx)
        if ready_at is None or ready_at > self.uow.clock.now():
            return []
        async with self.uow() as tx:
            claimed = await store.claim(tx, limit=room, lease=LEASE, token=token)
            return [(_attempt(effect), token) for effect in claimed]

    async def _arm(self) -> None:
        if self._stopped:
            return
        async with self.uow.read() as tx:
            at = await store.next_ready(tx)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if at is None or self._running:
            return
        delay = max((at - self.uow.clock.now()).total_seconds(), 0.05)
        self._timer = asyncio.get_running_loop().call_later(delay, self.kick)

    async def _run(self, attempt: Attempt, token: str) -> None:
        with following(attempt.request, effect=attempt.id):
            await self._attempt(attempt, token)

    async def _attempt(self, attempt: Attempt, token: str) -> None:
        handler = self.handlers[attempt.kind]
        plan: Any = None
        try:
            async with self.uow.read() as tx:
                plan = await handler.load(tx, attempt)
            if plan is None:
                await self._end(attempt, token, State.DROPPED)
                return
            async with asyncio.timeout(CALL_LIMIT_S):
                result = await handler.act(attempt, plan)
        except Refused as error:
            log.warning("effect.refused", effect=attempt.id, kind=attempt.kind, code=error.code, status=error.status)
            await self._refused(attempt, token, error)
        except (Retry, TimeoutError) as error:
            log.info("effect.retry", effect=attempt.id, kind=attempt.kind, attempts=attempt.attempts, why=str(error))
            await self._postpone(attempt, token, str(error) or "no answer in time", getattr(error, "after", None))
        except Exception as error:
            log.exception("effect.fault", effect=attempt.id, kind=attempt.kind)
            if attempt.attempts >= GIVE_UP_AFTER:
                await self._refused(attempt, token, Refused(0, type(error).__name__))
            else:
                await self._postpone(attempt, token, type(error).__name__, None)
        else:
            await self._done(handler, attempt, token, plan, result)

    async def _done(self, handler: Handler, attempt: Attempt, token: str, plan: Any, result: dict[str, Any]) -> None:
        async with self.uow() as tx:
            effect = await store.hold(tx, attempt.id, token)
            if effect is None:
                log.warning("effect.lease_lost", effect=attempt.id, kind=attempt.kind)
                return
            _finish(effect, State.DONE, tx)
            effect.result = result
            await handler.done(tx, attempt, plan, result)

    async def _refused(self, attempt: Attempt, token: str, error: Refused) -> None:
        async with self.uow() as tx:
            effect = await store.hold(tx, attempt.id, token)
            if effect is None:
                return
            _finish(effect, State.FAILED, tx)
            effect.last_error = str(error)
            await self.handlers[attempt.kind].refused(tx, attempt, error)

    async def _end(self, attempt: Attempt, token: str, state: State) -> None:
        async with self.uow() as tx:
            if effect := await store.hold(tx, attempt.id, token):
                _finish(effect, state, tx)

    async def _postpone(self, attempt: Attempt, token: str, why: str, after: timedelta | None) -> None:
        async with self.uow() as tx:
            if effect := await store.hold(tx, attempt.id, token):
                effect.state = State.PENDING
                effect.not_before = tx.now + max(after or timedelta(0), backoff(attempt.attempts))
                effect.lease_until = effect.lease_token = None
                effect.last_error = why[:300]


def _finish(effect: Effect, state: State, tx: Tx) -> None:
    effect.state = state
    effect.ended_at = tx.now
    effect.lease_until = effect.lease_token = None
    tx.wake("effects")


def _attempt(effect: Effect) -> Attempt:
    return Attempt(
        id=effect.id,
        guild_id=effect.guild_id,
        subject=effect.subject,
        kind=effect.kind,
        key=effect.key,
        mark=effect.mark,
        payload=dict(effect.payload),
        attempts=effect.attempts,
        created_at=effect.created_at,
        request=effect.request,
    )
