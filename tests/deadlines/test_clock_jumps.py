"""The machine's clock jumps, or an hour comes twice: what is due fires once, and nothing is passed over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.deadlines import store
from bot.deadlines.engine import DeadlineEngine
from bot.deadlines.store import DueView
from bot.storage import Tx, UnitOfWork
from tests.stores import MONDAY, SetClock

GUILD = 4_100_000_000_000_000_001
EVERY = 15
SUMMER_BEGINS, WINTER_BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
"""In Berlin. An instant has no daylight saving, so nothing may show here."""

JUMPS = {
    "forward": [10, 60, 10, 10, 120],
    "back": [40, -60, 20, 20, 60, 120],
    "to and fro": [20, 60, -60, 60, -120, 240],
    "steady": [15] * 14,
}


async def fired(uow: UnitOfWork, clock: SetClock, begin: datetime, jumps: list[int]) -> list[tuple[int, datetime]]:
    """Which fired, in order, and what the clock showed: one each quarter of an hour for two hours, twelve in all."""
    seen: list[tuple[int, datetime]] = []

    async def note(tx: Tx, due: DueView) -> None:
        seen.append((int(due.subject), tx.now))

    clock.at = begin
    async with uow() as tx:
        for number in range(1, 13):
            at = begin + timedelta(minutes=EVERY * number)
            await store.put(tx, "k", guild_id=GUILD, subject=str(number), due_at=at, rule="a", reason="b")
    engine = DeadlineEngine(uow, {"k": note})
    engine._stopped = False
    for minutes in jumps:
        clock.passes(minutes=minutes)
        await engine.tick()
    await engine.stop()
    return seen


@pytest.mark.parametrize("begin", [MONDAY, SUMMER_BEGINS, WINTER_BEGINS], ids=["monday", "summer", "winter"])
@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
async def test_each_fires_once_and_never_early(
    uow: UnitOfWork, clock: SetClock, begin: datetime, jumps: list[int]
) -> None:
    seen = await fired(uow, clock, begin, jumps)
    furthest = max(sum(jumps[: index + 1]) for index in range(len(jumps)))

    assert [number for number, _ in seen] == list(range(1, min(12, furthest // EVERY) + 1))
    assert all(now >= begin + timedelta(minutes=EVERY * number) for number, now in seen)


async def test_a_jump_while_it_sleeps_is_noticed_at_the_next_poke(uow: UnitOfWork, clock: SetClock) -> None:
    """The timer was set for an hour; the clock is put on by one, and the safety net pokes."""
    seen = asyncio.Event()

    async def note(tx: Tx, due: DueView) -> None:
        seen.set()

    async with uow() as tx:
        await store.put(tx, "k", guild_id=GUILD, subject="1", due_at=tx.now + timedelta(hours=1), rule="a", reason="b")
    engine = DeadlineEngine(uow, {"k": note})
    await engine.start()
    await asyncio.sleep(0.1)
    assert not seen.is_set()
    clock.passes(hours=1)
    engine.kick()
    await asyncio.wait_for(seen.wait(), 20)
    await engine.stop()
