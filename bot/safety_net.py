"""APScheduler as a safety net: it pokes the scans and tidies up, and holds nothing that matters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import delete

from bot.answers.models import Asked
from bot.effects.models import Effect, State
from bot.incidents.models import Push
from bot.servers.models import Draft
from bot.storage import UnitOfWork
from bot.storage.uow import SeenRequest

POKE_EVERY_S = 30
TIDY_EVERY_H = 6
BACKUP, LEFT_WAITING = "backup", "left waiting"
MINUTE_S = 60
"""A look is a listing of a folder, or one query; the first comes after a start has had its minute."""
KEEP_ASKED = timedelta(days=1)
KEEP_REQUESTS = timedelta(days=7)
KEEP_DRAFTS = timedelta(days=7)
KEEP_EFFECTS = timedelta(days=90)


class SafetyNet:
    """A lost wake-up waits at most POKE_EVERY_S seconds."""

    def __init__(
        self,
        kick_effects: Callable[[], None],
        kick_deadlines: Callable[[], None],
        uow: UnitOfWork,
        backup: Callable[[], Awaitable[object]] | None = None,
        left_waiting: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._uow = uow
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for kick in (kick_effects, kick_deadlines):
            self._scheduler.add_job(
                _in_loop(kick),
                "interval",
                seconds=POKE_EVERY_S,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.add_job(
            self.tidy, "interval", hours=TIDY_EVERY_H, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        each_minute = {BACKUP: backup, LEFT_WAITING: left_waiting}
        for name, job in each_minute.items():
            if job is not None:
                self._scheduler.add_job(
                    job,
                    "interval",
                    seconds=MINUTE_S,
                    id=name,
                    coalesce=True,
                    max_instances=1,
                    misfire_grace_time=None,
                )

    def start(self) -> None:
        """Begin poking; needs a running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop poking."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def jobs(self) -> Sequence[Any]:
        """What is done again and again."""
        jobs: Sequence[Any] = self._scheduler.get_jobs()
        return jobs

    async def tidy(self) -> None:
        """Take away what its retention class says is over."""
        async with self._uow() as tx:
            await tx.session.execute(delete(Asked).where(Asked.at < tx.now - KEEP_ASKED))
            await tx.session.execute(delete(SeenRequest).where(SeenRequest.at < tx.now - KEEP_REQUESTS))
            await tx.session.execute(delete(Push).where(Push.at < tx.now - KEEP_REQUESTS))
            await tx.session.execute(delete(Draft).where(Draft.at < tx.now - KEEP_DRAFTS))
            await tx.session.execute(
                delete(Effect).where(
                    Effect.state.in_((State.DONE, State.DROPPED)), Effect.ended_at < tx.now - KEEP_EFFECTS
                )
            )


def _in_loop(kick: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """A coroutine job runs in the loop; a plain function would run in a thread."""

    async def poke() -> None:
        kick()

    return poke
