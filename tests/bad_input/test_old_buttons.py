"""Buttons and forms from another time: of a closed incident, of an older version, of a finished draft, from before a
restart, from before somebody else changed or closed it; and those in direct messages."""

from __future__ import annotations

from typing import Any

import pytest

from bot.answers.waiting import waiting_list
from bot.incidents.models import Incident, Report
from bot.incidents.rules import Entry
from bot.policy.words import Standing
from bot.servers import store as servers
from tests.bad_input.pressing import edits_again, pressed, refusal, sends, standing
from tests.world import World, labels, said, words_of

ON_THE_CARD = {
    "incident.acknowledge": "Acknowledge",
    "incident.log": "Log",
    "incident.impact": "Impact",
    "incident.severity": "Change severity",
    "incident.lead": "Hand over lead",
    "incident.tag_out": "Tag out",
    "update.open": "Post update",
    "resolve.open": "Resolve",
}


async def resolve(world: World, who: Any, room: Any) -> Any:
    """Resolved, by the form."""
    checks = await who.click(world.card(room), label="Resolve")
    form = await who.click(checks.response, label="Go on without all checks")
    preview = await world.fills(who, form, cause="Too few connections.")
    return await who.click(preview.response, label="Publish and resolve")


@pytest.mark.parametrize("end", ["resolved", "cancelled"])
async def test_buttons_of_a_closed_incident(world: World, end: str) -> None:
    room = await world.declare(world.alice)
    page = world.find(room, "you are paged")
    brief = world.find(room, "First things first")
    preview = await world.fills(
        world.alice, await world.alice.slash(room, "update"), status="identified", known="The pool is full."
    )
    if end == "resolved":
        await resolve(world, world.alice, room)
    else:
        await world.alice.slash(room, "incident cancel")
    posts = len(world.words(world.channels["updates"]))
    sentence = f"inc-0001 is already {end}"
    for label in ("Acknowledge", "I can't right now"):
        refusal(await world.bob.click(page, label=label), sentence, kept=False)
    refusal(await world.alice.click(preview.response, label="Publish"), sentence, kept=False)
    for action in ("update.first", "update.no_change", "incident.take_lead", "incident.join", "incident.new_room"):
        refusal(await pressed(world, world.alice, room, f"v1:{action}:1"), sentence, kept=False)
    for action in ON_THE_CARD:
        result = await pressed(world, world.alice, room, f"v1:{action}:1")
        if action == "incident.log":
            assert result.modal is not None, "the log stays open for what is remembered later"
        elif result.modal is not None:
            changed = {"reason": "Worse", "severity": "SEV-0", "down": "All", "to": [world.bob]}
            given = {key: value for key, value in changed.items() if key in standing(result)}
            refusal(await sends(world, world.alice, result, **given), sentence, kept=action != "incident.lead")
        else:
            refusal(result, sentence, kept=False)
    assert len(world.words(world.channels["updates"])) == posts
    assert (await world.incident()).status == end
    assert "First things first" in words_of(brief)


async def test_reopening_what_is_open_and_what_was_reopened(world: World) -> None:
    room = await world.declare(world.alice)
    refusal(await world.alice.slash(room, "incident reopen"), "inc-0001 is open", kept=False)
    await world.alice.slash(room, "incident cancel")
    card = world.card_of_closed(room)
    assert "is open again" in said(await world.bob.click(card, label="Reopen"))
    refusal(await pressed(world, world.carol, room, "v1:incident.reopen:1"), "inc-0001 is open", kept=False)
    assert (await world.log()).count(Entry.REOPENED) == 1


@pytest.mark.parametrize(
    "custom_id", ["v0:incident.acknowledge:1", "v2:incident.acknowledge:1", "v1:incident.gone:1", "ack", "v1:::", "🔥"]
)
async def test_a_button_of_another_version_gets_a_sentence(world: World, custom_id: str) -> None:
    room = await world.declare(world.alice)
    refusal(await pressed(world, world.bob, room, custom_id), "older version", "newest card", kept=False)


@pytest.mark.parametrize(
    "custom_id",
    [
        "v1:incident.acknowledge:999",
        "v1:incident.acknowledge:new",
        "v1:incident.log:99999999999999999999999999",
        "v1:incident.lead_accept:999",
        "v1:report.declare:999",
        "v1:effect.retry:999",
        "v1:update.confirm_gap:999",
        "v1:draft.again:999",
        "v1:update.publish:999",
        "v1:resolve.publish:999",
        "v1:incident.page:1",
        "v1:incident.tick:1",
    ],
)
async def test_a_button_of_nothing_gets_a_sentence(world: World, custom_id: str) -> None:
    room = await world.declare(world.alice)
    before = await world.log()
    refusal(await pressed(world, world.bob, room, custom_id), kept=False)
    assert await world.log() == before


async def test_a_finished_draft_is_gone(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await world.fills(
        world.alice, await world.alice.slash(room, "update"), status="identified", known="The pool is full."
    )
    await world.alice.click(preview.response, label="Publish")
    refusal(await world.alice.click(preview.response, label="Publish"), "no draft of yours", kept=False)
    edit = await world.alice.click(preview.response, label="Edit")
    assert edit.modal is not None
    refused = await world.alice.slash(world.channels["general"], "incident declare", title="?", **given())
    done = await sends(world, world.alice, await edits_again(world.alice, refused), title="Docs are down")
    assert "Declared" in said(done)
    refusal(await world.alice.click(refused.response, label="Edit again"), "That draft is gone", kept=False)


async def test_declare_anyway_without_anything_left(world: World) -> None:
    await world.declare(world.alice)
    await world.declare(world.carol, "API times out again")
    similar = world.answer.response
    assert "Declared" in said(await world.carol.click(similar, label="Declare anyway"))
    refusal(await world.carol.click(similar, label="Declare anyway"), "nothing left to declare", kept=False)
    assert await world.count(Incident) == 2


def given() -> dict[str, str]:
    """What a declaration needs besides its title."""
    return {"severity": "SEV-2", "kind": "outage"}


# After a restart ---------------------------------------------------------------------------------------------------


async def opened(world: World, room: Any, name: str) -> Any:
    """A form, opened the way people open it."""
    general = world.channels["general"]
    if name in ("Log", "Change severity", "Impact", "Hand over lead", "Post update"):
        return await world.alice.click(world.card(room), label=name)
    if name == "Declare":
        return await world.alice.slash(general, "incident declare")
    if name == "Report":
        return await world.erin.slash(general, "incident report")
    if name == "Final update":
        checks = await world.alice.click(world.card(room), label="Resolve")
        return await world.alice.click(checks.response, label="Go on without all checks")
    first = await world.alice.click(world.find(room, "First things first"), label="We're on it")
    return await world.alice.click(first.response, label="Correct")


FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "Log": ({"entry": "Failover done", "at": "5 min ago"}, "In the log of inc-0001"),
    "Change severity": ({"severity": "SEV-2", "reason": "Half of it is back"}, "SEV-1 → SEV-2"),
    "Impact": ({"down": "The API"}, "is on its card"),
    "Hand over lead": ({"notes": "Fix is in review"}, "You lead until they accept"),
    "Post update": ({"status": "identified", "known": "The pool is full."}, "This would go to"),
    "Declare": ({"title": "Docs are down", "severity": "SEV-2", "kind": "outage"}, "Declared"),
    "Report": ({"about": "system", "text": "The docs do not load"}, "Thank you for telling us"),
    "Final update": ({"cause": "Too few connections."}, "is resolved after"),
    "Correct": ({"known": "The pool was full."}, "is being corrected"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_opened_before_a_restart_is_taken_after_it(world: World, name: str) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=6)
    shown = await opened(world, room, name)
    values, expected = FORMS[name]
    if name == "Hand over lead":
        values = {**values, "to": [world.bob]}
    await world.restart()
    who = world.erin if name == "Report" else world.alice
    done = await sends(world, who, shown, **values)
    assert expected in said(done), said(done)


@pytest.mark.parametrize("name", ["Change severity", "Impact", "Hand over lead", "Post update", "Final update"])
async def test_a_form_sent_after_somebody_closed_it_keeps_its_words(world: World, name: str) -> None:
    room = await world.declare(world.alice)
    shown = await opened(world, room, name)
    await world.carol.slash(room, "incident cancel")
    values = dict(FORMS[name][0])
    if name == "Hand over lead":
        values["to"] = [world.bob]
    refused = await sends(world, world.alice, shown, **values)
    refusal(refused, "inc-0001 is already cancelled", "/incident reopen")
    again = await world.alice.click(refused.response, label="Edit again")
    typed = next(value for value in values.values() if isinstance(value, str) and " " in value)
    assert typed in (said(again) or str(standing(again)))
    await world.carol.slash(room, "incident reopen")
    done = await sends(world, world.alice, await edits_again(world.alice, refused))
    assert FORMS[name][1] in said(done) or "would go to" in said(done) or "is resolved after" in said(done)


async def test_a_form_sent_after_it_went_private_tells_an_outsider_nothing(world: World) -> None:
    room = await world.declare(world.alice)
    board = world.find(world.channels["operations"], "API times out")
    assert board is not None
    form = await world.dave.slash(world.channels["general"], "incident log", incident="inc-0001")
    await world.alice.slash(room, "incident kind", kind="security")
    refused = await world.fills(world.dave, form, entry="I saw it too")
    refusal(refused, "There is no open or past incident by that name")
    again = await edits_again(world.dave, refused)
    assert standing(again)["entry"] == "I saw it too"
    assert "case-" not in str(again.modal)


async def test_a_severity_changed_meanwhile_is_said(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await opened(world, room, "Change severity")
    await world.carol.slash(room, "incident severity", severity="SEV-2", reason="Half of it is back")
    refused = await sends(world, world.alice, shown, severity="SEV-2", reason="Half of it works")
    refusal(refused, "It is SEV-2 already")
    done = await sends(world, world.alice, await edits_again(world.alice, refused), severity="SEV-3")
    assert "SEV-2 → SEV-3" in said(done)


async def test_what_was_answered_is_not_answered_again_after_a_restart(world: World) -> None:
    room = await world.declare(world.alice)
    ticked = await world.bob.select(world.find(room, "First things first"), values=["down"])
    exported = await world.alice.slash(room, "incident export")
    assert not await waiting_list(world.app.uow).left()
    await world.restart()
    await world.passes(minutes=1)
    for one in (ticked, exported):
        assert not any("interrupted" in words_of(message) for message in one.followups)
    assert not any("interrupted" in one for one in (*world.direct(world.bob), *world.direct(world.alice)))


# In direct messages ------------------------------------------------------------------------------------------------


@pytest.fixture
async def paged_directly(world: World) -> World:
    """No room can be made, so the one on call is paged by direct message."""
    world.env.inject_error("POST", "/guilds/*/channels", status=403, code=50013, times=None)
    await world.declare(world.alice)
    world.env.backend.faults.clear()
    return world


def direct_page(world: World) -> Any:
    """The page in the direct messages of the one on call."""
    return next(one for one in world.direct_messages(world.bob) if "you are paged" in words_of(one))


async def test_a_page_in_direct_messages_is_acknowledged_there(paged_directly: World) -> None:
    world = paged_directly
    done = await world.bob.user.click(direct_page(world), label="Acknowledge")
    assert "You have it; nobody else is paged" in said(done)
    assert (await world.incident()).acknowledged_by == world.bob.id


async def test_a_page_in_direct_messages_is_declined_there_after_a_restart(paged_directly: World) -> None:
    world = paged_directly
    await world.restart()
    done = await world.bob.user.click(direct_page(world), label="I can't right now")
    assert "The next person is asked" in said(done)
    await world.passes(seconds=2)
    assert any("you are paged" in one for one in world.direct(world.carol))


async def test_rights_are_asked_of_discord_again(paged_directly: World) -> None:
    world = paged_directly
    page = direct_page(world)
    world.guild.remove_member(world.bob)
    result = await world.bob.user.click(page, label="Acknowledge")
    refusal(result, "There is no open or past incident by that name", kept=False)
    assert (await world.incident()).acknowledged_by is None


async def test_discord_does_not_answer_who_that_is(paged_directly: World) -> None:
    world = paged_directly
    world.env.inject_error("GET", "/guilds/*/members/*", status=503, times=1)
    refusal(await world.bob.user.click(direct_page(world), label="Acknowledge"), "press it again", kept=False)
    assert (await world.incident()).acknowledged_by is None
    done = await world.bob.user.click(direct_page(world), label="Acknowledge")
    assert "You have it" in said(done)


async def test_a_mapped_role_counts_in_direct_messages_too(world: World) -> None:
    async with world.app.uow() as tx:
        await servers.change_settings(
            tx, world.guild.id, person_id=None, roles={str(Standing.RESPONDER): world.roles["Responders"].id}
        )
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="person", text="Somebody writes me at night")
    mine = next(one for one in world.direct_messages(world.vera) if "at night" in words_of(one))
    assert labels(mine) == ["Declare", "Not an incident"]
    done = await world.vera.user.click(mine, label="Declare")
    assert "Declared" in said(done)
    refusal(await world.vera.user.click(mine, label="Not an incident"), "settled already", kept=False)
    assert await world.count(Report) == 1


async def test_a_step_is_tried_again_from_direct_messages(paged_directly: World) -> None:
    world = paged_directly
    notice = next(one for one in world.direct_messages(world.alice) if "Try again" in labels(one))
    assert "It worked this time" in said(await world.alice.user.click(notice, label="Try again"))
    assert world.room() is not None
    refusal(await world.alice.user.click(notice, label="Try again"), "settled already", kept=False)
