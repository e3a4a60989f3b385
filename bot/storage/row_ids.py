"""Row ids that people can see in a button: those of private rows leave no gap in the others (design, rule 4)."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import func, select

from bot.storage.uow import Tx

HIDDEN_FROM = 1 << 40
"""Ids from here on are drawn at random; below, they are counted."""
_SPAN = 1 << 51


def hidden_id() -> int:
    """An id for a row that nobody may count: random, so that it and its neighbours tell nothing."""
    return HIDDEN_FROM + secrets.randbelow(_SPAN)


async def counted_id(tx: Tx, model: Any) -> int | None:
    """The next id below the hidden ones; None where the store counts by itself (PostgreSQL, by its sequence)."""
    if tx.session.get_bind().dialect.name != "sqlite":
        return None
    highest = await tx.session.scalar(select(func.max(model.id)).where(model.id < HIDDEN_FROM))
    return (highest or 0) + 1
