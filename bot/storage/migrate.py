"""The schema's upkeep: which revision a store has, which this version needs, and the way between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage.engine import make_folder

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


class SchemaError(Exception):
    """The store's schema does not fit this version; the sentence says what to do."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The revision that this version needs."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None, "there are migrations"
    return found


async def current(url: str) -> str | None:
    """The revision that the store has; None for an empty one."""
    make_folder(url)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the store to `revision`. Raises SchemaError for one that this version does not know."""
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


async def ensure(url: str) -> None:
    """For `run`: migrate an empty store, or any SQLite file; refuse a PostgreSQL store that is behind, or a newer one.

    Raises SchemaError with the remedy.
    """
    found, wanted = await current(url), head()
    if found == wanted:
        return
    known = {one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"The database has schema {found}, which is newer than this version of Vigil. Start the newer version, or "
            "restore the backup that was made before it."
        )
    if found is None and await _has_tables(url):
        raise SchemaError("The database has tables that are not Vigil's. Give Vigil a database of its own.")
    if found is not None and make_url(url).get_backend_name() != "sqlite":
        raise SchemaError(f"The database has schema {found}, this version needs {wanted}: run `python -m bot migrate`.")
    await upgrade(url)


async def _has_tables(url: str) -> bool:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return bool(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await engine.dispose()
