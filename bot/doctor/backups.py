"""Whether there are backups, and how old the newest is."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.backup import shelf
from bot.doctor.lines import Line, fine, fix, note
from bot.settings import Settings

TOO_OLD = timedelta(days=2)


def examine(settings: Settings, now: datetime) -> list[Line]:
    """A line about the backups of a SQLite file; nothing where there is no file, or where the database has its own."""
    place = shelf.of(settings)
    if place is None or not place.store.is_file():
        return []
    newest = place.newest()
    if newest is None:
        if settings.backup.daily:
            return [note(f"backups: none in {place.folder} yet.", "The bot makes one a minute after its start.")]
        return [
            fix("backups: there is none, and daily ones are switched off.", "Run `python -m bot backup` regularly.")
        ]
    words = f"backups: the newest is of {newest.at:%Y-%m-%d %H:%M} UTC"
    if now - newest.at < TOO_OLD:
        return [fine(words)]
    remedy = "Does the bot run? Its log says `backup.failed` where one could not be made. Now: `python -m bot backup`."
    return [fix(f"{words}, too long ago.", remedy)]
