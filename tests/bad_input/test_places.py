"""What Discord refuses: a permission that is missing, a place that is deleted, hidden or full, closed direct messages.

Each time the state stays right, somebody who can act is told what to change and where, _Try again_ works after the
repair, and no notice begets notices.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.effects import Effect
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.servers import store as servers
from tests.bad_input.pressing import effects, refusal
from tests.world import World, labels, said, words_of

LACKS, HIDDEN, GONE, FULL, CLOSED_DM = 50013, 50001, 10003, 30013, 50007


def notices(world: World) -> list[Any]:
    """Everything with _Try again_ on it, wherever it stands."""
    places = [*world.guild.channels.values(), *(one.user.dm_channel for one in world.people.values())]
    found = {
        message.id: message
        for place in places
        if place is not None and hasattr(place, "history")
        for message in place.history()
        if "Try again" in labels(message)
    }
    return [found[key] for key in sorted(found)]


async def tries_again(world: World, who: Any, notice: Any) -> Any:
    """Somebody presses it, in the server or in direct messages."""
    return await (who if notice.guild is not None else who.user).click(notice, label="Try again")


async def calm(world: World) -> None:
    """Time passes and nothing more is said about it."""
    before = len(notices(world))
    rows = await world.count(Effect)
    await world.passes(minutes=4)
    assert len(notices(world)) == before, "a notice is sent once"
    assert await world.count(Effect) < rows + 30


@pytest.mark.parametrize("code", [LACKS, HIDDEN])
async def test_no_right_to_make_a_room(world: World, code: int) -> None:
    world.env.inject_error("POST", "/guilds/*/channels", status=403, code=code, times=None)
    assert await world.declare(world.alice) is None
    assert await world.count(Incident) == 1 and (await world.incident()).channel_id is None
    assert any("you are paged" in one for one in world.direct(world.bob)), "the page finds its way"
    (notice,) = notices(world)
    assert "Manage Channels, Manage Roles and View Channels" in words_of(notice)
    assert "Server Settings › Roles" in words_of(notice) or "Edit Channel › Permissions" in words_of(notice)
    await calm(world)
    again = await tries_again(world, world.alice, notice)
    refusal(again, "It was refused once more", "Manage Channels", kept=False)
    assert len(notices(world)) == 1, "said to who pressed it, and nowhere else"
    world.env.backend.faults.clear()
    assert "It worked this time" in said(await tries_again(world, world.alice, notice))
    room = world.room()
    assert room is not None and world.sees(world.bob, room)
    assert "Due next, and why" in words_of(world.card(room))
    assert len([one for one in world.guild.channels if one.startswith("inc-")]) == 1


@pytest.mark.parametrize("code", [LACKS, HIDDEN])
@pytest.mark.parametrize(
    ("what", "method", "path", "needs"),
    [
        ("pin", "PUT", "/channels/{room}/messages/pins/*", "Pin Messages"),
        ("grant", "PUT", "/channels/{room}/permissions/*", "Manage Roles"),
        ("line", "POST", "/channels/{room}/messages", "Send Messages"),
        ("card", "PATCH", "/channels/{room}/messages/*", "Send Messages"),
    ],
)
async def test_a_right_is_missing_in_the_room(
    world: World, what: str, method: str, path: str, needs: str, code: int
) -> None:
    if what == "pin":
        world.env.inject_error(method, path.format(room="*"), status=403, code=code, times=None)
        room = await world.declare(world.alice)
    else:
        room = await world.declare(world.alice)
        world.env.inject_error(method, path.format(room=room.id), status=403, code=code, times=None)
        act = {"grant": ("incident join", world.dave), "line": ("incident log", world.alice)}.get(what)
        if act is None:
            await world.alice.slash(room, "incident status", status="identified")
        elif what == "grant":
            await act[1].slash(world.channels["general"], act[0], incident="inc-0001")
        else:
            await act[1].slash(room, act[0], entry="Failover done")
    found = notices(world)
    assert found, "somebody who can act is told"
    assert needs in words_of(found[-1]) and "Vigil" in words_of(found[-1])
    await calm(world)
    world.env.backend.faults.clear()
    assert "It worked this time" in said(await tries_again(world, world.alice, found[-1]))
    await world.passes(minutes=2)
    assert [one for one in await world.unfinished() if one[0] != "incident.tell"] == []
    if what == "grant":
        assert world.sees(world.dave, room)
    if what == "line":
        assert len([one for one in world.words(room) if "Failover done" in one]) == 1
    if what == "pin":
        assert [one.id for one in room.pinned_messages()] == [world.card(room).id]
    if what == "card":
        assert "identified" in words_of(world.card(room))


async def test_the_same_refusal_is_told_once_and_one_press_repairs_all(world: World) -> None:
    room = await world.declare(world.alice)
    world.env.inject_error("POST", f"/channels/{room.id}/messages", status=403, code=LACKS, times=None)
    for number in range(1, 4):
        await world.alice.slash(room, "incident log", entry=f"Step {number}")
    (notice,) = notices(world)
    world.env.backend.faults.clear()
    assert "It worked this time" in said(await tries_again(world, world.alice, notice))
    await world.env.settle()
    steps = [word for one in world.words(room) for word in ("Step 1", "Step 2", "Step 3") if word in one]
    assert steps == ["Step 1", "Step 2", "Step 3"]
    world.env.inject_error("POST", f"/channels/{room.id}/messages", status=403, code=LACKS, times=None)
    await world.alice.slash(room, "incident log", entry="Step 4")
    assert len(notices(world)) == 2, "a new trouble is told anew"


async def test_an_old_update_is_not_published_after_a_newer_one(world: World) -> None:
    updates = world.channels["updates"]
    room = await world.declare(world.alice)
    world.env.inject_error("POST", f"/channels/{updates.id}/messages", status=403, code=LACKS, times=None)
    await world.alice.click(world.find(room, "First things first"), label="We're on it")
    notice = world.find(room, "could not finish a step")
    world.env.backend.faults.clear()
    form = await world.alice.slash(room, "update")
    preview = await world.fills(world.alice, form, status="identified", known="The pool is full.")
    await world.alice.click(preview.response, label="Publish")
    await world.alice.click(notice, label="Try again")
    assert len(world.words(updates)) == 1 and "The pool is full" in world.words(updates)[0]


@pytest.mark.parametrize("code", [LACKS, HIDDEN, GONE])
async def test_operations_cannot_be_posted_in(world: World, code: int) -> None:
    operations = world.channels["operations"]
    status = 404 if code == GONE else 403
    world.env.inject_error("POST", f"/channels/{operations.id}/messages", status=status, code=code, times=None)
    room = await world.declare(world.alice)
    assert room is not None and "Due next, and why" in words_of(world.card(room)), "nothing else waits for it"
    notice = world.find(room, "could not finish a step")
    assert "the line of operations" in words_of(notice) and f"<#{operations.id}>" in words_of(notice)
    assert ("/setup" in words_of(notice)) == (code == GONE)
    await calm(world)
    world.env.backend.faults.clear()
    await world.alice.click(notice, label="Try again")
    assert any("API times out" in one for one in world.words(operations))


@pytest.mark.parametrize("code", [LACKS, HIDDEN, GONE])
async def test_the_public_channel_cannot_be_posted_in(world: World, code: int) -> None:
    updates = world.channels["updates"]
    room = await world.declare(world.alice)
    status = 404 if code == GONE else 403
    world.env.inject_error("POST", f"/channels/{updates.id}/messages", status=status, code=code, times=None)
    done = await world.alice.click(world.find(room, "First things first"), label="We're on it")
    refusal(done, "did not take the update", "Nothing is lost", kept=False)
    assert not world.words(updates)
    assert (await world.log()).count(Entry.UPDATE) == 0, "nothing is declared done that is not"
    notice = world.find(room, "could not finish a step")
    assert "publish the update" in words_of(notice) and f"<#{updates.id}>" in words_of(notice)
    assert "30 min" in words_of(world.card(room)), "the update is still owed"
    await calm(world)
    world.env.backend.faults.clear()
    await world.alice.click(notice, label="Try again")
    assert len(world.words(updates)) == 1 and (await world.log()).count(Entry.UPDATE) == 1
    refusal(await world.alice.click(notice, label="Try again"), "settled already", kept=False)
    assert len(world.words(updates)) == 1


async def test_the_archive_cannot_be_made(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident cancel")
    world.env.inject_error("POST", "/guilds/*/channels", status=403, code=LACKS, times=None)
    await world.passes(days=1, minutes=5)
    notice = world.find(room, "could not finish a step")
    assert "move the room to the archive" in words_of(notice) and "Manage Channels" in words_of(notice)
    await calm(world)
    world.env.backend.faults.clear()
    assert "It worked this time" in said(await world.alice.click(notice, label="Try again"))
    await world.passes(seconds=5)
    assert any(name.startswith("Incident archive") for name in world.guild.channels)
    assert await world.unfinished() == []


# Places ------------------------------------------------------------------------------------------------------------


async def chosen(world: World, **ids: Any) -> None:
    """As `/setup` would have left it."""
    async with world.app.uow() as tx:
        await servers.change_settings(tx, world.guild.id, person_id=None, **ids)


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (400, FULL), (403, HIDDEN), (403, LACKS), (404, GONE)])
async def test_a_category_that_is_gone_full_or_hidden_still_gives_a_room(world: World, status: int, code: int) -> None:
    category = world.guild.create_category("Incidents")
    await chosen(world, category_id=category.id)
    words = "Maximum number of channels in category reached (50)" if code == FULL else "no"
    world.env.inject_error("POST", "/guilds/*/channels", status=status, code=code, message=words, times=1)
    room = await world.declare(world.alice)
    assert room is not None and world.sees(world.bob, room) and not world.sees(world.erin, room)


async def test_a_server_that_is_full_pages_directly_and_says_so(world: World) -> None:
    words = "Maximum number of server channels reached (500)"
    world.env.inject_error("POST", "/guilds/*/channels", status=400, code=FULL, message=words, times=None)
    assert await world.declare(world.alice) is None
    assert any("you are paged" in one for one in world.direct(world.bob))
    (notice,) = notices(world)
    assert "500 channels" in words_of(notice)


async def test_the_updates_channel_is_deleted(world: World) -> None:
    room = await world.declare(world.alice)
    await world.env.bot.http.delete_channel(world.channels["updates"].id)
    await world.env.settle()
    done = await world.alice.click(world.find(room, "First things first"), label="We're on it")
    refusal(done, "did not take the update", kept=False)
    assert "/setup" in words_of(world.find(room, "could not finish a step"))
    fresh = world.guild.create_text_channel("status")
    await chosen(world, updates_channel_id=fresh.id)
    await world.alice.click(world.find(room, "could not finish a step"), label="Try again")
    assert len(world.words(fresh)) == 1, "in the channel that was chosen since"


async def test_the_operations_channel_is_deleted(world: World) -> None:
    await world.env.bot.http.delete_channel(world.channels["operations"].id)
    await world.env.settle()
    room = await world.declare(world.alice)
    assert "/setup" in words_of(world.find(room, "could not finish a step"))
    assert any("you are paged" in one for one in world.words(room))
    shown = await world.erin.slash(world.channels["general"], "incident report")
    done = await world.fills(world.erin, shown, about="system", text="The docs do not load")
    assert "Thank you for telling us" in said(done)
    told = [name for name, one in world.people.items() if any("docs do not load" in line for line in world.direct(one))]
    assert told, "a report reaches somebody"


async def test_the_responders_role_is_deleted(world: World) -> None:
    await chosen(world, roles={"responder": world.roles["Responders"].id})
    await world.env.bot.http.delete_role(world.guild.id, world.roles["Responders"].id)
    await world.env.settle()
    room = await world.declare(world.alice)
    assert room is not None
    refusal(await world.erin.slash(world.channels["general"], "incident join", incident="inc-0001"), kept=False)


async def test_a_room_deleted_by_hand_is_offered_again(world: World) -> None:
    room = await world.declare(world.alice)
    await world.env.bot.http.delete_channel(room.id)
    await world.env.settle()
    notice = next(one for one in world.direct_messages(world.alice) if "was deleted" in words_of(one))
    done = await world.alice.user.click(notice, label="Make a new room")
    assert "A new room is being made" in said(done)
    fresh = world.room()
    assert fresh is not None and fresh.id != room.id and world.sees(world.bob, fresh)
    refusal(await world.alice.user.click(notice, label="Make a new room"), "has a room already", kept=False)


async def test_a_room_deleted_while_its_leads_messages_are_closed(world: World) -> None:
    room = await world.declare(world.alice)
    closes(world, world.alice)
    await world.env.bot.http.delete_channel(room.id)
    await world.env.settle()
    assert any("was deleted" in one for one in world.words(world.channels["operations"])), "never silent"


async def test_without_a_room_the_lead_is_offered_to_the_person_directly(world: World) -> None:
    world.env.inject_error("POST", "/guilds/*/channels", status=403, code=LACKS, times=None)
    await world.declare(world.alice)
    await world.alice.slash(world.channels["general"], "incident lead", who=world.carol, notes="x", incident="inc-0001")
    offer = next(one for one in world.direct_messages(world.carol) if "offers you the lead" in words_of(one))
    assert "You lead inc-0001 now" in said(await world.carol.user.click(offer, label="I take the lead"))
    await world.carol.slash(world.channels["general"], "incident tagout", incident="inc-0001")
    assert any("Lead: open" in one for one in world.direct(world.bob)), "the one who is asked"


# Closed direct messages --------------------------------------------------------------------------------------------


def closes(world: World, *people: Any) -> None:
    """These people take no direct messages from the server."""
    for one in people:
        channel_id = world.env.backend.get_dm_channel(one.id).id
        world.env.inject_error("POST", f"/channels/{channel_id}/messages", status=403, code=CLOSED_DM, times=None)


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


# No set-up ---------------------------------------------------------------------------------------------------------


async def test_the_owner_is_told_once_for_each_incident(bare_world: World) -> None:
    world = bare_world
    channel_id = world.env.backend.get_dm_channel(world.guild.owner.id).id
    world.env.inject_error("POST", f"/channels/{channel_id}/messages", status=500, times=3)
    await world.declare(world.alice)
    await world.passes(minutes=5)
    await world.restart()
    await world.passes(minutes=5)
    told = world.guild.owner.dm_channel.history()
    assert len([one for one in told if "not set up yet" in one.content]) == 1
    await world.declare(world.alice, "Docs are down")
    again = world.guild.owner.dm_channel.history()
    assert len([one for one in again if "not set up yet" in one.content]) == 2


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
