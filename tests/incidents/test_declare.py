"""Declaring: who is called, who sees the room, and what happens where nothing is prepared."""

from __future__ import annotations

import pytest

from bot.incidents.models import Incident
from bot.policy.words import Standing
from bot.servers import store as servers
from tests.world import World, labels, said, words_of


async def test_the_room_opens_to_lead_on_call_and_nobody_else(world: World) -> None:
    room = await world.declare(world.alice)
    assert room.name == "inc-0001-api-times-out"
    seen = {name for name in world.people if world.sees(world.people[name], room)}
    assert seen == {"alice", "bob", "carol"}, "lead, primary, secondary"


async def test_the_page_leaves_before_anything_decorative(world: World) -> None:
    room = await world.declare(world.alice)
    page = world.seen(room)[0]
    assert "you are paged" in page.content
    assert labels(page) == ["Acknowledge", "I can't right now"]
    assert [one.id for one in page.mentions] == [world.bob.id]


async def test_the_card_is_pinned_and_says_what_is_due_and_why(world: World) -> None:
    room = await world.declare(world.alice)
    card = world.card(room)
    assert [one.id for one in room.pinned_messages()] == [card.id]
    assert "30 min: outage SEV-1; the severity alone would give 2 h" in words_of(card)
    assert labels(card) == [
        "Acknowledge",
        "Post update",
        "Log",
        "Impact",
        "Change severity",
        "Hand over lead",
        "Tag out",
        "Resolve",
    ]


async def test_a_sev0_pages_the_core_team_at_once(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    page = world.seen(room)[0]
    assert {one.id for one in page.mentions} == {world.bob.id, world.carol.id, world.dave.id}
    assert "emergency services" not in page.content
    assert world.sees(world.dave, room) and not world.sees(world.erin, room)


async def test_a_sev0_of_violence_or_a_legal_threat_names_first_whom_to_call_outside(world: World) -> None:
    await world.declare(world.vera, "Threats against a member", severity="SEV-0", kind="community")
    room = world.room("case-")
    assert "emergency services" in world.find(room, "you are paged").content
    brief = words_of(world.find(room, "First things first"))
    assert brief.splitlines()[1].startswith("☐ If someone may be hurt: call the emergency services first")


async def test_a_declarer_on_call_has_thereby_acknowledged(world: World) -> None:
    room = await world.declare(world.bob)
    assert (await world.incident()).acknowledged_by == world.bob.id
    assert "you have acknowledged it by declaring" in said(world.answer)
    assert not [one for one in world.words(room) if "you are paged" in one]


async def test_a_sev3_has_a_card_in_operations_and_a_room_only_when_asked(world: World) -> None:
    assert await world.declare(world.alice, severity="SEV-3") is None
    card = world.seen(world.channels["operations"])[-1]
    assert "API times out" in words_of(card) and "Join" in labels(card)
    assert await world.declare(world.alice, "Docs have a typo", severity="SEV-3", room=True) is not None


async def test_without_options_one_form_asks(world: World) -> None:
    shown = await world.alice.slash(world.channels["general"], "incident declare")
    done = await world.fills(
        world.alice, shown, title="Login fails", severity="SEV-2", kind="outage", summary="Since ten"
    )
    assert "Declared" in said(done)
    found = await world.incident()
    assert (found.severity, found.kind) == ("SEV-2", "outage")


async def test_a_similar_one_is_shown_first_to_who_may_see_it(world: World) -> None:
    await world.declare(world.alice, "API times out for everyone")
    await world.declare(world.carol, "API times out again")
    assert "sounds like something that is open" in said(world.answer)
    assert labels(world.answer.response) == ["Join that one", "Declare anyway"]
    anyway = await world.carol.click(world.answer.response, label="Declare anyway")
    assert "Declared: **inc-0002" in said(anyway)


async def test_a_similar_private_one_is_not_shown_to_who_is_not_in_it(world: World) -> None:
    await world.declare(world.sam, "API leaks tokens of users", kind="security")
    await world.declare(world.alice, "API leaks tokens of users")
    assert "Declared" in said(world.answer)


async def test_a_private_incident_has_a_neutral_name_and_no_trace_elsewhere(world: World) -> None:
    room = await world.declare(world.sam, "Tokens leak", kind="security")
    assert room is None
    room = world.room("case-")
    assert room is not None and "token" not in room.name
    assert world.sees(world.sam, room) and not world.sees(world.alice, room)
    for name in ("general", "updates", "operations"):
        assert "Tokens" not in "\n".join(world.words(world.channels[name]))
    listed = await world.alice.slash(world.channels["general"], "incident list")
    assert "Tokens" not in said(listed)
    ref = (await world.incident()).ref
    hidden = await world.alice.slash(world.channels["general"], "incident show", incident=ref)
    unknown = await world.alice.slash(world.channels["general"], "incident show", incident="case-ffffff")
    assert said(hidden) == said(unknown)
    choices = await world.alice.autocomplete(world.channels["general"], "incident show", "incident", "case")
    assert not choices
    await world.declare(world.alice, "Website is down")
    assert (await world.incident(2)).ref == "inc-0001", "no gap in the numbers"


async def test_a_member_who_is_no_responder_is_sent_to_report(world: World) -> None:
    await world.declare(world.erin)
    assert "/incident report" in said(world.answer)
    assert await world.count(Incident) == 0


async def test_without_set_up_anyone_declares_and_the_owner_is_told_how_to_finish(bare_world: World) -> None:
    world = bare_world
    await world.declare(world.erin)
    assert "I paged nobody" in said(world.answer)
    assert world.room() is not None
    shown = world.answer.response
    await world.erin.select(shown, values=[world.alice])
    assert world.alice.mention in "\n".join(world.words(world.room()))


async def test_a_start_before_the_declaration_is_kept(world: World) -> None:
    await world.passes(hours=1)
    await world.declare(world.alice, started="20 min ago")
    found = await world.incident()
    assert (found.declared_at - found.started_at).total_seconds() == 20 * 60


async def test_practice_pages_only_who_tries_and_stays_out_of_the_numbers(world: World) -> None:
    async with world.app.uow() as tx:
        await servers.enrol(tx, world.guild.id, world.alice.id, Standing.RESPONDER)
    room = await world.declare(world.alice, practice=True)
    assert room is None
    found = await world.incident()
    assert found.practice and found.ref == "practice-0001"
    room = world.room("practice-")
    assert [one.id for one in world.find(room, "you are paged").mentions] == [world.alice.id]
    await world.alice.click(world.find(room, "First things first"), label="We're on it")
    assert "practice" in world.words(world.channels["operations"])[-1].lower()
    assert not world.words(world.channels["updates"])


@pytest.mark.parametrize("what", ["person", "weakness"])
async def test_reports_about_people_and_weaknesses_go_to_named_people_only(world: World, what: str) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    done = await world.fills(world.erin, shown, about=what, text="Somebody writes me at night")
    assert "Thank you" in said(done)
    assert "night" not in "\n".join(world.words(world.channels["operations"]))
    named = world.vera if what == "person" else world.sam
    assert "night" in "\n".join(world.direct(named))


async def test_a_report_becomes_a_silent_card_and_the_reporter_is_answered(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="The docs do not load")
    card = world.find(world.channels["operations"], "The docs do not load")
    assert labels(card) == ["Declare", "Not an incident"]
    await world.alice.click(card, label="Not an incident")
    assert "not an incident" in "\n".join(world.direct(world.erin))
