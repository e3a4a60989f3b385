"""The folder in which backups lie: making one there, finding them, and taking away what need not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.backup import copying, rules
from bot.backup.copying import Stop, Store
from bot.backup.rules import Backup
from bot.backup.words import BackupError
from bot.settings import Settings
from bot.storage.engine import sqlite_file

FOLDER = "backups"


@dataclass(frozen=True)
class Shelf:
    """The backups of one SQLite file in one folder."""

    store: Path
    folder: Path

    def all(self) -> Sequence[Backup]:
        """Every backup that is there, the newest first."""
        files = list(self.folder.iterdir()) if self.folder.is_dir() else []
        found = [one for file in files if (one := rules.read_name(file, self.store.stem)) is not None]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def newest(self, why: str | None = None) -> Backup | None:
        """The newest one; `why`: of this sort only."""
        return next((one for one in self.all() if why is None or one.why == why), None)

    def make(self, at: datetime, *, why: str | None = None, stop: Stop | None = None) -> Store:
        """Make a backup of the store as it is now. Raises BackupError or Stopped."""
        self.sweep(at)
        return make(self.store, self.folder / rules.name(self.store.stem, at, why=why), stop=stop)

    def prune(self, *, days: int, weeks: int) -> int:
        """Take away the daily backups that need not be kept; returns how many."""
        gone = rules.superfluous(self.all(), days=days, weeks=weeks)
        for one in gone:
            one.path.unlink(missing_ok=True)
        return len(gone)

    def sweep(self, now: datetime) -> None:
        """Take away what a backup that was killed a day ago, or earlier, left half made."""
        for file in self.folder.glob(f"*{rules.PARTIAL}"):
            if file.stat().st_mtime < (now - rules.DAY).timestamp():
                copying.remove(file)


def make(store: Path, target: Path, *, stop: Stop | None = None) -> Store:
    """A backup under this name, which it gets once it is whole and verified. Raises BackupError or Stopped."""
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    partial = target.with_name(target.name + rules.PARTIAL)
    try:
        if not target.parent.exists():
            target.parent.mkdir(parents=True, mode=0o700)
            copying.belongs_with(target.parent, store.parent)
        copying.remove(partial)
        made = copying.copy(store, partial, **({} if stop is None else {"stop": stop}))
        copying.belongs_with(partial, target.parent)
        copying.rename(partial, target)
    except OSError as error:
        raise BackupError(f"No file can be made in {target.parent} ({error.strerror}).") from error
    return Store(target, made.size, made.revision, made.rows)


def of(settings: Settings) -> Shelf | None:
    """The shelf of these settings; None on PostgreSQL, which has backups of its own."""
    store = sqlite_file(settings.database.url)
    if store is None:
        return None
    chosen = settings.backup.folder
    return Shelf(store, Path(chosen) if chosen else store.parent / FOLDER)


def advice(settings: Settings) -> str:
    """For a store that cannot be used any more: what to type, by the newest backup that there is."""
    shelf = of(settings)
    newest = shelf.newest() if shelf else None
    if newest is not None:
        return (
            f"Put the newest backup in its place: `python -m bot restore {newest.path}` (made "
            f"{newest.at:%Y-%m-%d %H:%M} UTC). What is there now is kept beside it."
        )
    where = f"There is no backup in {shelf.folder}. " if shelf else ""
    return f"{where}Put a backup in its place with `python -m bot restore` and its path."
