"""The promised time of a public update: a silent word before, a ping when due, then wider, until it is out."""

from __future__ import annotations

import pytest

from bot.incidents.rules import Entry
from tests.updates.acting import due_in_minutes, first_update, pings, posts, publishes
from tests.world import World, labels, words_of


async def test_a_silent_heads_up_at_four_fifths_with_a_draft_from_the_log(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.slash(room, "incident log", entry="Restarted the *workers*")
    await world.passes(minutes=23, seconds=55)
    assert pings(world, room, containing="A public update is due") == []
    await world.passes(seconds=10)
    ((whom, words),) = pings(world, room, containing="A public update is due")
    assert whom == [] and "Restarted the \\*workers\\*" in words
    message = world.find(room, "A public update is due")
    assert message.flags.value & 4096, "it rings no phone"
    form = await world.alice.click(message, label="Use this as a draft")
    known = next(one["component"] for one in form.modal["components"] if one["component"]["custom_id"] == "known")
    assert known["value"] == "Restarted the *workers*"


async def test_when_due_one_ping_to_the_lead_with_the_buttons_that_answer(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=29, seconds=58)
    assert pings(world, room, containing="is due now") == []
    await world.passes(seconds=4)
    assert [whom for whom, _ in pings(world, room, containing="is due now")] == [["alice"]]
    assert labels(world.find(room, "is due now")) == [
        "Post update",
        "No change, next in 30 min",
        "Restored, start checks",
    ]


async def test_overdue_it_widens_from_lead_to_on_call_to_operations_then_hourly_there(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    operations = world.channels["operations"]
    await world.passes(minutes=30, seconds=1)
    rungs: list[list[tuple[list[str], str]]] = []
    for minutes in (5, 10, 15):
        await world.passes(minutes=minutes)
        rungs.append(pings(world, room, containing="was due"))
    assert [[whom for whom, _ in one] for one in rungs] == [
        [["alice"]],
        [["alice", "bob", "carol"]],
        [["alice", "bob", "carol"]],
    ], "each rung takes the place of the one before"
    lines = [one for one in world.seen(operations) if "was due" in one.content]
    assert len(lines) == 1 and not lines[0].mentions and lines[0].flags.value & 4096
    for _ in range(3):
        await world.passes(hours=1)
        lines = [one for one in world.seen(operations) if "was due" in one.content]
        assert len(lines) == 1, "the hourly line replaces the last one"
        assert len(pings(world, room, containing="was due")) == 1, "in operations only; the last ping keeps its buttons"
    assert (await world.log()).count(Entry.UPDATE_OVERDUE) == 1


async def test_posting_takes_the_reminders_back_and_moves_the_clock(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(hours=1, minutes=1)
    assert "was due" in "\n".join(world.words(world.channels["operations"]))
    await publishes(world, world.alice, room)
    await world.passes(seconds=5)
    for place in (room, world.channels["operations"]):
        assert "was due" not in "\n".join(world.words(place))
    assert await due_in_minutes(world) == pytest.approx(30, abs=0.2)
    assert "ran out of connections" in posts(world)[-1]


async def test_who_tagged_out_is_not_reminded(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    await world.carol.slash(room, "incident tagout")
    await world.passes(minutes=46)
    assert [whom for whom, _ in pings(world, room, containing="was due")] == [["alice", "bob"]]


async def test_a_closed_incident_reminds_nobody(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=31)
    await world.alice.slash(room, "incident cancel", reason="A test alert")
    await world.passes(hours=3)
    assert pings(world, room, containing="is due now") == [] == pings(world, room, containing="was due")
    assert "was due" not in "\n".join(world.words(world.channels["operations"]))


async def test_asleep_past_the_time_it_is_one_message_that_says_how_late(world: World) -> None:
    room = await world.declare(world.alice)
    await first_update(world, world.alice, room)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    before = len(world.seen(room))
    await world.sleeps(minutes=47)
    fresh = [one for one in world.seen(room)[before:] if "public update" in one.content]
    assert len(fresh) == 1 and "was due" in fresh[0].content and "<t:" in fresh[0].content
    assert {one.id for one in fresh[0].mentions} == {world.alice.id, world.bob.id, world.carol.id}


async def test_asleep_past_every_rung_people_are_told_all_the_same(world: World) -> None:
    """Hourly in operations only is for those who were pinged before; here nobody was."""
    room = await world.declare(world.alice)
    await first_update(world, world.alice, room)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    before = len(world.seen(room))
    await world.sleeps(hours=3)
    fresh = [one for one in world.seen(room)[before:] if "public update" in one.content]
    assert len(fresh) == 1, [words_of(one) for one in fresh]
    assert {one.id for one in fresh[0].mentions} == {world.alice.id, world.bob.id, world.carol.id}
    assert len([one for one in world.words(world.channels["operations"]) if "was due" in one]) == 1
    await world.passes(hours=2)
    later = [one for one in world.seen(room)[before:] if "public update" in one.content]
    assert [one.id for one in later] == [one.id for one in fresh], "from then on as usual, in operations only"


async def test_a_heads_up_that_was_slept_through_is_left_out(world: World) -> None:
    room = await world.declare(world.alice)
    await world.sleeps(minutes=31)
    assert pings(world, room, containing="A public update is due") == []
    assert len(pings(world, room, containing="The public update for")) == 1


async def test_raised_the_clock_is_stricter_from_then_on(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    assert await due_in_minutes(world) == 24 * 60
    await world.passes(hours=3)
    await world.alice.slash(room, "incident severity", severity="SEV-1", reason="It spreads")
    assert await due_in_minutes(world) == 30, "from the change, never in the past"
    await world.passes(minutes=10)
    await world.alice.slash(room, "incident severity", severity="SEV-0", reason="All is down")
    assert await due_in_minutes(world) == 15


async def test_lowered_it_runs_from_its_own_start_and_a_promise_stays(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=5)
    await world.alice.slash(room, "incident severity", severity="SEV-2", reason="A workaround")
    assert await due_in_minutes(world) == 24 * 60 - 5
    await world.alice.slash(room, "incident severity", severity="SEV-1", reason="No, it is worse")
    await publishes(world, world.alice, room, next="in 20 min")
    await world.passes(minutes=5)
    await world.alice.slash(room, "incident severity", severity="SEV-3", reason="Better")
    assert await due_in_minutes(world) == pytest.approx(15, abs=1.1), "what was announced is kept"


async def test_reopened_the_clock_runs_from_now(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident cancel")
    assert await due_in_minutes(world) is None
    await world.passes(hours=2)
    await world.alice.slash(room, "incident reopen")
    assert await due_in_minutes(world) == 30
