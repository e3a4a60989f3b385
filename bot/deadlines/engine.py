"""Wakes for the earliest deadline and lets the handler of its kind record what follows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from bot.deadlines import store
from bot.deadlines.models import DeadlineState
from bot.deadlines.store import DueView
from bot.kernel import ids
from bot.kernel.errors import Overtaken, StoreTrouble
from bot.kernel.observer import NOBODY, Observer
from bot.storage import Tx, UnitOfWork

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
BATCH = 50
RETRY = timedelta(seconds=20)
TRIES_TO_WRITE = 6
STOP_WITHIN_S, CANCEL_S = 5.0, 1.0
"""How long a scan may take to end when the process stops; of that, the time left to one that is cut off."""
PAUSE_S = 5.0
"""After a fault of the store: how long until the next look."""
LONGEST_SLEEP_S = 6 * 3600.0
"""Timers are re-armed at least this often, so a clock that was set in between is noticed."""

Handler = Callable[[Tx, DueView], Awaitable[None]]
"""Records what follows from a deadline, in the transaction that marks it; `tx.now - due.due_at` is the lateness."""


@dataclass
class DeadlineEngine:
    """One asyncio timer at the earliest due instant; `kick` is also the safety net's poke."""

    uow: UnitOfWork
    handlers: Mapping[str, Handler]
    observer: Observer = NOBODY
    _task: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None
    _again: bool = False
    _stopped: bool = True

    async def take_back(self) -> None:
        """Release every lease: only for a process that knows it is alone, so that they are its own old ones."""
        async with self.uow() as tx:
            await store.take_back(tx)

    async def start(self) -> None:
        """Catch up with what came due meanwhile."""
        self._stopped = False
        self.kick()

    async def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Finish what fires now, for `within_s` seconds; what is cut off then was not recorded and fires again."""
        self._stopped = True
        if self._timer:
            self._timer.cancel()
        if self._task and not self._task.done():
            _, late = await asyncio.wait({self._task}, timeout=max(within_s - CANCEL_S, 0))
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=min(CANCEL_S, within_s))

    def kick(self) -> None:
        """Scan now."""
        if self._stopped:
            return
        if self._task and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._scan(), name="deadlines")

    async def _scan(self) -> None:
        try:
            while True:
                self._again = False
                await self.tick()
                if self._again:
                    continue
                await self._arm()
                if not self._again:  # a kick that came while the timer was set must not be lost
                    break
        except StoreTrouble:  # which is logged once, where it begins
            self._wake_in(PAUSE_S)
        except Exception:
            log.exception("deadlines.not_looked")
            self._wake_in(PAUSE_S)

    async def tick(self) -> int:
        """Fire what is due; returns how many. The timer calls it, and tests may."""
        fired = 0
        while not self._stopped:
            async with self.uow.read() as tx:
                at = await store.earliest(tx)
            if at is None or at > self.uow.clock.now():
                break
            token = ids.token()
            async with self.uow() as tx:
                due = await store.claim(tx, limit=BATCH, lease=LEASE, token=token)
            for one in due:
                await self._fire(one, token)
            fired += len(due)
            if not due:
                break
        return fired

    async def _fire(self, due: DueView, token: str) -> None:
        try:
            for left in reversed(range(TRIES_TO_WRITE)):
                try:
                    await self._record(due, token)
                    break
                except (Overtaken, IntegrityError):
                    # It lost against another writer and left nothing behind.
                    if not left:
                        raise
                    await asyncio.sleep(random.uniform(0.01, 0.2))
        except StoreTrouble:
            raise
        except Exception as error:
            log.exception("deadline.fault", deadline=due.id, kind=due.kind)
            async with self.uow() as tx:
                row = await store.hold(tx, due.id, token)
                if row is not None:
                    row.lease_until = tx.now + min(RETRY * due.attempts, timedelta(hours=1))
                    row.last_error = type(error).__name__

    async def _record(self, due: DueView, token: str) -> None:
        async with self.uow() as tx:
            row = await store.hold(tx, due.id, token)
            if row is None:
                return
            row.state, row.lease_until, row.lease_token = DeadlineState.FIRED, None, None
            await tx.session.flush()
            await self.handlers[due.kind](tx, due)
        self.observer.deadline(max((tx.now - due.due_at).total_seconds(), 0.0))

    async def _arm(self) -> None:
        if self._stopped:
            return
        async with self.uow.read() as tx:
            at = await store.earliest(tx)
        if at is not None:
            self._wake_in(min((at - self.uow.clock.now()).total_seconds(), LONGEST_SLEEP_S))
        elif self._timer:
            self._timer.cancel()
            self._timer = None

    def _wake_in(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        if not self._stopped:
            self._timer = asyncio.get_running_loop().call_later(max(seconds, 0.0), self.kick)
