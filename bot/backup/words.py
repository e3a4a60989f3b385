"""What is said about backups, on a terminal."""

from __future__ import annotations

MAIN = {"incident": "incidents", "log_entry": "log entries", "public_update": "public updates"}
"""Tables whose rows an operator knows, and what they call them."""


class BackupError(Exception):
    """It was not done; the sentence says why and what to do, and never repeats a password."""


def size(count: int) -> str:
    """Bytes, as people write them."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count = count / 1000  # type: ignore[assignment]
    return f"{count:.1f} GB"


def rows(counted: dict[str, int]) -> str:
    """How much is in it: the tables that an operator knows."""
    return ", ".join(f"{counted.get(table, 0)} {name}" for table, name in MAIN.items())
