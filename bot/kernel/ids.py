"""Random references and marks."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000
_TOO_LONG = 19  # digits that no longer fit 63 bits for certain


def private_reference() -> str:
    """A reference that tells nothing about how many there are: `case-` and six hex digits."""
    return f"case-{secrets.token_hex(3)}"


def mark() -> str:
    """A short random mark by which a message or channel of ours is found again (8 hex digits)."""
    return secrets.token_hex(4)


def token() -> str:
    """A lease token."""
    return secrets.token_hex(8)


def row_id(text: str) -> int | None:
    """The id of a row, as a custom id carries it; None for what can be none, so that no query is asked for it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _TOO_LONG else None


def snowflake(text: str) -> int | None:
    """An id of Discord's, as a client sends it; None for what can be none."""
    known = text.isascii() and text.isdecimal() and len(text) <= _TOO_LONG
    return int(text) if known and 0 < int(text) < 1 << 63 else None


def snowflake_time(snowflake: int) -> datetime:
    """When Discord made this id, aware UTC."""
    return datetime.fromtimestamp(((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)
