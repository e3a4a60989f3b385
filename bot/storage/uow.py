"""The unit of work: one use case, one transaction, one instant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import String, exists, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from bot.kernel.clock import Clock
from bot.kernel.errors import Overtaken, Repeated, StoreTrouble
from bot.storage import trouble
from bot.storage.base import Base
from bot.storage.engine import Engines
from bot.storage.trouble import Trouble

log = structlog.get_logger(__name__)

Listener = Callable[["Tx", Any], Awaitable[None]]

AWAY_WITHIN_S, LOOK_AGAIN_S = 10.0, 0.25
"""How long a transaction waits for a server that is away, as it does for a file that is locked (SQLITE_BUSY_MS)."""

CHANNEL = "vigil"
"""Where PostgreSQL tells other processes what a commit woke, as `voice:effects,deadlines`."""

# What PostgreSQL calls a transaction that lost against another one: a serialization failure, a deadlock.
_LOST = frozenset({"40001", "40P01"})


class SeenRequest(Base):
    """An interaction (or a request from outside) that was acted upon; the same one again does nothing."""

    __tablename__ = "seen_request"
    __retention__ = "technical: 7 days"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass
class Tx:
    """One transaction. `now` is the single instant (aware UTC) for every row it writes."""

    session: AsyncSession
    now: datetime
    _listeners: Mapping[type, Sequence[Listener]] = field(default_factory=dict, repr=False)
    wakes: set[str] = field(default_factory=set)

    async def emit(self, event: object) -> None:
        """Tell the slices above, in this same transaction."""
        for listener in self._listeners.get(type(event), ()):
            await listener(self, event)

    def wake(self, part: str) -> None:
        """After the commit, wake `part` ("effects" or "deadlines")."""
        self.wakes.add(part)


class UnitOfWork:
    """Opens transactions. `async with uow() as tx:` commits on exit and rolls back on any exception.

    One that lost against another writer ends as WrongState with a sentence for people; nothing of it was done. So does,
    as StoreTrouble, one on a store that cannot be used; `trouble` says why (a code), until something is written again.
    `voice`: where other processes share the store, the name under which they are told, with the commit, what it wakes.
    """

    voice: str | None = None
    trouble: str | None = None

    def __init__(
        self, engines: Engines, clock: Clock, *, listeners: Mapping[type, Sequence[Listener]] | None = None
    ) -> None:
        self.engines = engines
        self.clock = clock
        self.listeners: Mapping[type, Sequence[Listener]] = listeners or {}
        self.on_commit: list[Callable[[frozenset[str]], None]] = []
        self._write = async_sessionmaker(engines.write, expire_on_commit=False)
        self._read = async_sessionmaker(engines.read, expire_on_commit=False)

    @asynccontextmanager
    async def __call__(self, *, once: str | None = None) -> AsyncIterator[Tx]:
        """A writing transaction. With `once`, raises Repeated if that key was committed before."""
        committing = False
        try:
            async with self._write.begin() as session:
                await self._reach(session)
                tx = Tx(session, self.clock.now(), self.listeners)
                if once is not None:
                    if await session.scalar(select(exists().where(SeenRequest.key == once))):
                        raise Repeated()
                    session.add(SeenRequest(key=once, at=tx.now))
                    await session.flush()
                yield tx
                if self.voice is not None and tx.wakes:
                    words = f"{self.voice}:{','.join(sorted(tx.wakes))}"
                    await session.execute(select(func.pg_notify(CHANNEL, words)))
                committing = True
        except IntegrityError as error:
            # Two processes may act on one interaction at once: the loser of the race sees the winner's row.
            if once is not None and "seen_request" in str(error.orig):
                raise Repeated() from error
            raise
        except StaleDataError as error:
            raise Overtaken() from error
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in _LOST:
                raise Overtaken() from error
            if (what := trouble.of(error)) is not None:
                # SQLite undoes what it cannot commit; of a server that is gone nobody knows.
                raise self._told(error, what, unknown=committing and not self.engines.sqlite) from error
            raise
        except NoConnection as error:
            raise self._told(error, Trouble.BUSY) from error
        if self.trouble is not None:
            log.warning("store.well", after=self.trouble)
            self.trouble = None
        wakes = frozenset(tx.wakes)
        if wakes:
            for tell in self.on_commit:
                tell(wakes)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only reads; it never waits for a writer on SQLite."""
        try:
            async with self._read() as session:
                await self._reach(session)
                yield Tx(session, self.clock.now(), self.listeners)
        except DBAPIError as error:
            if (what := trouble.of(error)) is not None:
                raise self._told(error, what) from error
            raise
        except NoConnection as error:
            raise self._told(error, Trouble.BUSY) from error

    async def _reach(self, session: AsyncSession) -> None:
        """Wait for a server that is away: most are back within seconds, and then this is done as if nothing had been.

        Raises StoreTrouble when it is not.
        """
        if self.engines.sqlite:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + AWAY_WITHIN_S
        while True:
            try:
                await session.connection()
                return
            except (OSError, DBAPIError) as error:
                if trouble.of(error) is not Trouble.AWAY:
                    raise
                if loop.time() >= end:
                    raise self._told(error, Trouble.AWAY) from error
            await asyncio.sleep(LOOK_AGAIN_S)

    def _told(self, error: BaseException, what: Trouble, *, unknown: bool = False) -> StoreTrouble:
        code = trouble.code(error)
        if self.trouble is None:
            log.error("store.trouble", what=str(what), code=code)
        self.trouble = code
        return trouble.told(what, unknown=unknown)
