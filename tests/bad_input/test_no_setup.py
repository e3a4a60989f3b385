"""A server that was never set up: every command answers, and its owner is told how to finish it."""

from __future__ import annotations

import pytest

from tests.bad_input.pressing import refusal
from tests.world import World, said


async def test_the_owner_is_told_once_a_day(bare_world: World) -> None:
    world = bare_world
    channel_id = world.env.backend.get_dm_channel(world.guild.owner.id).id
    world.env.inject_error("POST", f"/channels/{channel_id}/messages", status=500, times=3)
    await world.declare(world.alice)
    await world.passes(minutes=5)
    await world.restart()
    await world.passes(minutes=5)
    told = world.guild.owner.dm_channel.history()
    assert len([one for one in told if "not set up yet" in one.content]) == 1
    for days, times in ((0, 1), (1, 2)):
        await world.passes(days=days)
        await world.declare(world.alice, f"Docs are down, day {days}")
        again = world.guild.owner.dm_channel.history()
        assert len([one for one in again if "not set up yet" in one.content]) == times


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("incident list", {}, "No incident is open"),
        ("incident due", {}, "Nothing is due"),
        ("incident show", {}, "not an incident’s room"),
        ("incident log", {"entry": "Failover done"}, "not an incident’s room"),
        ("incident acknowledge", {}, "not an incident’s room"),
        ("incident resolve", {}, "not an incident’s room"),
        ("update", {}, "not an incident’s room"),
        ("oncall who", {}, "Nobody is on call here"),
        ("oncall schedule", {}, "Nobody is on call here"),
    ],
)
async def test_without_set_up_every_command_answers(
    bare_world: World, command: str, options: dict[str, str], words: str
) -> None:
    world = bare_world
    refusal(await world.erin.slash(world.channels["general"], command, **options), words, kept=False)


async def test_without_set_up_a_report_thanks_and_says_whom_to_tell(bare_world: World) -> None:
    world = bare_world
    for about in ("system", "person"):
        shown = await world.erin.slash(world.channels["general"], "incident report")
        done = await world.fills(world.erin, shown, about=about, text="Something is off")
        assert "Thank you for telling us" in said(done) and "owner of the server" in said(done)


async def test_without_set_up_the_arc_goes_on_without_a_public_word(bare_world: World) -> None:
    world = bare_world
    await world.declare(world.erin)
    room = world.room()
    assert room is not None
    assert "In the log of" in said(await world.erin.slash(room, "incident log", entry="Failover done"))
    first = await world.erin.click(world.find(room, "First things first"), label="We're on it")
    refusal(first, "No channel for public updates", "`/setup`", kept=False)
    form = await world.erin.slash(room, "update")
    refused = await world.fills(world.erin, form, status="identified", known="The pool is full.")
    refusal(refused, "No channel for public updates")
    checks = await world.erin.click(world.card(room), label="Resolve")
    final = await world.erin.click(checks.response, label="Go on without all checks")
    preview = await world.fills(world.erin, final, cause="Too few connections.")
    done = await world.erin.click(preview.response, label="Resolve")
    assert "is resolved after" in said(done)
