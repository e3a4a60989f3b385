"""Whether a SQLite file can be used at all, looked at once before a start, and what to say if not."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import structlog

from bot.storage.schema import SchemaError

log = structlog.get_logger(__name__)

BUDGET_S = 2.0
"""For reading through the file: about a gigabyte from memory. A larger one is checked whole by its daily backup."""
LOCKED_S = 0.5
STEPS = 10_000
RESTORING = "-restoring"


class StoreError(SchemaError):
    """The store cannot be used; the sentence says what to do."""


class Damaged(StoreError):
    """Only a backup helps."""


def restoring(store: Path) -> Path:
    """The backup that is about to take this store's place; there only while a restore is under way."""
    return store.with_name(store.name + RESTORING)


def check(store: Path, *, budget_s: float = BUDGET_S) -> None:
    """Read through the file for at most `budget_s` seconds, and see that it can be written. One that is not there is
    well. Raises StoreError or Damaged.
    """
    half = restoring(store)
    if half.exists():
        raise StoreError(
            f"a restore of {store} was interrupted. Run it once more, with the same backup or with what it had ready: "
            f"`python -m bot restore {half}`."
        )
    if not store.is_file():
        return
    end = time.monotonic() + budget_s
    with closing(
        sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=LOCKED_S)
    ) as opened:
        try:
            opened.execute("PRAGMA schema_version").fetchone()
            opened.set_progress_handler(lambda: int(time.monotonic() > end), STEPS)
            found = str(opened.execute("PRAGMA quick_check(1)").fetchone()[0])
            opened.set_progress_handler(None, 0)
            if found != "ok":
                raise Damaged(f"{store} is damaged ({found.splitlines()[-1]}).")
            _try_to_write(opened)
        except sqlite3.Error as error:
            _explain(error, store)


def _try_to_write(opened: sqlite3.Connection) -> None:
    opened.execute("BEGIN IMMEDIATE")
    try:
        opened.execute("PRAGMA user_version = 1")  # a transaction that has written nothing may begin on any file
    finally:
        opened.execute("ROLLBACK")


def _explain(error: sqlite3.Error, store: Path) -> None:
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_NOTADB":
        raise Damaged(f"{store} is not a database, or its beginning is damaged.") from error
    if code.startswith("SQLITE_CORRUPT"):
        raise Damaged(f"{store} is damaged ({error}).") from error
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        raise StoreError(
            f"{store} cannot be written to. Give the user that runs Vigil the right to write the file and its folder."
        ) from error
    if code == "SQLITE_INTERRUPT":
        log.info("store.not_read_through", remedy="it is large; its next backup checks all of it")
        return
    # Locked for now, or a fault of the disk that passes: the first real use of it waits, and tells.
    log.warning("store.not_checked", why=code or type(error).__name__)
