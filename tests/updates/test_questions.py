"""Which updates are questioned, and what the log says was said."""

from __future__ import annotations

from bot.incidents import log
from bot.incidents.rules import Entry
from tests.updates.acting import posts, publishes, writes
from tests.world import World, said


async def said_in_log(world: World) -> list[str]:
    """The words of the updates in the log, the oldest first."""
    async with world.app.uow.read() as tx:
        return [one.text or "" for one in await log.entries(tx, 1) if one.kind is Entry.UPDATE]


async def test_an_update_is_questioned_though_the_form_came_with_who_is_affected(world: World) -> None:
    room = await world.declare(world.alice, affected="API requests")
    preview = await writes(world, world.alice, room, known="still working on it", affected="API requests")
    told = await writes(world, world.alice, room, known="still working on it", affected="Only requests from Europe")
    assert said(preview) != said(told)
    assert "reader" in said(preview) and "reader" not in said(told)


async def test_the_log_has_the_sentences_of_the_one_tap_updates(world: World) -> None:
    room = await world.declare(world.alice, title="API *times* out", affected="API requests")
    await world.alice.slash(room, "update", quick="first")
    await publishes(world, world.alice, room, known="The pool of connections is full.")
    await world.alice.slash(room, "update", quick="no_change")
    first, _, same = await said_in_log(world)
    assert len(posts(world)) == 3
    assert "We know that something is wrong: API *times* out." in first and "API requests" in first
    assert "Nothing is new" in same and "The pool of connections is full." in same
