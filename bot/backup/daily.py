"""The daily backup of a running bot, and the one before an upgrade."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

import structlog

from bot.backup import rules
from bot.backup.copying import Stop, Stopped, Store
from bot.backup.shelf import Shelf, of
from bot.backup.words import BackupError
from bot.kernel.clock import Clock
from bot.settings import Settings
from bot.storage import schema

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DailyBackup:
    """Looked at now and then, and made where it is owed, in a thread of its own; what lies there tells what is owed."""

    shelf: Shelf
    clock: Clock
    hour: int
    days: int
    weeks: int

    async def look(self) -> Store | None:
        """Make it if it is owed. One that fails is logged, and owed again at the next look."""
        stopped = threading.Event()
        try:
            return await asyncio.to_thread(self._make, stopped.is_set)
        except Stopped:
            log.info("backup.stopped")
        except BackupError as error:
            log.error("backup.failed", why=str(error))
        except OSError as error:
            log.error("backup.failed", why=f"{self.shelf.folder}: {error.strerror}")
        finally:
            stopped.set()  # a process that ends does not wait for it
        return None

    def _make(self, stop: Stop) -> Store | None:
        newest = self.shelf.newest(rules.DAILY)
        now = self.clock.now()
        if not self.shelf.store.is_file() or not rules.due(newest.at if newest else None, now, self.hour):
            return None
        made = self.shelf.make(now, why=rules.DAILY, stop=stop)
        gone = self.shelf.prune(days=self.days, weeks=self.weeks)
        log.info("backup.made", path=str(made.path), size=made.size, schema=made.revision, removed=gone)
        return made


def daily(settings: Settings, clock: Clock) -> DailyBackup | None:
    """By these settings; None where it is switched off, and on PostgreSQL."""
    shelf, chosen = of(settings), settings.backup
    if shelf is None or not chosen.daily:
        return None
    return DailyBackup(shelf, clock, chosen.hour, chosen.keep_days, chosen.keep_weeks)


async def before_upgrade(settings: Settings, clock: Clock) -> Store | None:
    """A backup of a SQLite store whose schema is about to be changed; None where there is nothing to keep.

    Raises SchemaError: without it nothing is changed.
    """
    shelf = of(settings)
    if shelf is None or not shelf.store.is_file():
        return None
    found, wanted = await schema.current(settings.database.url), schema.HEAD
    if found is None or found == wanted:
        return None
    from bot.storage import migrate  # with Alembic, which most starts do not need

    if found not in migrate.known():
        return None
    try:
        made = await asyncio.to_thread(shelf.make, clock.now(), why=f"before-{wanted}")
    except BackupError as error:
        raise schema.SchemaError(
            f"Before the schema is changed a backup is made, and this one was not: {error}"
        ) from error
    log.info("backup.made", path=str(made.path), size=made.size, schema=made.revision)
    return made
