"""A backup is put in place: refused where it would do harm, and killed anywhere nothing is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup import restoring, shelf
from bot.backup.words import BackupError
from bot.storage import checkup
from bot.storage.lease import FileLease
from tests.backup.test_backup import REMEMBER, names, spoil, store
from tests.stores import MONDAY

__all__ = ["store"]
EFFECT = (
    "INSERT INTO effect (guild_id, subject, kind, key, mark, payload, state, attempts, created_at, not_before) "
    "VALUES (1, 's', 'k', ?, ?, '{}', ?, 0, '2026-03-02 10:00:00', '2026-03-02 10:00:00')"
)


def remember(file: Path, name: str) -> sqlite3.Connection:
    """A committed row, which stands in the WAL as long as the connection is open."""
    opened = sqlite3.connect(file, isolation_level=None)
    opened.execute("PRAGMA journal_mode=WAL")
    opened.execute(REMEMBER, (name,))
    return opened


@pytest.fixture
def backup(store: Path) -> Path:
    """Made when only "old" was there; the store has "new" besides, in its WAL, as after a power cut."""
    remember(store, "old").close()
    made = shelf.make(store, store.parent / "backup.db")
    opened = remember(store, "new")
    beside = {one: one.read_bytes() for one in store.parent.glob(f"{store.name}*")}
    opened.close()
    for file, content in beside.items():
        file.write_bytes(content)
    return made.path


def test_what_was_there_is_kept_whole(store: Path, backup: Path) -> None:
    done = restoring.restore(backup, store, MONDAY)

    assert names(store) == ["old"]
    assert done.aside is not None and names(done.aside) == ["new", "old"]
    assert names(backup) == ["old"] and not restoring.restoring(store).exists()
    checkup.check(store)


def test_a_store_that_is_gone(store: Path, backup: Path) -> None:
    for file in store.parent.glob(f"{store.name}*"):
        file.unlink()
    assert restoring.restore(backup, store, MONDAY).aside is None
    assert names(store) == ["old"]


def test_what_waited_looks_for_its_mark_first(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as opened:
        for state in ("pending", "running", "done"):
            opened.execute(EFFECT, (state, state, state))
    made = shelf.make(store, store.parent / "backup.db")
    restoring.restore(made.path, store, MONDAY)
    with closing(sqlite3.connect(store)) as opened:
        found = dict(opened.execute("SELECT state, attempts FROM effect").fetchall())
    assert found == {"pending": 1, "running": 1, "done": 0}


def _damage(backup: Path) -> None:
    spoil(backup)


def _newer(backup: Path) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")


def _others(backup: Path) -> None:
    backup.unlink()
    with closing(sqlite3.connect(backup, isolation_level=None)) as opened:
        opened.execute("CREATE TABLE theirs (x)")


def _no_database(backup: Path) -> None:
    backup.write_text("not a database, but long enough to be looked at " * 20)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_damage, "is damaged"),
        (_newer, "schema 9999, which is newer than this version of Vigil. Install the version that made it"),
        (_others, "not one of Vigil's"),
        (_no_database, "is not a SQLite database"),
        (Path.unlink, "There is no file"),
    ],
    ids=["damaged", "newer", "of others", "no database", "not there"],
)
def test_a_backup_that_cannot_be_used_changes_nothing(
    store: Path, backup: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(backup)
    before = {one: one.read_bytes() for one in store.parent.glob(f"{store.name}*")}
    with pytest.raises(BackupError, match=said):
        restoring.restore(backup, store, MONDAY)
    after = {one: one.read_bytes() for one in store.parent.glob(f"{store.name}*") if not one.name.endswith("-lock")}
    assert after == before


def test_a_store_in_use_is_left_alone(store: Path, backup: Path) -> None:
    running = FileLease(store)
    assert running.take()
    with pytest.raises(BackupError, match=r"A bot is running on .* Stop it"):
        restoring.restore(backup, store, MONDAY)
    running.release()
    restoring.restore(backup, store, MONDAY)


def killed_at(step: int, backup: Path, store: Path) -> bool:
    """Restore in a process that is killed by SIGKILL before its `step`-th change of a name; False: it ended."""
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(event: str, _arguments: object) -> None:
            nonlocal seen
            if event in ("os.rename", "os.remove", "os.chown"):
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            restoring.restore(backup, store, MONDAY)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_at_every_step_nothing_is_lost(store: Path, backup: Path) -> None:
    before = {one: one.read_bytes() for one in store.parent.glob(f"{store.name}*")}
    step, refused = 0, 0
    while True:
        for one in store.parent.glob(f"{store.name}*"):
            one.unlink()
        for one, content in before.items():
            one.write_bytes(content)
        step += 1
        if not killed_at(step, backup, store):
            break
        kept = {one.read_bytes() for one in store.parent.iterdir() if one.is_file()}
        lost = [one.name for one, content in before.items() if content not in kept and not one.name.endswith("-shm")]
        assert not lost, f"killed before step {step}"
        if restoring.restoring(store).exists():
            refused += 1
            with pytest.raises(checkup.StoreError, match="was interrupted"):
                checkup.check(store)
            again = restoring.restoring(store)
        else:
            # Either nothing of it is to be seen yet, or it is done.
            checkup.check(store)
            again = backup
        restoring.restore(again, store, MONDAY.replace(year=2027))
        assert names(store) == ["old"] and names(backup) == ["old"]
        checkup.check(store)
    assert step > 5 and refused > 1
