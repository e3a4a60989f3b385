"""Paging: who is asked, who is asked next, and when it ends."""

from __future__ import annotations

import pytest

from bot.incidents.rules import Entry
from bot.oncall import store as oncall
from tests.world import World, said


def paged(world: World, room: object) -> list[list[str]]:
    """Names of those whom each page pings, in order."""
    names = {one.id: name for name, one in world.people.items()}
    return [
        sorted(names[user.id] for user in message.mentions)
        for message in world.seen(room)
        if "you are paged" in message.content
    ]


async def test_unanswered_it_repeats_and_goes_on_to_secondary_and_core(world: World) -> None:
    room = await world.declare(world.alice)
    for _ in range(4):
        await world.passes(minutes=15, seconds=1)
    pages = paged(world, room)
    assert pages[0] == ["bob"]
    assert ["carol"] in pages and ["dave"] in pages
    assert world.sees(world.dave, room), "a ping is sent only after its target can see the place"


async def test_escalation_stops_when_somebody_has_it(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=16)
    await world.carol.click(world.find(room, "you are paged"), label="Acknowledge")
    before = len(paged(world, room))
    await world.passes(hours=5)
    assert len(paged(world, room)) == before


async def test_i_cant_right_now_asks_the_next_one_at_once(world: World) -> None:
    room = await world.declare(world.alice)
    answer = await world.bob.click(world.find(room, "you are paged"), label="I can't right now")
    assert "All right" in said(answer)
    await world.passes(seconds=2)
    assert paged(world, room)[-1] == ["carol"]
    await world.passes(hours=3)
    assert ["bob"] not in paged(world, room)[1:], "who cannot is not asked again"


async def test_who_cannot_is_told_that_somebody_has_it_already(world: World) -> None:
    room = await world.declare(world.alice)
    page = world.find(room, "you are paged")
    await world.carol.click(page, label="Acknowledge")
    assert "Somebody has it" in said(await world.bob.click(page, label="I can't right now"))


async def test_a_sev0_goes_on_until_somebody_answers(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    await world.passes(minutes=16)
    assert len(paged(world, room)) == 4
    await world.passes(hours=3)
    assert len(paged(world, room)) >= 6
    await world.dave.click(world.find(room, "you are paged"), label="Acknowledge")
    before = len(paged(world, room))
    await world.passes(hours=3)
    assert len(paged(world, room)) == before


async def test_escalation_of_a_sev1_ends_with_one_notice_to_operations(world: World) -> None:
    await world.declare(world.alice)
    await world.passes(hours=6)
    told = [one for one in world.words(world.channels["operations"]) if "Nobody has acknowledged" in one]
    assert len(told) == 1


async def test_two_acknowledge_at_once_and_one_is_the_first(world: World) -> None:
    room = await world.declare(world.alice)
    page = world.find(room, "you are paged")
    first = await world.bob.click(page, label="Acknowledge")
    second = await world.carol.click(page, label="Acknowledge")
    assert "nobody else is paged" in said(first) and "acknowledged before" in said(second)
    assert (await world.log()).count(Entry.ACKNOWLEDGED) == 1


async def test_logging_while_paged_is_an_acknowledgement(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.slash(room, "incident log", entry="Looking at the database")
    assert (await world.incident()).acknowledged_by == world.bob.id


async def test_the_lead_is_whoever_acknowledges_when_the_declarer_is_no_responder(bare_world: World) -> None:
    world = bare_world
    async with world.app.uow() as tx:
        await oncall.put_rotation(tx, world.guild.id, [world.bob.id])
        from bot.servers import store as servers

        await servers.change_settings(
            tx, world.guild.id, person_id=None, operations_channel_id=world.channels["operations"].id
        )
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="Nothing loads")
    card = world.find(world.channels["operations"], "Nothing loads")
    await world.bob.click(card, label="Declare")
    assert (await world.incident()).lead_id == world.bob.id


async def test_who_shows_whom_a_page_reaches(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "oncall who")
    assert f"Primary: {world.bob.mention}" in said(shown)
    await world.passes(days=7)
    shown = await world.erin.slash(world.channels["general"], "oncall who")
    assert f"Primary: {world.carol.mention}" in said(shown)
    room = await world.declare(world.alice)
    assert paged(world, room) == [["carol"]]


@pytest.mark.parametrize("severity", ["SEV-1", "SEV-2"])
async def test_where_nobody_is_on_call_somebody_can_be_picked(world: World, severity: str) -> None:
    async with world.app.uow() as tx:
        await oncall.put_rotation(tx, world.guild.id, [])
    room = await world.declare(world.alice, severity=severity)
    if "I paged nobody" in said(world.answer):
        picked = await world.alice.select(world.answer.response, values=[world.carol])
        assert "Paged" in said(picked)
        assert paged(world, room) == [["carol"]]
    else:
        assert paged(world, room) == [["dave"]], "the core team stands in"


async def test_a_page_that_came_due_while_the_process_was_down_says_how_late_it_is(world: World) -> None:
    room = await world.declare(world.alice)
    before = len(paged(world, room))
    await world.sleeps(hours=2)
    pages = paged(world, room)
    assert len(pages) == before + 1, "once, not every step that was slept through"
