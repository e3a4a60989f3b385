"""Nothing that a person or an engine waits for reads a table that grows with the years, on either store.

The tour goes through the life of an incident and every look at it; the store is asked afterwards how it found the rows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from benchmarks.stores import GUILD
from bot.deadlines import store as deadlines
from tests.plans import asked, read_whole
from tests.stores import fresh_store
from tests.world import World, words_of


@pytest.fixture(params=["sqlite", "postgresql"])
async def world_store(request: pytest.FixtureRequest, template: Any, tmp_path: Any) -> AsyncIterator[str]:
    """A store of its own of each kind, whatever the other scenarios run on."""
    async with fresh_store(request.param, request, template, tmp_path) as url:
        yield url


async def works_on_it(world: World) -> Any:
    """Declared, acknowledged, changed in every way, handed over, updated."""
    room = await world.declare(world.alice, summary="Since ten.", affected="everyone")
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    await world.alice.slash(room, "incident log", entry="The database has no connections left")
    await world.alice.slash(room, "incident severity", severity="SEV-2", reason="Half of it is back")
    await world.alice.slash(room, "incident status", status="identified")
    await world.alice.slash(room, "incident title", title="The database has too few connections")
    await world.dave.slash(world.channels["general"], "incident join", incident="inc-0001")
    await world.carol.slash(room, "incident tagout")
    await world.alice.slash(room, "update", quick="first")
    await world.passes(minutes=40)
    return room


async def looks(world: World, room: Any) -> None:
    """Every list, board, picker and export."""
    general = world.channels["general"]
    for name in ("list", "due"):
        await world.alice.slash(general, f"incident {name}")
        await world.erin.slash(general, f"incident {name}")
    for name in ("show", "export"):
        await world.alice.slash(room, f"incident {name}")
        await world.erin.slash(general, f"incident {name}", incident="inc-0001")
    for typed in ("", "inc-0", "zzz"):
        await world.alice.autocomplete(general, "incident show", "incident", typed)
        await world.erin.autocomplete(general, "incident join", "incident", typed)
    for name in ("who", "schedule", "roster"):
        await world.alice.slash(general, f"oncall {name}")
    async with world.app.uow.read() as tx:
        await deadlines.upcoming(tx, guild_id=GUILD)


async def ends_it(world: World, room: Any) -> None:
    """Closed, taken up again, another like it, and over at last."""
    await world.alice.slash(room, "incident cancel", reason="False alarm")
    await world.alice.slash(room, "incident reopen")
    await world.declare(world.alice, "Too few connections to the database")
    await world.fills(
        world.erin,
        await world.erin.slash(world.channels["general"], "incident report"),
        about="system",
        text="It is slow",
    )
    await world.alice.slash(room, "incident page", who=world.dave)
    await world.alice.slash(room, "incident cancel", reason="False alarm")
    await world.passes(days=1, minutes=1)
    await world.restart()
    assert "Closed" in words_of(world.card_of_closed(room))


async def test_every_question_is_served_by_an_index(world: World) -> None:
    with asked() as questions:
        room = await works_on_it(world)
        await looks(world, room)
        await ends_it(world, room)

    assert len(questions) > 100, "the tour put fewer questions than it should"
    assert await read_whole(world.app.engines.read, questions) == []
