"""The other processes on the same store: who of them does what only one may do, and what they committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.engine import make_url

from bot.storage.engine import make_folder
from bot.storage.lease import FileLease

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 1.0

Heard = Callable[[frozenset[str]], None]
"""Is told what another process woke by a commit: "effects", "deadlines"."""


class Peers(Protocol):
    """One process among those on a store.

    `voice`: under what name its commits are told to the others; None where there are no others. `lost` is set when
    another process has what this one had taken.
    """

    voice: str | None
    lost: asyncio.Event

    async def join(self) -> bool:
        """Be one of them from now on. True: no other one works on the store, and none begins before `settle`.

        On SQLite it waits for its turn. Raises OSError for a store that cannot be reached.
        """

    async def settle(self) -> None:
        """What only a process that is alone may do is done; others may begin."""

    async def take(self, shards: Sequence[int] | None) -> bool:
        """Take the gateway connection of these shards (None: of all). False: another process has one of them."""

    async def leave(self) -> None:
        """Give back what was taken."""


class FilePeers:
    """SQLite: one process at a time, the next waits for its turn."""

    voice: str | None = None

    def __init__(self, database: Path | None) -> None:
        self.lost = asyncio.Event()
        self._lease = FileLease(database) if database is not None else None

    async def join(self) -> bool:
        """Wait until the file is free."""
        told = False
        while self._lease is not None and not self._lease.take():
            if not told:
                log.warning("process.waits", why="another process has this database file", file=str(self._lease.path))
                told = True
            await asyncio.sleep(LOOK_AGAIN_S)
        return True

    async def settle(self) -> None:
        """Nobody else can begin."""

    async def take(self, shards: Sequence[int] | None) -> bool:
        """It is alone."""
        return True

    async def leave(self) -> None:
        """The next one may have the file."""
        if self._lease is not None:
            self._lease.release()


def peers_of(url: str, heard: Heard, *, works: bool = True) -> Peers:
    """The processes on the store at `url`; `works`: this one claims deadlines and effects."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        from bot.storage.postgres_peers import PostgresPeers  # its driver is not loaded for a SQLite file

        return PostgresPeers(url, heard, works=works)
    make_folder(url)
    in_memory = not place.database or place.database == ":memory:"
    return FilePeers(None if in_memory else Path(place.database or ""))
