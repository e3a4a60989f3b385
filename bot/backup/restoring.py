"""A backup takes the place of a SQLite store, whose files are kept beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.backup import copying, rules
from bot.backup.copying import Store
from bot.backup.words import BackupError
from bot.storage import migrate
from bot.storage.checkup import restoring
from bot.storage.lease import FileLease

UNCERTAIN = "UPDATE effect SET attempts = 1 WHERE attempts = 0 AND state IN ('pending', 'running')"
"""What waited to be done on Discord may have been done after the backup was made: each looks for its mark first."""
MOVED = ("-wal", "-journal", "")
"""What belongs to a store, in the order in which it is moved aside. `-shm` holds nothing and is made anew."""


@dataclass(frozen=True)
class Restored:
    """What is in place now, and where that which was there before is kept (None: nothing was there)."""

    store: Store
    aside: Path | None


def restore(backup: Path, store: Path, now: datetime) -> Restored:
    """Put a backup in the place of the store. Raises BackupError with the reason, and then nothing was changed.

    The copy is whole and verified before anything is moved, nothing is deleted, and while `restoring(store)` is there
    the bot does not start: killed anywhere, it is done again by the same command.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    lease = FileLease(store)
    if not lease.take():
        raise BackupError(f"A bot is running on {store}. Stop it, then restore again.")
    try:
        copying.belongs_with(lease.path, store.parent)
        aside = _aside(store, now)
        fresh = _fresh(backup, store)
        moved = _move(store, aside)
        copying.rename(fresh.path, store)
    except OSError as error:
        raise BackupError(f"{store.parent} cannot be written to ({error.strerror}).") from error
    finally:
        lease.release()
    return Restored(Store(store, fresh.size, fresh.revision, fresh.rows), aside if moved else None)


def _fresh(backup: Path, store: Path) -> Store:
    """The backup as a whole file beside the store, under the name that says that a restore is under way."""
    ready = restoring(store)
    partial = store.with_name(store.name + rules.PARTIAL)
    copying.remove(partial)
    copied = copying.copy(backup, partial)
    try:
        check_revision(copied.revision)
        with closing(sqlite3.connect(partial)) as made, made:
            made.execute(UNCERTAIN)
    except BackupError:
        copying.remove(partial)
        raise
    copying.belongs_with(partial, store.parent)
    copying.rename(partial, ready)
    return Store(ready, copied.size, copied.revision, copied.rows)


def check_revision(revision: str) -> None:
    """Raises BackupError for a schema that this version does not know."""
    if revision not in migrate.known():
        raise BackupError(
            f"The backup has schema {revision}, which is newer than this version of Vigil. Install the version that "
            "made it, then restore it with that."
        )


def _aside(store: Path, now: datetime) -> Path:
    aside = store.with_name(f"{store.name}.before-restore-{now.astimezone(UTC).strftime(rules.STAMP)}")
    if aside.exists():
        raise BackupError(f"{aside} exists already; try again in a second.")
    return aside


def _move(store: Path, aside: Path) -> bool:
    """Whether anything was there to be moved."""
    moved = False
    for ending in MOVED:
        file = store.with_name(store.name + ending)
        if file.exists():
            copying.rename(file, aside.with_name(aside.name + ending))
            moved = True
    store.with_name(store.name + "-shm").unlink(missing_ok=True)
    return moved
