"""The stores that these tests run on: SQLite, and PostgreSQL where a server is named."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage import migrate
from tests.wire.organisation import sqlite

DSN = os.environ.get("VIGIL_TEST_POSTGRES_DSN")
STORES = ["sqlite", *(["postgresql"] if DSN else [])]


@asynccontextmanager
async def store_of(kind: str, template: Path, folder: Path) -> AsyncIterator[str]:
    """A migrated empty store of its own; gives its address."""
    if kind == "sqlite":
        yield sqlite(template, folder)
        return
    assert DSN is not None
    url = make_url(DSN).set(drivername="postgresql+asyncpg")
    name = f"wire_{secrets.token_hex(6)}"
    await _run(url.render_as_string(hide_password=False), f"CREATE DATABASE {name}")
    try:
        address = url.set(database=name).render_as_string(hide_password=False)
        await migrate.upgrade(address)
        yield address
    finally:
        await _run(url.render_as_string(hide_password=False), f"DROP DATABASE {name} WITH (FORCE)")


async def _run(address: str, statement: str) -> None:
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
