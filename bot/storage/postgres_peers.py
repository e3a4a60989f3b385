"""PostgreSQL: one session beside the pool hears what other processes committed and holds what only one may have.

The locks are the session's own (advisory locks): they end with it, also when the process is killed, and with the
server's keepalive when a machine goes away. A pooler between must pass sessions through (PgBouncer: `pool_mode =
session`), since it is the session that holds them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import structlog
from sqlalchemy.engine import make_url

from bot.kernel import ids
from bot.storage.peers import Heard
from bot.storage.uow import CHANNEL

log = structlog.get_logger(__name__)

WORKS, GATEWAY = "vigil works", "vigil gateway"
EVERYTHING = frozenset({"effects", "deadlines"})
PING_EVERY_S, PING_WITHIN_S = 10.0, 10.0
CONNECT_WITHIN_S = 10.0
AGAIN_AFTER_S = (0.1, 0.2, 0.5, 1.0, 2.0)
LOOKS_WHETHER_ALONE, BETWEEN_LOOKS_S = 8, 0.25
"""A process that was killed leaves its session for a moment: so often is it looked whether another one is there."""
_SESSION = {
    "application_name": "vigil",
    # The server lets go of the locks of a machine that is gone within some 25 s.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_OF_THE_POOL = ("prepared_statement_cache_size", "prepared_statement_name_func", "async_fallback", "async_creator_fn")
"""What an address may say to SQLAlchemy's driver and not to the server."""
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
_TAKE_SHARED = "SELECT pg_try_advisory_lock_shared(hashtextextended($1, 0))"
_WAIT_SHARED = "SELECT pg_advisory_lock_shared(hashtextextended($1, 0))"
_RELEASE = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

Lock = tuple[str, bool]
"""A name, and whether several may hold it at once."""


def _where(url: str) -> dict[str, Any]:
    """How to reach the server, as the driver takes it."""
    place = make_url(url)
    _, found = place.get_dialect()().create_connect_args(place)
    return {name: value for name, value in found.items() if name not in _OF_THE_POOL}


class Unreachable(OSError):
    """The session could not be begun."""


class PostgresPeers:
    """One process among several; it begins its session anew when it breaks, and takes again what it had."""

    def __init__(self, url: str, heard: Heard, *, works: bool = True) -> None:
        self.voice: str | None = ids.token()
        self.lost = asyncio.Event()
        self._heard = heard
        self._works = works
        self._where = _where(url)
        self._session: Any = None
        self._held: list[Lock] = []
        self._keeper: asyncio.Task[None] | None = None
        self._broken = asyncio.Event()

    async def join(self) -> bool:
        """Begin the session; alone: the exclusive lock on working was free."""
        try:
            await self._begin()
        except _TROUBLE as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        alone = self._works and await self._is_alone()
        if self._works and not alone:
            await self._works_too()
        self._keeper = asyncio.create_task(self._keep(), name="peers")
        return alone

    async def settle(self) -> None:
        """From working alone to working beside others."""
        if self._works and (WORKS, True) not in self._held:
            await self._works_too()
            await self._session.fetchval(_RELEASE, WORKS)

    async def take(self, shards: Sequence[int] | None) -> bool:
        """All shards: the gateway alone. Some: a share of the gateway and each of them alone, so the two never mix."""
        if self._session is None or self._session.is_closed():
            return False
        wanted: list[Lock] = [(GATEWAY, shards is not None), *((f"{GATEWAY} {one}", False) for one in shards or ())]
        try:
            return await self._take(wanted)
        except _TROUBLE as error:
            log.warning("peers.not_taken", why=type(error).__name__)
            self._broken.set()
            return False

    async def leave(self) -> None:
        """End the session, and with it all that it holds."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=1)
        await self._end()

    async def _begin(self) -> None:
        self._broken.clear()
        self._session = await asyncpg.connect(
            **self._where, timeout=CONNECT_WITHIN_S, command_timeout=PING_WITHIN_S, server_settings=_SESSION
        )
        self._session.add_termination_listener(lambda _session: self._broken.set())
        await self._session.add_listener(CHANNEL, self._on_notice)

    async def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(*_TROUBLE):
                await session.close(timeout=2)

    def _on_notice(self, _session: Any, _pid: int, _channel: str, payload: str) -> None:
        voice, _, parts = payload.partition(":")
        if voice != self.voice:
            self._heard(frozenset(parts.split(",")))

    async def _is_alone(self) -> bool:
        for left in reversed(range(LOOKS_WHETHER_ALONE)):
            if await self._session.fetchval(_TAKE, WORKS):
                return True
            if left:
                await asyncio.sleep(BETWEEN_LOOKS_S)
        return False

    async def _works_too(self) -> None:
        await self._session.fetchval(_WAIT_SHARED, WORKS, timeout=None)
        self._held.append((WORKS, True))

    async def _take(self, wanted: list[Lock]) -> bool:
        taken: list[Lock] = []
        for name, shared in wanted:
            if await self._session.fetchval(_TAKE_SHARED if shared else _TAKE, name):
                taken.append((name, shared))
                continue
            for other, also in taken:
                await self._session.fetchval(_release(also), other)
            return False
        self._held += taken
        return True

    async def _keep(self) -> None:
        """Notice a session that broke, begin another one and take again what was held."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), PING_EVERY_S)
            if not self._broken.is_set():
                try:
                    await self._session.fetchval("SELECT 1")
                    continue
                except _TROUBLE as error:
                    log.warning("peers.no_answer", why=type(error).__name__)
            await self._again()

    async def _again(self) -> None:
        if self._session is not None:
            self._session.terminate()
        for attempt in range(1_000_000):
            held, self._held = self._held, []
            try:
                await self._begin()
                if (WORKS, True) in held:
                    await self._works_too()
                kept = await self._take([one for one in held if one[0] != WORKS])
            except _TROUBLE as error:
                self._held = held
                log.warning("peers.away", why=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER_S[min(attempt, len(AGAIN_AFTER_S) - 1)] * random.uniform(0.8, 1.2))
                continue
            log.info("peers.back", kept=kept)
            if not kept:
                self.lost.set()
            self._heard(EVERYTHING)  # what others committed meanwhile was not heard
            return


def _release(shared: bool) -> str:
    return _RELEASE.replace("unlock", "unlock_shared") if shared else _RELEASE
