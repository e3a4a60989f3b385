"""The way from one schema to another: Alembic, on a connection of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage.engine import make_folder

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The newest revision that there is."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None, "there are migrations"
    return found


def known() -> frozenset[str]:
    """The revisions that this version knows."""
    return frozenset(one.revision for one in ScriptDirectory.from_config(config()).walk_revisions())


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the store to `revision`. Raises CommandError for one that this version does not know."""
    await _move(url, lambda connection: command.upgrade(config(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """Bring the store back to `revision` ("base" empties it)."""
    await _move(url, lambda connection: command.downgrade(config(connection), revision))


async def _move(url: str, act: Callable[[Connection], None]) -> None:
    make_folder(url)
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _in_one_transaction(engine.sync_engine)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "postgresql":  # several processes may want it at once: one after the other
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('vigil schema', 0))")
            await connection.run_sync(act)
            await connection.commit()
    finally:
        await engine.dispose()


def _in_one_transaction(engine: Engine) -> None:
    """A migration is made whole or not at all, whenever the process ends: SQLite's driver would begin none for it."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
