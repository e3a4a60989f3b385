"""Backups: made while the bot runs, verified by opening them, kept for a while, put back safely.

What is promised: a backup that exists under its name was opened and checked; a restore, killed anywhere, loses neither
the backup nor what was there before it.
"""

from bot.backup.rules import Backup
from bot.backup.words import BackupError

__all__ = ["Backup", "BackupError"]
