"""An effect that Discord does not take for long becomes visible to people, once, and is tried further (rule 7)."""

from __future__ import annotations

from bot.incidents.rules import Entry
from tests.world import World


async def test_what_hangs_for_minutes_is_told_once_and_goes_on(world: World) -> None:
    room = await world.declare(world.alice)
    assert room is not None
    world.env.inject_error("POST", f"*/channels/{room.id}/messages", status=503, times=1000)
    await world.alice.slash(room, "incident log", entry="The database is restarted.")
    await world.passes(minutes=4)
    assert not [one for one in world.direct(world.alice) if "does not answer" in one]

    await world.passes(minutes=20)
    told = [one for one in world.direct(world.alice) if "does not answer" in one]
    assert len(told) == 1 and "post a log line" in told[0]
    assert Entry.PROBLEM in await world.log()


async def test_a_page_that_hangs_goes_directly_and_then_to_the_next(world: World) -> None:
    world.env.inject_error("POST", "*/guilds/*/channels", status=503, times=1000)
    await world.declare(world.alice)
    assert not world.direct(world.bob)
    await world.passes(minutes=1)
    assert ["you are paged" in one for one in world.direct(world.bob)] == [True]


async def test_where_no_way_works_for_a_while_the_first_that_does_has_paged(world: World) -> None:
    """Nobody else is called meanwhile: their page would hang as well."""
    world.env.inject_error("POST", "*/guilds/*/channels", status=503, times=1000)
    world.env.inject_error("POST", "*/users/@me/channels", status=503, times=14)
    await world.declare(world.alice)
    await world.passes(minutes=4)

    assert sum("you are paged" in one for one in world.direct(world.bob)) == 1
    assert not [entry for entry in await world.log() if entry is Entry.ESCALATED]
