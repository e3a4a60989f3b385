"""People who cannot be what they were named for: gone, a bot, oneself, already it; rotations of one, none, a bot."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.actors import MemberActor

from bot.incidents.models import Incident, Page
from bot.oncall import store as oncall
from bot.servers import store as servers
from tests.bad_input.pressing import edits_again, pinged, refusal, sends, standing
from tests.world import World, said


@pytest.fixture
def gone(world: World) -> Any:
    """Somebody who left the server: known to Discord, no member here."""
    return world.env.create_user("gone")


@pytest.fixture
def robot(world: World) -> Any:
    """Another bot of the server."""
    return world.guild.add_member(world.env.create_user("robot", bot=True))


def owner(world: World) -> Any:
    """The server's owner, who may do everything there."""
    return MemberActor(world.env, world.guild, world.guild.owner)


@pytest.mark.parametrize("form", [False, True], ids=["options", "before a form"])
@pytest.mark.parametrize("who", ["gone", "robot"])
async def test_a_lead_who_cannot_lead_costs_nothing_of_what_was_typed(
    world: World, who: str, form: bool, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    typed = {"title": "API times out", "summary": "Since ten."} | (
        {} if form else {"severity": "SEV-2", "kind": "outage"}
    )
    refused = await world.alice.slash(world.channels["general"], "incident declare", lead=person, **typed)
    assert refused.modal is None
    refusal(refused, "A bot cannot lead" if who == "robot" else "not in this server", "leave the lead out")
    assert await world.count(Incident) == 0
    again = await edits_again(world.alice, refused)
    assert standing(again)["title"] == "API times out" and standing(again)["summary"] == "Since ten."
    await sends(world, world.alice, again, severity="SEV-2", kind="outage")
    assert (await world.incident()).lead_id == world.alice.id


async def test_oneself_may_be_named_as_lead(world: World) -> None:
    await world.declare(world.alice, lead=world.alice)
    assert (await world.incident()).lead_id == world.alice.id


@pytest.mark.parametrize(
    ("who", "words"),
    [("gone", "not in this server"), ("robot", "A bot cannot lead"), ("alice", "You lead this incident already")],
)
async def test_the_lead_is_not_offered_to_who_cannot_take_it(
    world: World, who: str, words: str, request: pytest.FixtureRequest
) -> None:
    room = await world.declare(world.alice)
    person = world.people.get(who) or request.getfixturevalue(who)
    refused = await world.alice.slash(room, "incident lead", who=person, notes="Fix is in review")
    refusal(refused, words)
    again = await edits_again(world.alice, refused)
    assert standing(again)["notes"] == "Fix is in review"
    await sends(world, world.alice, again, to=[world.bob])
    assert "Fix is in review" in world.find(room, "offers you the lead").content
    assert (await world.incident()).lead_id == world.alice.id


async def test_a_bot_picked_in_the_form_is_refused_and_the_notes_stay(world: World, robot: Any) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.click(world.card(room), label="Hand over lead")
    refused = await world.fills(world.alice, shown, to=[robot], notes="Fix is in review")
    refusal(refused, "A bot cannot lead")
    assert standing(await edits_again(world.alice, refused))["notes"] == "Fix is in review"


async def test_who_leads_already_and_who_is_led_get_a_sentence(world: World) -> None:
    room = await world.declare(world.alice)
    offered = await world.bob.slash(room, "incident lead", who=world.alice, notes="I can take it from here")
    refusal(offered, "They lead this incident already")
    refusal(await world.bob.slash(room, "incident lead", who=world.bob), "leads this incident", kept=False)


async def test_who_tagged_out_is_not_called_again(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    await world.bob.slash(room, "incident tagout")
    before = len(world.seen(room))
    refusal(await world.alice.slash(room, "incident lead", who=world.bob, notes="Please"), "tagged out")
    refusal(await world.alice.slash(room, "incident page", who=world.bob), "tagged out", kept=False)
    assert world.bob.id not in pinged(world, room, before)


async def test_nobody_is_brought_in_or_paged_who_is_not_there(world: World, gone: Any, robot: Any) -> None:
    room = await world.declare(world.alice)
    pages = await world.count(Page)
    for command in ("incident add", "incident page"):
        refusal(await world.alice.slash(room, command, who=gone), "not in this server", kept=False)
        refusal(await world.alice.slash(room, command, who=robot), "A bot cannot", "name a person", kept=False)
    assert await world.count(Page) == pages
    assert not world.sees(robot, room)


async def test_nobody_is_paged_by_the_select_who_is_not_there(world: World, gone: Any, robot: Any) -> None:
    async with world.app.uow() as tx:
        await oncall.put_rotation(tx, world.guild.id, [])
        await servers.discharge(tx, world.guild.id, world.dave.id)
    await world.declare(world.alice)
    assert "I paged nobody" in said(world.answer)
    refusal(await world.alice.select(world.answer.response, values=[gone]), "not in this server", kept=False)
    refusal(await world.alice.select(world.answer.response, values=[robot]), "A bot cannot answer a page", kept=False)
    assert await world.count(Page) == 0


async def test_a_rotation_of_one_works_and_says_what_it_means(world: World) -> None:
    shown = await owner(world).slash(world.channels["general"], "oncall rotation")
    done = await sends(world, owner(world), shown, people=[world.carol])
    assert "One person carries it alone" in said(done)
    who = await world.alice.slash(world.channels["general"], "oncall who")
    assert world.carol.mention in said(who) and "Secondary: nobody" in said(who)
    room = await world.declare(world.alice)
    await world.passes(hours=1)
    assert {world.carol.id, world.dave.id} <= pinged(world, room), "then the core team"


async def test_a_rotation_with_a_bot_is_refused_and_comes_back(world: World, robot: Any) -> None:
    shown = await owner(world).slash(world.channels["general"], "oncall rotation")
    before = await world.alice.slash(world.channels["general"], "oncall who")
    refused = await sends(world, owner(world), shown, people=[world.carol, robot])
    refusal(refused, "A bot cannot be on call")
    again = await edits_again(owner(world), refused)
    assert standing(again)["people"] == [str(world.carol.id), str(robot.id)], "who was picked, in order"
    after = await world.alice.slash(world.channels["general"], "oncall who")
    assert said(after) == said(before)


async def test_without_a_rotation_it_says_so_and_the_core_team_is_asked(world: World) -> None:
    async with world.app.uow() as tx:
        await oncall.put_rotation(tx, world.guild.id, [])
    who = await world.erin.slash(world.channels["general"], "oncall who")
    assert "Nobody is on call here" in said(who)
    schedule = await world.erin.slash(world.channels["general"], "oncall schedule")
    assert "Nobody is on call here" in said(schedule)
    room = await world.declare(world.alice)
    pages = [one for one in world.seen(room) if "you are paged" in one.content]
    assert [[user.id for user in one.mentions] for one in pages] == [[world.dave.id]]


async def test_who_may_not_enter_a_rotation_is_told_before_or_after_the_form(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "oncall rotation")
    result = shown if shown.modal is None else await sends(world, world.erin, shown, people=[world.erin])
    refusal(result, "core team enters the rotation", kept=False)


async def test_a_zone_that_nobody_knows_is_refused_with_the_nearest(world: World) -> None:
    refusal(
        await world.alice.slash(world.channels["general"], "oncall zone", zone="Europe/Berln"),
        "Europe/Berlin",
        kept=False,
    )
