"""How backups are named, when the next one is due, and which ones are kept; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

STAMP = "%Y%m%dT%H%M%SZ"
DAILY = "daily"
DAY = timedelta(days=1)
PARTIAL = ".partial"
_NAME = re.compile(r"(?P<stem>.+?)-(?:(?P<why>daily|before-\w+)-)?(?P<at>\d{8}T\d{6}Z)\.(?:db|dump)")


@dataclass(frozen=True)
class Backup:
    """A backup in its folder. `at`: when it was made, by its name; `why`: "daily", "before-<schema>"; by hand None."""

    path: Path
    at: datetime
    why: str | None = None


def name(stem: str, at: datetime, *, why: str | None = None, ending: str = "db") -> str:
    """The file name of a backup made at this instant."""
    return "-".join(part for part in (stem, why, at.astimezone(UTC).strftime(STAMP)) if part) + f".{ending}"


def read_name(path: Path, stem: str) -> Backup | None:
    """The backup that a file name tells of; None for any other file."""
    found = _NAME.fullmatch(path.name)
    if found is None or found["stem"] != stem:
        return None
    try:
        at = datetime.strptime(found["at"], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(path, at, found["why"])


def due(newest: datetime | None, now: datetime, hour: int) -> bool:
    """Whether the daily backup is owed: none was made since `hour` o'clock (UTC) last passed.

    One that claims to be from more than a day ahead was made while the clock was wrong, and does not count.
    """
    if newest is None or newest > now + DAY:
        return True
    passed = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return newest < (passed if passed <= now else passed - DAY)


def superfluous(found: Iterable[Backup], *, days: int, weeks: int) -> Sequence[Backup]:
    """The daily backups that need not be kept any longer.

    Kept is the newest of each of the last `days` days and `weeks` weeks that have one, whatever today is: a clock that
    jumps takes nothing away, nor does a long time without backups.
    """
    newest_first = sorted((one for one in found if one.why == DAILY), key=lambda one: one.at, reverse=True)
    by_day: dict[object, Backup] = {}
    by_week: dict[object, Backup] = {}
    for one in newest_first:
        by_day.setdefault(one.at.date(), one)
        by_week.setdefault(one.at.isocalendar()[:2], one)
    kept = {*list(by_day.values())[:days], *list(by_week.values())[:weeks]}
    return [one for one in newest_first if one not in kept]
