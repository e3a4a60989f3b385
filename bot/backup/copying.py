"""One SQLite store as one file, made while others read and write it; and whether a file is a whole store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.backup.words import BackupError

PAGES = 2048
"""Copied between two looks at whether to stop: 8 MB."""
STEPS = 200_000
"""Of SQLite's machine between two such looks while it counts and checks."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file while it is open."""

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Store:
    """What a file holds: its schema and how many rows each table has."""

    path: Path
    size: int
    revision: str
    rows: dict[str, int]


class Stopped(Exception):
    """It was told to stop; nothing is left of it."""


def _never() -> bool:
    return False


def copy(source: Path, target: Path, *, stop: Stop = _never) -> Store:
    """Copy the store at `source` to the new file `target` (mode 0600), and verify the copy by opening it.

    Readers and writers of `source` go on meanwhile: the copy is what it held at the first instant. Nothing is left of
    a copy that fails. Raises BackupError, or Stopped soon after `stop` says so.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        counted = _copied(source, target, stop)
        found = verify(target, stop=stop)
        if found.rows != counted:
            raise BackupError(f"The copy of {source} does not hold the same rows as the original; it was thrown away.")
        _to_disk(target)
    except (OSError, BackupError, Stopped) as error:
        remove(target)
        if isinstance(error, OSError):
            raise BackupError(f"{target.parent} cannot be written to ({error.strerror}).") from error
        raise
    return found


def _copied(source: Path, target: Path, stop: Stop) -> dict[str, int]:
    def go_on(*_: int) -> None:
        if stop():
            raise Stopped

    with _opened(source, stop) as origin, closing(sqlite3.connect(target, isolation_level=None)) as made:
        try:
            # Inside a read transaction the original does not change for this connection, so the copy never starts
            # anew however much is written meanwhile, and the counts are those of the copy.
            origin.execute("BEGIN")
            counted = _rows(origin)
            origin.backup(made, pages=PAGES, progress=go_on)
            made.execute("PRAGMA journal_mode=DELETE")  # one file alone, with nothing beside it
        except sqlite3.Error as error:
            raise _explained(error, source, stop) from error
    return counted


def verify(path: Path, *, stop: Stop = _never) -> Store:
    """Open a store and check all of it. Raises BackupError for one that is damaged or not Vigil's."""
    with _opened(path, stop) as store:
        try:
            found = [str(row[0]) for row in store.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"]:
                raise BackupError(f"{path} is damaged ({found[0].splitlines()[-1]}).")
            revision = store.execute("SELECT version_num FROM alembic_version").fetchone()
            rows = _rows(store)
        except sqlite3.Error as error:
            raise _explained(error, path, stop) from error
    if revision is None:
        raise BackupError(f"{path} is an empty database.")
    return Store(path, path.stat().st_size, str(revision[0]), rows)


@contextmanager
def _opened(path: Path, stop: Stop) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    try:
        # Never made, and written only by SQLite's own upkeep of the files beside it.
        store = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise _explained(error, path, stop) from error
    with closing(store):
        store.set_progress_handler(lambda: int(stop()), STEPS)
        yield store


def _rows(store: sqlite3.Connection) -> dict[str, int]:
    names = store.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names.fetchall()}


def _explained(error: sqlite3.Error, path: Path, stop: Stop) -> Exception:
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_INTERRUPT" and stop():
        return Stopped()
    if code == "SQLITE_NOTADB":
        return BackupError(f"{path} is not a SQLite database.")
    if code.startswith("SQLITE_CORRUPT"):
        return BackupError(f"{path} is damaged ({error}).")
    if "no such table: alembic_version" in str(error):
        return BackupError(f"{path} is a database, but not one of Vigil's.")
    return BackupError(f"{path} cannot be copied ({error}).")


def remove(path: Path) -> None:
    """Take away a file and what SQLite may have left beside it."""
    for ending in ("", *BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def belongs_with(path: Path, neighbour: Path) -> None:
    """Root makes files for the user whose the neighbour is: a bot that runs as that user must be able to use them."""
    if os.geteuid() == 0:
        owner = neighbour.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def rename(path: Path, to: Path) -> None:
    """Give a file its name, which survives a power cut from then on."""
    path.replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
