"""What Discord refuses: a permission that is missing, a place that is deleted, hidden or or full.

Each time the state stays right, somebody who can act is told what to change and where, _Try again_ works after the
repair, and no notice begets notices.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.servers import store as servers
from tests.bad_input.pressing import FULL, GONE, HIDDEN, LACKS, calm, closes, notices, refusal, tries_again
from tests.world import World, said, words_of


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
    await world.passes(seconds=70)  # it was tried before, so a late twin is looked for
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
