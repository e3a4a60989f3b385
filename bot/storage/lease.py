"""Whose a SQLite file is: one process at a time, by a lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

LOCK_SUFFIX = "-lock"


class FileLease:
    """The right to serve one SQLite file: an exclusive lock on a file beside it, which holds nothing.

    The operating system releases it when the process dies, so it is never stale.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + LOCK_SUFFIX)
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._file is not None

    def take(self) -> bool:
        """Take it if it is free, without waiting; True when it is held. Raises OSError where no file can be made."""
        if self._file is not None:
            return True
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let others have it. The empty file stays: taking it away would let two processes hold two different ones."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def in_use(database: Path) -> bool:
    """Whether a process serves this SQLite file now."""
    lease = FileLease(database)
    with suppress(FileNotFoundError):
        if not lease.take():
            return True
    lease.release()
    return False
