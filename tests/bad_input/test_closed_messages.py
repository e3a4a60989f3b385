"""Closed direct messages: of the one on call, of a reporter, of the lead, of the owner; nothing waits for them."""

from __future__ import annotations

from bot.incidents.models import Incident
from tests.bad_input.pressing import CLOSED_DM, LACKS, calm, closes, effects
from tests.world import World, said


async def test_closed_messages_of_the_one_on_call_ask_the_next_at_once(world: World) -> None:
    closes(world, world.bob)
    world.env.inject_error("POST", "/guilds/*/channels", status=403, code=LACKS, times=None)
    await world.declare(world.alice)
    await world.passes(seconds=5)
    assert any("you are paged" in one for one in world.direct(world.carol)), "the next one, at once"
    told = [one for one in world.words(world.channels["operations"]) if "did not reach" in one]
    assert len(told) == 1 and world.bob.mention in told[0]
    await calm(world)


async def test_closed_messages_of_the_reporter_cost_nothing(world: World) -> None:
    closes(world, world.erin)
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="The docs do not load")
    card = world.find(world.channels["operations"], "The docs do not load")
    assert "Declared" in said(await world.alice.click(card, label="Declare"))
    assert await world.count(Incident) == 1
    assert [state for state, _ in await effects(world, "report.answer")] == ["failed"]


async def test_a_private_report_that_nobody_can_be_told_of_is_said_to_its_reporter(world: World) -> None:
    closes(world, world.vera)
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="person", text="Somebody writes me at night")
    assert any("None of those who may read it could be reached" in one for one in world.direct(world.erin))
    for channel in world.guild.channels.values():
        if channel.name in world.channels:
            assert "at night" not in "\n".join(world.words(channel))


async def test_closed_messages_of_the_lead_put_what_comes_next_in_the_room(world: World) -> None:
    room = await world.declare(world.alice)
    closes(world, world.alice)
    checks = await world.alice.click(world.card(room), label="Resolve")
    form = await world.alice.click(checks.response, label="Go on without all checks")
    preview = await world.fills(world.alice, form, cause="Too few connections.")
    await world.alice.click(preview.response, label="Publish and resolve")
    told = [one for one in world.words(room) if "What comes next" in one]
    assert len(told) == 1
    await calm(world)


async def test_closed_messages_of_the_owner_put_the_set_up_in_the_room(bare_world: World) -> None:
    world = bare_world
    owner = world.guild.owner
    world.env.inject_error(
        "POST",
        f"/channels/{world.env.backend.get_dm_channel(owner.id).id}/messages",
        status=403,
        code=CLOSED_DM,
        times=None,
    )
    room = await world.declare(world.alice)
    told = [one for one in world.words(room) if "`/setup`" in one and "not set up yet" in one]
    assert len(told) == 1, "once, in the room"
    await calm(world)
