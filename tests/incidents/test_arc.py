"""The whole arc of an outage, as people live through it."""

from __future__ import annotations

from bot.incidents.rules import Entry
from tests.world import World, labels, said, words_of


async def test_an_outage_from_declaration_to_resolution(world: World) -> None:
    room = await world.declare(world.alice, affected="everyone who calls the API")
    assert "Paged" in said(world.answer) and room.mention in said(world.answer)

    page = world.find(room, "you are paged")
    await world.bob.click(page, label="Acknowledge")
    assert (await world.incident()).acknowledged_by == world.bob.id

    await world.alice.click(world.find(room, "First things first"), label="We're on it")
    first = world.seen(world.channels["updates"], world.erin)[-1]
    assert "API times out" in words_of(first) and "Next update by" in words_of(first)

    await world.passes(minutes=25)
    assert "A public update is due" in world.words(room)[-1]
    await world.passes(minutes=6)
    reminder = world.find(room, "is due now")
    assert labels(reminder) == ["Post update", "No change, next in 30 min", "Restored, start checks"]

    form = await world.alice.click(reminder, label="Post update")
    preview = await world.fills(
        world.alice, form, status="identified", known="The database ran out of connections.", advice="Try again later."
    )
    assert "This would go to" in said(preview)
    published = await world.alice.click(preview.response, label="Publish")
    assert "Published" in said(published)
    second = world.seen(world.channels["updates"], world.erin)[-1]
    assert "Identified" in words_of(second) and "ran out of connections" in words_of(second)
    assert "is due now" not in "\n".join(world.words(room)), "the reminder is withdrawn"

    checks = await world.alice.click(world.card(room), label="Resolve")
    assert labels(checks.response) == ["Go on without all checks"]
    ticked = await world.alice.select(checks.response, values=["smoke_test", "metrics", "user_reports"])
    form = await world.alice.click(ticked.response, label="Write the final update")
    preview = await world.fills(world.alice, form, cause="Too few database connections.", fix="A larger pool.")
    done = await world.alice.click(preview.response, label="Publish and resolve")
    assert "resolved after 31 minutes" in said(done)

    final = world.seen(world.channels["updates"], world.erin)[-1]
    assert "Resolved" in words_of(final) and "It lasted 31 minutes" in words_of(final)
    assert "is resolved after 31 minutes. Thank you" in "\n".join(world.words(room))
    assert "What comes next" in "\n".join(world.direct(world.alice))
    log = await world.log()
    assert [one for one in log if one in (Entry.DECLARED, Entry.PAGED, Entry.ACKNOWLEDGED, Entry.RESOLVED)] == [
        Entry.DECLARED,
        Entry.PAGED,
        Entry.ACKNOWLEDGED,
        Entry.RESOLVED,
    ]
    assert log.count(Entry.UPDATE) == 3
    assert await world.unfinished() == []

    await world.passes(days=1, minutes=1)
    assert (await world.incident()).archived_at is not None
    assert await world.unfinished() == []


async def test_the_quick_updates_have_a_command_too(world: World) -> None:
    room = await world.declare(world.alice)
    done = await world.alice.slash(room, "update", quick="first")
    assert "Published" in said(done)
    await world.passes(minutes=10)
    await world.alice.slash(room, "update", quick="no_change")
    posts = [words_of(one) for one in world.seen(world.channels["updates"], world.erin)]
    assert "started to look into it" in posts[0] and "Nothing has changed since our update" in posts[1]
    again = await world.alice.slash(room, "update", quick="first")
    assert "A first update is out already" in said(again)
