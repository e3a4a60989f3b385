"""A backup of a store in use, by day and by hand: whole, checked, and nothing of one that fails."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.backup import copying, shelf
from bot.backup.daily import before_upgrade, daily
from bot.backup.words import BackupError
from bot.bootstrap import build
from bot.safety_net import BACKUP
from bot.settings import Settings, load_settings
from bot.storage import schema
from tests.stores import MONDAY, SetClock
from tests.world import copy_of

REMEMBER = "INSERT INTO remembered (name, value, at) VALUES (?, 'x', '2026-03-02 10:00:00')"


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Path:
    copy_of(template, tmp_path)
    return tmp_path / template.name


@pytest.fixture
def settings(store: Path) -> Settings:
    return load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{store}"}, store.parent)


def names(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as opened:
        return [row[0] for row in opened.execute("SELECT name FROM remembered ORDER BY name")]


def spoil(file: Path) -> None:
    """Bytes in the middle are overwritten, as a bad disk does."""
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xa5" * 20_000)


def test_it_is_what_was_committed_while_others_write(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute(REMEMBER, ("before",))
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(REMEMBER, ("not yet",))
        made = shelf.make(store, store.parent / "copies" / "one.db")
        writer.execute("COMMIT")

    assert names(made.path) == ["before"] and made.rows["remembered"] == 1
    assert made.revision == schema.HEAD and made.size == made.path.stat().st_size
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert [one.name for one in made.path.parent.iterdir()] == ["one.db"], "one file, with nothing beside it"


def test_nothing_is_written_over(store: Path) -> None:
    there = store.parent / "there.db"
    there.write_text("something")
    with pytest.raises(BackupError, match="exists already"):
        shelf.make(store, there)
    assert there.read_text() == "something"


def test_of_a_damaged_store_none_is_made(store: Path) -> None:
    spoil(store)
    with pytest.raises(BackupError, match="damaged"):
        shelf.make(store, store.parent / "copies" / "one.db")
    assert list((store.parent / "copies").iterdir()) == []


def test_told_to_stop_it_leaves_nothing(store: Path) -> None:
    with pytest.raises(copying.Stopped):
        shelf.make(store, store.parent / "copies" / "one.db", stop=lambda: True)
    assert list((store.parent / "copies").iterdir()) == []


async def test_daily_once_a_day_and_the_old_ones_go(settings: Settings, store: Path) -> None:
    clock = SetClock(MONDAY)
    made = daily(settings, clock)
    assert made is not None
    folder = store.parent / "backups"
    for _ in range(40):
        assert await made.look() is not None
        assert await made.look() is None
        clock.passes(days=1)
    stay = [(clock.at - one.at).days for one in made.shelf.all()]

    assert stay == [1, 2, 3, 4, 5, 6, 7, 13, 20], "seven days, and the Sundays of four weeks"
    assert not list(folder.glob("*.partial*"))


async def test_one_that_fails_is_logged_and_owed_still(settings: Settings, store: Path) -> None:
    made = daily(settings, SetClock())
    assert made is not None
    (store.parent / "backups").write_text("a file where the folder should be")
    with capture_logs() as logged:
        assert await made.look() is None
    assert [(one["event"], one["log_level"]) for one in logged] == [("backup.failed", "error")]
    (store.parent / "backups").unlink()

    assert await made.look() is not None


async def test_a_process_that_ends_does_not_wait_for_it(settings: Settings, store: Path) -> None:
    made = daily(settings, SetClock())
    assert made is not None
    with closing(sqlite3.connect(store, isolation_level=None)) as filling:
        filling.execute("CREATE TABLE much (it BLOB)")
        filling.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
            "INSERT INTO much SELECT zeroblob(2000) FROM n"
        )
    looking = asyncio.create_task(made.look())
    folder = store.parent / "backups"
    while not list(folder.glob("*.partial")):
        await asyncio.sleep(0.001)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await asyncio.get_running_loop().shutdown_default_executor()

    assert list(folder.iterdir()) == []


async def test_a_running_bot_looks_for_what_is_owed(settings: Settings, store: Path) -> None:
    app = build(settings, clock=SetClock(), shard_count=1)
    try:
        assert app.safety_net is not None
        app.safety_net.start()
        (job,) = [one for one in app.safety_net.jobs() if one.id == BACKUP]
        await job.func()
    finally:
        await app.close()

    assert [one.why for one in shelf.Shelf(store, store.parent / "backups").all()] == ["daily"]


def test_switched_off_there_is_none(store: Path) -> None:
    environ = {"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{store}", "VIGIL_BACKUP__DAILY": "false"}
    assert daily(load_settings(environ, store.parent), SetClock()) is None


async def test_before_an_upgrade_there_is_one(settings: Settings, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await before_upgrade(settings, SetClock()) is None, "nothing is upgraded"
    monkeypatch.setattr(schema, "HEAD", "0999")
    made = await before_upgrade(settings, SetClock())

    assert made is not None and made.path.name == "vigil-before-0999-20260302T100000Z.db"


async def test_without_one_nothing_is_upgraded(
    settings: Settings, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "HEAD", "0999")
    (store.parent / "backups").write_text("a file where the folder should be")
    with pytest.raises(schema.SchemaError, match="Before the schema is changed"):
        await before_upgrade(settings, SetClock())
