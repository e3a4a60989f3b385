"""A statement on SQLite costs one way to the connection's thread, and a transaction begins with its first."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.kernel.clock import SystemClock
from bot.storage import UnitOfWork, open_engines
from bot.storage.sqlite import Connection


@pytest.fixture
async def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the thread, in order."""
    taken: list[str] = []
    really = Connection._execute

    async def noted(self: Connection, act: Any, *given: Any, **named: Any) -> Any:
        taken.append(next((one.split()[0] for one in given if isinstance(one, str)), act.__name__))
        return await really(self, act, *given, **named)

    monkeypatch.setattr(Connection, "_execute", noted)
    return taken


@pytest.fixture
async def uow(tmp_path: Path, ways: list[str]) -> AsyncIterator[UnitOfWork]:
    engines = open_engines(f"sqlite+aiosqlite:///{tmp_path}/thread.db")
    made = UnitOfWork(engines, SystemClock())
    async with made() as tx:
        await tx.session.execute(text("CREATE TABLE line (words TEXT)"))
    async with made.read() as tx:
        await tx.session.execute(text("SELECT words FROM line"))
    ways.clear()
    yield made
    await engines.close()


async def test_each_statement_goes_there_once(uow: UnitOfWork, ways: list[str]) -> None:
    async with uow() as tx:
        await tx.session.execute(text("INSERT INTO line VALUES ('one')"))
        assert (await tx.session.scalars(text("SELECT words FROM line"))).all() == ["one"]
    assert ways == ["INSERT", "SELECT", "commit"]
    ways.clear()
    async with uow.read() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM line")) == 1
    assert ways == ["SELECT", "rollback"]


async def test_what_asks_nothing_goes_nowhere(uow: UnitOfWork, ways: list[str]) -> None:
    async with uow():
        pass
    assert ways == []


async def test_what_fails_leaves_nothing_and_holds_no_lock(uow: UnitOfWork) -> None:
    with pytest.raises(LookupError):
        async with uow() as tx:
            await tx.session.execute(text("INSERT INTO line VALUES ('gone')"))
            raise LookupError
    async with uow() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM line")) == 0


async def test_the_lock_is_held_from_the_first_statement_on(uow: UnitOfWork, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "thread.db", timeout=0, isolation_level=None)
    async with uow() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM line")) == 0
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
