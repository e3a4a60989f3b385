"""Which schema this version needs, which one a store has, and what `run` does about a difference.

Alembic, with all that it brings, is loaded only where there is something to migrate: most starts find the store as it
should be, and a process that runs for months need not carry it.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage.engine import make_folder

HEAD = "0003"
"""The revision that this version needs: Alembic's head (a test compares them)."""
VERSIONS = "alembic_version"
"""Alembic's table, which holds the store's revision."""


class SchemaError(Exception):
    """The store's schema does not fit this version; the sentence says what to do."""


async def current(url: str) -> str | None:
    """The revision that the store has; None for one that was never migrated."""
    make_folder(url)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))
    return found


async def ensure(url: str) -> None:
    """For `run`: migrate an empty store, or any SQLite file; refuse a PostgreSQL store that is behind, or a newer one.

    Raises SchemaError with the remedy.
    """
    found = await current(url)
    if found == HEAD:
        return
    from bot.storage import migrate

    if found is not None and found not in migrate.known():
        raise SchemaError(
            f"The database has schema {found}, which is newer than this version of Vigil. Start the newer version, or "
            "restore the backup that was made before it."
        )
    if found is None and await has_tables(url):
        raise SchemaError("The database has tables that are not Vigil's. Give Vigil a database of its own.")
    if found is not None and make_url(url).get_backend_name() != "sqlite":
        raise SchemaError(f"The database has schema {found}, this version needs {HEAD}: run `python -m bot migrate`.")
    await migrate.upgrade(url)


async def has_tables(url: str) -> bool:
    """Whether anything is in the store, Vigil's or not."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return bool(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await engine.dispose()
