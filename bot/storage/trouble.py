"""A store that cannot be used for now: from what its driver raises to a sentence for whoever waits."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from bot.kernel.errors import StoreTrouble


class Trouble(StrEnum):
    """What is the matter."""

    UNWRITABLE = "cannot be written"
    BUSY = "busy"
    AWAY = "away"
    DAMAGED = "damaged"


_SQLITE = {
    "SQLITE_FULL": Trouble.UNWRITABLE,
    "SQLITE_IOERR": Trouble.UNWRITABLE,
    "SQLITE_READONLY": Trouble.UNWRITABLE,
    "SQLITE_CANTOPEN": Trouble.UNWRITABLE,
    "SQLITE_BUSY": Trouble.BUSY,
    "SQLITE_LOCKED": Trouble.BUSY,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_NOTADB": Trouble.DAMAGED,
}
_POSTGRES = {
    "08": Trouble.AWAY,  # connection lost or refused
    "57P": Trouble.AWAY,  # shutting down, starting, crashed
    "53300": Trouble.AWAY,  # too many connections
    "53": Trouble.UNWRITABLE,  # disk full, out of memory
    "25006": Trouble.UNWRITABLE,  # a standby that was not promoted
    "58": Trouble.UNWRITABLE,  # input or output failed
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
_SENTENCES = {
    Trouble.UNWRITABLE: (
        "Vigil cannot write to its database just now, so this was not done. Whoever runs Vigil finds the reason in its "
        "log. Please try again in a few minutes, and call by hand whom you need meanwhile."
    ),
    Trouble.BUSY: "Vigil's database is busy, so this was not done. Please try again in a moment.",
    Trouble.AWAY: (
        "Vigil cannot reach its database just now, so this was not done. Please try again in a minute, and call by "
        "hand whom you need meanwhile."
    ),
    Trouble.DAMAGED: (
        "Vigil's database is damaged, so this was not done. Whoever runs Vigil finds the reason in its log. Please "
        "carry on by hand meanwhile."
    ),
}
_UNKNOWN = (
    "Vigil lost its database at the moment at which this was being recorded: it may have been done, or not. Please "
    "look before you do it again."
)


def of(error: BaseException) -> Trouble | None:
    """What is the matter with the store; None for a fault of another kind."""
    if isinstance(error, NoConnection):
        return Trouble.BUSY
    if isinstance(error, OSError):
        return Trouble.AWAY
    if not isinstance(error, DBAPIError):
        return None
    sqlite, postgres = getattr(error.orig, "sqlite_errorname", ""), getattr(error.orig, "sqlstate", None) or ""
    for start, trouble in _SQLITE.items():
        if sqlite.startswith(start):
            return trouble
    for start, trouble in _POSTGRES.items():
        if postgres.startswith(start):
            return trouble
    return Trouble.AWAY if error.connection_invalidated else None


def code(error: BaseException) -> str:
    """What the log says of it: the driver's own code, never its words."""
    orig = getattr(error, "orig", None) or error
    return str(getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or type(orig).__name__)


def told(trouble: Trouble, *, unknown: bool = False) -> StoreTrouble:
    """For whoever waits. `unknown`: the store was lost while it committed."""
    return StoreTrouble(_UNKNOWN if unknown else _SENTENCES[trouble])
