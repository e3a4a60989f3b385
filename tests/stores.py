"""The stores that the same tests run on: SQLite always, PostgreSQL where a server is named.

`VIGIL_TEST_POSTGRES_DSN` names a database on a server on which databases may be made and dropped; without it the
PostgreSQL half is skipped, and with `CI=true` it fails, so that nobody takes half a run for a whole one.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage import UnitOfWork, migrate, open_engines
from tests.world import copy_of

DSN = os.environ.get("VIGIL_TEST_POSTGRES_DSN")
NO_DSN = "PostgreSQL is NOT tested: set VIGIL_TEST_POSTGRES_DSN to run this half of the stores' tests"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant at which it stands, aware UTC."""
        return self.at

    def passes(self, **span: float) -> None:
        """Move it on."""
        self.at += timedelta(**span)


async def run_alone(address: str, *statements: str) -> None:
    """Statements outside any transaction."""
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end in a thread of its own, since a loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _address(name: str | None = None) -> str:
    assert DSN is not None
    url = make_url(DSN).set(drivername="postgresql+asyncpg")
    return (url.set(database=name) if name else url).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A migrated empty PostgreSQL database, of which each test gets a copy."""
    if DSN is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_DSN)
        pytest.skip(NO_DSN)
    name = f"template_{secrets.token_hex(6)}"
    _apart(run_alone(_address(), f"CREATE DATABASE {name}"))
    try:
        # These databases do not outlive a test, so nothing needs to wait for the disk.
        _apart(run_alone(_address(), f"ALTER DATABASE {name} SET synchronous_commit = off"))
        _apart(migrate.upgrade(_address(name)))
        yield name
    finally:
        _apart(run_alone(_address(), f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def copy_on_postgresql(original: str) -> AsyncIterator[str]:
    """A copy of the template; gives its address."""
    name = f"test_{secrets.token_hex(6)}"
    await run_alone(_address(), f"CREATE DATABASE {name} TEMPLATE {original}")
    try:
        yield _address(name)
    finally:
        await run_alone(_address(), f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def fresh_store(kind: str, request: pytest.FixtureRequest, template: Path, folder: Path) -> AsyncIterator[str]:
    """The address of a migrated empty store of its own; `kind`: "sqlite" or "postgresql"."""
    if kind == "sqlite":
        copy_of(template, folder)
        yield f"sqlite+aiosqlite:///{folder / template.name}"
        return
    async with copy_on_postgresql(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def store_url(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a migrated empty store of its own, on each kind of store."""
    async with fresh_store(request.param, request, template, tmp_path) as url:
        yield url


@pytest.fixture
def clock() -> SetClock:
    """Monday, 2 March 2026, ten o'clock UTC."""
    return SetClock()


@pytest.fixture
async def uow(store_url: str, clock: SetClock) -> AsyncIterator[UnitOfWork]:
    """A unit of work on that store."""
    engines = open_engines(store_url)
    yield UnitOfWork(engines, clock)
    await engines.close()


@pytest.fixture
async def other(store_url: str, clock: SetClock) -> AsyncIterator[UnitOfWork]:
    """The unit of work of a second process on the same store."""
    engines = open_engines(store_url)
    yield UnitOfWork(engines, clock)
    await engines.close()
