"""What hangs or floods in one server leaves places to the others; within a server a page waits for no decoration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.effects import Attempt, record
from bot.effects.runner import AT_ONCE, PER_SERVER, Runner
from bot.storage import Tx, UnitOfWork

GENEROUS_S = 30
URGENT = (frozenset({"page"}), frozenset({"room"}))
FLOODED, OTHER = 1, 2


class Outside:
    """Acts on every effect; those of the flooded server and of `hanging` kinds wait until `lets_go`."""

    def __init__(self, *hanging: str) -> None:
        self.hanging = hanging
        self.lets_go = asyncio.Event()
        self.begun: list[Attempt] = []
        self.ended: list[Attempt] = []
        self.heard = asyncio.Condition()

    async def load(self, tx: Tx, attempt: Attempt) -> Any:
        return attempt

    async def act(self, attempt: Attempt, plan: Any) -> dict[str, Any]:
        self.begun.append(attempt)
        await self._tell()
        if attempt.guild_id == FLOODED and attempt.kind in self.hanging:
            await self.lets_go.wait()
        self.ended.append(attempt)
        await self._tell()
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: Any, result: dict[str, Any]) -> None: ...

    async def refused(self, tx: Tx, attempt: Attempt, error: Exception) -> None: ...

    async def _tell(self) -> None:
        async with self.heard:
            self.heard.notify_all()

    async def until(self, predicate: Any) -> None:
        """Wait until it holds."""
        async with asyncio.timeout(GENEROUS_S), self.heard:
            await self.heard.wait_for(predicate)

    def ended_of(self, guild_id: int, kind: str) -> int:
        """How many of a server and kind are done."""
        return sum(one.guild_id == guild_id and one.kind == kind for one in self.ended)


async def put(uow: UnitOfWork, kind: str, many: int, guild_id: int) -> None:
    async with uow() as tx:
        for number in range(many):
            key = f"{kind}:{guild_id}:{number}"
            await record(tx, kind, guild_id=guild_id, subject=f"incident:{number}", key=key)


@asynccontextmanager
async def running(uow: UnitOfWork, outside: Outside) -> AsyncIterator[Runner]:
    runner = Runner(uow, {"page": outside, "room": outside, "line": outside}, urgent=URGENT)
    uow.on_commit.append(lambda parts: runner.kick())
    await runner.start()
    yield runner
    outside.lets_go.set()
    await runner.stop()


async def test_a_flood_that_hangs_leaves_places_to_another_server(uow: UnitOfWork) -> None:
    outside = Outside("room", "line")
    await put(uow, "room", 60, FLOODED)
    await put(uow, "line", 60, FLOODED)
    async with running(uow, outside):
        await outside.until(lambda: len(outside.begun) == 2 * PER_SERVER)
        for kind in ("room", "page", "line"):
            await put(uow, kind, 12, OTHER)
            await outside.until(lambda kind=kind: outside.ended_of(OTHER, kind) == 12)
        assert len(outside.begun) == 2 * PER_SERVER + 36 <= 2 * AT_ONCE, "nothing more of the flooded one was begun"
        outside.lets_go.set()
        await outside.until(lambda: len(outside.ended) == 120 + 36)


async def test_a_page_of_the_flooded_server_itself_waits_for_none_of_its_rooms(uow: UnitOfWork) -> None:
    outside = Outside("room", "line")
    await put(uow, "room", 60, FLOODED)
    await put(uow, "line", 60, FLOODED)
    async with running(uow, outside):
        await outside.until(lambda: len(outside.begun) == 2 * PER_SERVER)
        await put(uow, "page", 1, FLOODED)
        await outside.until(lambda: outside.ended_of(FLOODED, "page") == 1)


async def test_a_page_leaves_early_though_a_flood_waits(uow: UnitOfWork) -> None:
    """Nothing hangs here: it is the order in which they go."""
    outside = Outside()
    await put(uow, "room", 300, FLOODED)
    await put(uow, "page", 1, OTHER)
    async with running(uow, outside):
        await outside.until(lambda: outside.ended_of(OTHER, "page") == 1)
        assert len(outside.begun) <= 2 * AT_ONCE
