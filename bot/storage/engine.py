"""Engines for SQLite and PostgreSQL: one that writes, one that only reads."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

SQLITE_BUSY_MS = 10_000
LITTLE = 1_000_000
_QUIET: dict[str, Any] = {"hide_parameters": True}


@dataclass(frozen=True)
class Engines:
    """`write` begins transactions that hold the write lock from their start; `read` never waits for writers."""

    write: AsyncEngine
    read: AsyncEngine

    @property
    def sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    async def close(self) -> None:
        """Give all connections back."""
        await self.write.dispose()
        await self.read.dispose()


def open_engines(url: str) -> Engines:
    """Build both engines for `url` (sqlite+aiosqlite or postgresql+asyncpg); connects lazily.

    Their faults never quote parameters: those are people's words, and faults end up in logs.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url)
    write = create_async_engine(url, pool_size=12, max_overflow=8, pool_pre_ping=True, pool_recycle=1800, **_QUIET)
    read = create_async_engine(url, pool_size=12, max_overflow=3, pool_pre_ping=True, pool_recycle=1800, **_QUIET)
    return Engines(write, read)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite store; None for one in memory and for PostgreSQL."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and place.database and place.database != ":memory:":
        return Path(place.database)
    return None


def room(url: str) -> bool:
    """Whether the disk of a SQLite file has some space; a write of a few bytes may pass on a full one."""
    file = sqlite_file(url)
    try:
        return file is None or shutil.disk_usage(file.parent).free >= LITTLE
    except OSError:
        return False


def make_folder(url: str) -> None:
    """The folder of a SQLite file. One that cannot be made is told by connecting, which names the file."""
    file = sqlite_file(url)
    if file is not None:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)


def _open_sqlite(url: str) -> Engines:
    from bot.storage import sqlite  # its driver is not loaded for PostgreSQL

    make_folder(url)
    # One writer at a time is SQLite's rule; a single pooled connection makes waiting fair and free of busy loops.
    options: dict[str, Any] = {
        "pool_timeout": 60,
        "connect_args": {"async_creator_fn": sqlite.connect},
        **_QUIET,
    }
    write = create_async_engine(url, pool_size=1, max_overflow=0, **options)
    read = create_async_engine(url, pool_size=4, max_overflow=4, **options)
    _prepare_sqlite(write, begin="BEGIN IMMEDIATE")
    _prepare_sqlite(read, begin="BEGIN")
    return Engines(write, read)


def _prepare_sqlite(engine: AsyncEngine, *, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would not BEGIN before a SELECT, which loses updates.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_MS}",
            "recursive_triggers=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.connection.driver_connection.begin(begin)
