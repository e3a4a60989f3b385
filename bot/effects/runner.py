"""Does what was recorded: claims, acts, writes down. No loop runs while there is nothing to do."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError

from bot.effects import store
from bot.effects.handlers import Attempt, Handler, NotYet, Refused, Retry
from bot.effects.models import Effect, State
from bot.kernel import ids
from bot.kernel.errors import Overtaken, StoreTrouble
from bot.kernel.observer import NOBODY, Observer
from bot.kernel.outside import GIVEN_UP
from bot.kernel.request import following
from bot.storage import Tx, UnitOfWork

log = structlog.get_logger(__name__)

CALL_LIMIT_S = 60.0
"""Outer limit of one attempt; above the 30 s that the library may sleep for a rate limit."""
LEASE = timedelta(seconds=90)
"""Above CALL_LIMIT_S, so that a living attempt is never taken over."""
AT_ONCE = 32
KEPT_FREE = 8
"""Of these, places that only urgent effects take: whatever hangs, a page can leave."""
PER_SERVER = 8
"""Of one server and class at once: what hangs there, or floods it, leaves places to the others."""
GIVE_UP_AFTER = 30
"""Attempts at an effect that fails by a fault of ours before it is shown as failed."""
STUCK_AFTER = timedelta(minutes=5)
"""How long an effect may be tried again and again before people are told (rule 7)."""
STOP_WITHIN_S, CANCEL_S = 5.0, 1.0
"""How long what is under way may take to end when the process stops; of that, the time left to one that is cut off."""
TRIES_TO_WRITE = 6
HOLD_S = 1.0
"""Between two tries to write down what was done, on a store that cannot be written."""
PAUSE_S = 5.0
"""After a fault of the store: how long until the next look."""

OnStuck = Callable[[Tx, Attempt], Awaitable[None]]
"""Tells people of an effect that cannot be done for long, once; it is tried further."""


async def _untold(_tx: Tx, _attempt: Attempt) -> None:
    """For tests of the runner alone."""


AT_MOST_S, URGENT_WITHIN_S = 120.0, 20.0
"""How far apart tries get at most; a page should not wait for minutes once Discord is back."""


def backoff(attempts: int, *, at_most_s: float = AT_MOST_S) -> timedelta:
    """How long to wait after the `attempts`-th try: 1 s, doubling, with jitter so that many do not march."""
    return timedelta(seconds=min(at_most_s, 2.0 ** min(attempts - 1, 20)) * random.uniform(0.8, 1.2))


@dataclass
class Runner:
    """Runs ready effects. `urgent`: classes of kinds, the most urgent first; they go before all other kinds, and
    places are kept free for them. Servers take turns."""

    uow: UnitOfWork
    handlers: Mapping[str, Handler]
    urgent: Sequence[frozenset[str]] = ()
    on_stuck: OnStuck = _untold
    observer: Observer = NOBODY
    _drain: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None
    _again: bool = False
    _stopped: bool = True
    _running: dict[asyncio.Task[None], tuple[int, int]] = field(default_factory=dict)

    async def take_back(self) -> None:
        """Release every lease: only for a process that knows it is alone, so that they are its own old ones."""
        async with self.uow() as tx:
            await store.take_back(tx)

    async def start(self) -> None:
        """Go on with what waits."""
        self._stopped, self._drain = False, None  # one that was cut off and still ends would take no kick
        self.kick()

    async def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Let what is under way end, for `within_s` seconds; then cut it off. The next start goes on with it.

        What is not begun stays recorded.
        """
        self._stopped = True
        if self._timer:
            self._timer.cancel()
        tasks = {task for task in (self._drain, *self._running) if task and not task.done()}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=max(within_s - CANCEL_S, 0))
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=min(CANCEL_S, within_s))

    def kick(self) -> None:
        """Look for ready effects now. Safe to call at any time, cheap when nothing is ready."""
        if self._stopped:
            return
        if self._drain and not self._drain.done():
            self._again = True
            return
        self._drain = asyncio.get_running_loop().create_task(self._work(), name="effects")

    async def _work(self) -> None:
        try:
            while not self._stopped:
                self._again = False
                looked_at = self.uow.clock.now()
                for attempt, token in await self._claim():
                    task = asyncio.get_running_loop().create_task(self._run(attempt, token), name=attempt.kind)
                    self._running[task] = (attempt.guild_id, self._turns.rank(attempt.kind))
                    task.add_done_callback(self._ended)
                    self._again = True
                if self._again:
                    continue
                await self._arm(looked_at)
                if not self._again:  # a kick that came while the timer was set must not be lost
                    break
        except StoreTrouble:  # which is logged once, where it begins
            self._wake_in(PAUSE_S)
        except Exception:
            log.exception("effects.not_looked")
            self._wake_in(PAUSE_S)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        with suppress(asyncio.CancelledError):
            if error := task.exception():
                log.error("effect.task_failed", exc_info=error)
        self.kick()

    @property
    def _turns(self) -> store.Turns:
        return store.Turns(self.urgent, PER_SERVER, tuple(Counter(self._running.values()).items()))

    def _room(self) -> tuple[int, frozenset[str] | None]:
        """How many effects may begin now, and of which kinds (None: all)."""
        free = AT_ONCE - len(self._running)
        usual = AT_ONCE - KEPT_FREE - sum(rank == len(self.urgent) for _, rank in self._running.values())
        if usual > 0:
            return min(free, usual), None
        return free if self.urgent else 0, frozenset().union(*self.urgent)

    async def _claim(self) -> list[tuple[Attempt, str]]:
        room, kinds = self._room()
        if room <= 0:
            return []
        async with self.uow.read() as tx:
            picked = await store.pick(tx, self._turns, limit=2 * room, kinds=kinds)
        if not picked:
            return []
        token = ids.token()
        async with self.uow() as tx:
            taken = await store.take(tx, picked, limit=room, lease=LEASE, token=token)
            found = [(_attempt(effect), token) for effect in taken]
        if not found:  # another process was faster; there may be more
            self._again = True
            await asyncio.sleep(random.uniform(0.01, 0.05))
        return found

    async def _arm(self, looked_at: datetime) -> None:
        """Sleep until the next one is ready, whatever else is still under way.

        What was ready when we looked and was not taken waits for its server's turn: an ending one kicks again.
        """
        room, kinds = self._room()
        if self._stopped or room <= 0:
            return
        async with self.uow.read() as tx:
            at = await store.next_ready(tx, looked_at, kinds)
        if at is not None:
            self._wake_in((at - self.uow.clock.now()).total_seconds())
        elif self._timer:
            self._timer.cancel()
            self._timer = None

    def _wake_in(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        if not self._stopped:
            self._timer = asyncio.get_running_loop().call_later(max(seconds, 0.05), self.kick)

    async def _run(self, attempt: Attempt, token: str) -> None:
        with following(attempt.request, effect=attempt.id):
            await self._try(attempt, token)

    async def _try(self, attempt: Attempt, token: str) -> None:
        plan: Any = None
        try:
            handler = self.handlers[attempt.kind]
            async with self.uow.read() as tx:
                plan = await handler.load(tx, attempt)
            if plan is None:
                await self._drop(attempt, token)
                return
            async with asyncio.timeout(CALL_LIMIT_S):
                result = await handler.act(attempt, plan)
        except Refused as error:
            log.warning("effect.refused", effect=attempt.id, kind=attempt.kind, code=error.code, status=error.status)
            await self._refused(attempt, token, error)
        except NotYet as error:
            await self._look_again(attempt, token, error)
        except (Retry, TimeoutError) as error:
            log.info("effect.retry", effect=attempt.id, kind=attempt.kind, attempts=attempt.attempts, why=str(error))
            await self._postpone(attempt, token, str(error) or "no answer in time", getattr(error, "after", None))
        except StoreTrouble:
            await self._postpone(attempt, token, "the store could not be read", None)
        except Exception as error:
            log.exception("effect.fault", effect=attempt.id, kind=attempt.kind)
            if attempt.attempts >= GIVE_UP_AFTER:
                await self._refused(attempt, token, Refused(0, type(error).__name__))
            else:
                await self._postpone(attempt, token, type(error).__name__, None)
        else:
            await self._done(handler, attempt, token, plan, result)

    async def _write(
        self, attempt: Attempt, token: str, outcome: str, act: Callable[[Tx, Effect], Awaitable[None]]
    ) -> None:
        """Write down how it ended, while the lease is held.

        A transaction that lost against another writer left nothing behind: once more, before the lease runs out.
        """
        left, until = TRIES_TO_WRITE, asyncio.get_running_loop().time() + LEASE.total_seconds()
        while True:
            try:
                async with self.uow() as tx:
                    effect = await store.hold(tx, attempt.id, token)
                    if effect is None:
                        log.warning("effect.lease_lost", effect=attempt.id, kind=attempt.kind)
                        return
                    await act(tx, effect)
                age = tx.now - attempt.created_at
                self.observer.effect(attempt.kind, attempt.subject, outcome, age.total_seconds())
                return
            except (Overtaken, IntegrityError):
                left -= 1
                if not left:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.2))
            except StoreTrouble:
                # What was done on Discord is known here alone, so it is held until it can be written down.
                if asyncio.get_running_loop().time() >= until:
                    raise
                await asyncio.sleep(HOLD_S)

    async def _done(self, handler: Handler, attempt: Attempt, token: str, plan: Any, result: dict[str, Any]) -> None:
        async def act(tx: Tx, effect: Effect) -> None:
            _finish(effect, State.DONE, tx)
            effect.result = result
            await handler.done(tx, attempt, plan, result)

        await self._write(attempt, token, "done", act)

    async def _refused(self, attempt: Attempt, token: str, error: Refused) -> None:
        async def act(tx: Tx, effect: Effect) -> None:
            await self._fail(tx, effect, error)

        await self._write(attempt, token, "failed", act)

    async def _fail(self, tx: Tx, effect: Effect, error: Refused) -> None:
        """It ends, and somebody who can act is told."""
        _finish(effect, State.FAILED, tx)
        effect.last_error = str(error)[:300]
        if handler := self.handlers.get(effect.kind):
            await handler.refused(tx, _attempt(effect), error)

    async def give_up(self, effect_id: int) -> bool:
        """End one that waits, as if Discord had refused it for good, so that somebody who can act is told.

        False, and nothing is done, for one that is under way, has ended, or is none.
        """
        async with self.uow() as tx:
            effect = await tx.session.get(Effect, effect_id, with_for_update=True)
            if effect is None or effect.state not in store.UNFINISHED or store.under_way(effect, tx.now):
                return False
            await self._fail(tx, effect, Refused(GIVEN_UP, "given up by whoever runs Vigil"))
            return True

    async def _drop(self, attempt: Attempt, token: str) -> None:
        async def act(tx: Tx, effect: Effect) -> None:
            _finish(effect, State.DROPPED, tx)

        await self._write(attempt, token, "dropped", act)

    def _backoff(self, attempt: Attempt) -> timedelta:
        urgent = self._turns.rank(attempt.kind) < len(self.urgent)
        return backoff(attempt.attempts, at_most_s=URGENT_WITHIN_S if urgent else AT_MOST_S)

    async def _look_again(self, attempt: Attempt, token: str, error: NotYet) -> None:
        async def act(tx: Tx, effect: Effect) -> None:
            effect.state = State.PENDING
            effect.attempts -= 1
            effect.not_before = tx.now + error.pause
            effect.lease_until = effect.lease_token = None

        await self._write(attempt, token, "again", act)

    async def _postpone(self, attempt: Attempt, token: str, why: str, after: timedelta | None) -> None:
        async def act(tx: Tx, effect: Effect) -> None:
            effect.state = State.PENDING
            effect.not_before = tx.now + max(after or timedelta(0), self._backoff(attempt))
            effect.lease_until = effect.lease_token = None
            effect.last_error = why[:300]
            if tx.now - attempt.created_at >= STUCK_AFTER:
                await self.on_stuck(tx, attempt)

        await self._write(attempt, token, "again", act)


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
