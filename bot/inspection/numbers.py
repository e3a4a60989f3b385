"""Figures from the store, as one look at it gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.backup import shelf
from bot.deadlines import store as due
from bot.effects import overview as effects
from bot.incidents import counts
from bot.settings import Settings
from bot.storage import UnitOfWork

OTHER = "other"
"""The kind under which all is told that is not of an incident which others may know of."""


@dataclass(frozen=True)
class Numbers:
    """What stands in the store at `at` (aware UTC). `shown`: of the subjects asked for, those that may be told."""

    at: datetime
    effects: effects.Depths
    deadlines: due.DueDepths
    open_incidents: dict[str, int]
    shown: frozenset[str]


async def newest_backup(settings: Settings) -> datetime | None:
    """When the newest one was made (aware UTC); None for none, and on PostgreSQL, whose backups are made elsewhere."""
    place = shelf.of(settings)
    newest = await asyncio.to_thread(place.newest) if place is not None else None
    return newest.at if newest is not None else None


async def numbers(uow: UnitOfWork, subjects: Collection[str] = ()) -> Numbers:
    """One look, in one transaction that only reads. Raises what the store raises."""
    async with uow.read() as tx:
        return Numbers(
            at=tx.now,
            effects=await effects.depths(tx),
            deadlines=await due.depths(tx, besides=counts.of_private()),
            open_incidents=await counts.open_by_severity(tx),
            shown=frozenset(await counts.shown(tx, subjects)),
        )
