"""Working in the room: the log, severity, kind, lead, people, looking up, the ends."""

from __future__ import annotations

from bot.incidents import log as logs
from bot.incidents import store
from bot.incidents.rules import Entry
from bot.policy.words import Visibility
from tests.world import World, labels, said, words_of


async def last_line(world: World) -> logs.LogView:
    """The newest recorded line."""
    async with world.app.uow.read() as tx:
        return max(await logs.entries(tx, 1), key=lambda one: one.id)


async def test_a_log_line_keeps_when_it_happened(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=30)
    done = await world.alice.slash(room, "incident log", entry="Restarted the workers", at="10 min ago")
    assert "as of 10 minutes ago" in said(done)
    line = await last_line(world)
    assert (line.recorded_at - line.occurred_at).total_seconds() == 600
    assert "Restarted the workers" in world.words(room)[-1]


async def test_a_mention_of_the_bot_is_a_log_line(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.send(room, f"<@{world.env.backend.bot_user.id}> fix deployed")
    line = await last_line(world)
    assert (line.text, line.actor, line.kind) == ("fix deployed", world.alice.id, Entry.MESSAGE)


async def test_a_message_is_added_with_its_author_time_and_link(world: World) -> None:
    room = await world.declare(world.alice)
    message = await world.bob.send(room, "Disk is full on db-1")
    await world.passes(minutes=5)
    await world.alice.context_menu(room, "Add to incident log", message)
    line = await last_line(world)
    assert (line.text == "Disk is full on db-1" and line.actor == world.alice.id) or line.actor == world.bob.id
    assert (line.recorded_at - line.occurred_at).total_seconds() >= 290
    shown = world.words(room)[-1]
    assert f"{world.bob.mention}, added by {world.alice.mention}" in shown
    assert f"https://discord.com/channels/{world.guild.id}/{room.id}/{message.id}" in shown


async def test_a_message_from_elsewhere_goes_to_the_incident_that_is_open(world: World) -> None:
    message = await world.erin.send(world.channels["general"], "Checkout is broken since ten")
    none = await world.alice.context_menu(world.channels["general"], "Add to incident log", message)
    assert "No incident is open that you can see" in said(none)
    await world.declare(world.alice)
    done = await world.alice.context_menu(world.channels["general"], "Add to incident log", message)
    assert "In the log of inc-0001" in said(done)
    line = await last_line(world)
    assert (line.text, line.author, line.actor) == ("Checkout is broken since ten", world.erin.id, world.alice.id)
    again = await world.alice.context_menu(world.channels["general"], "Add to incident log", message)
    assert "in the log already" in said(again)


async def test_of_several_open_incidents_the_person_chooses_whose_log_it_is(world: World) -> None:
    await world.declare(world.alice)
    await world.declare(world.dave, "Login page is blank")
    await world.declare(world.sam, "Tokens leak", kind="security")
    message = await world.erin.send(world.channels["general"], "I cannot log in")
    asked = await world.alice.context_menu(world.channels["general"], "Add to incident log", message)
    assert "To which incident" in said(asked)
    (select,) = [one for row in asked.response.components for one in row["components"]]
    assert [one["label"] for one in select["options"]] == ["inc-0002 · Login page is blank", "inc-0001 · API times out"]
    await world.restart()
    done = await world.alice.select(asked.response, values=["2"])
    assert "In the log of inc-0002" in said(done)
    assert "I cannot log in" in "\n".join(world.words(world.room("inc-0002")))


async def test_a_raised_severity_moves_the_clocks_and_pages_wider(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    shown = await world.alice.click(world.card(room), label="Change severity")
    done = await world.fills(world.alice, shown, severity="SEV-0", reason="Everything is down")
    assert "SEV-2 → SEV-0" in said(done) and "What moved" in said(done)
    assert world.dave.mention in said(done)
    assert "15 min" in words_of(world.card(room))
    assert world.sees(world.dave, room)


async def test_a_lowered_severity_keeps_an_announced_time(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.click(world.find(room, "First things first"), label="We're on it")
    promised = words_of(world.seen(world.channels["updates"])[-1]).split("<t:")[1].split(":")[0]
    await world.alice.slash(room, "incident severity", severity="SEV-3", reason="There is a workaround")
    assert f"<t:{promised}" in words_of(world.card(room))


async def test_going_private_makes_a_new_room_and_reference(world: World) -> None:
    room = await world.declare(world.alice)
    done = await world.alice.slash(room, "incident kind", kind="security")
    found = await world.incident()
    assert found.ref.startswith("case-") and found.channel_id != room.id
    assert "It is private now" in said(done)
    fresh = world.room("case-")
    assert fresh is not None and not world.sees(world.erin, fresh)
    assert not [one for one in world.words(world.channels["operations"]) if "API times out" in one]


async def test_what_went_private_stays_private_when_its_kind_changes_again(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident kind", kind="security")
    room = world.room("case-")
    await world.alice.slash(room, "incident kind", kind="outage")
    refused = await world.alice.slash(room, "update", quick="first")
    assert "nothing about it is posted in public" in said(refused)
    await world.passes(hours=1)
    assert not world.words(world.channels["updates"])
    assert "The public update for" not in "\n".join(world.words(room)), "and none is owed"


async def test_the_lead_passes_when_it_is_accepted(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.click(world.card(room), label="Hand over lead")
    done = await world.fills(world.alice, shown, to=[world.bob], notes="Fix is in review; next update at noon")
    assert "You lead until they accept" in said(done)
    offer = world.find(room, "offers you the lead")
    assert "Fix is in review" in offer.content
    refused = await world.carol.click(offer, label="I take the lead")
    assert "offered to somebody else" in said(refused)
    await world.bob.click(offer, label="I take the lead")
    assert (await world.incident()).lead_id == world.bob.id


async def test_the_command_asks_what_the_next_lead_needs_to_know(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.slash(room, "incident lead", who=world.bob)
    assert shown.modal is not None and "need to know" in str(shown.modal)
    done = await world.fills(world.alice, shown, to=[world.bob], notes="The fix is in review")
    assert f"Offered to {world.bob.mention}" in said(done)
    assert "The fix is in review" in world.find(room, "offers you the lead").content
    direct = await world.alice.slash(room, "incident lead", who=world.carol, notes="The fix is out")
    assert f"Offered to {world.carol.mention}" in said(direct)


async def test_a_lead_who_tags_out_leaves_it_open_and_the_others_are_asked(world: World) -> None:
    room = await world.declare(world.alice)
    done = await world.alice.click(world.card(room), label="Tag out")
    assert "Thank you" in said(done)
    asked = world.find(room, "Lead: open, asking")
    assert [one.id for one in asked.mentions] == [world.carol.id]
    await world.carol.click(asked, label="Take the lead")
    assert (await world.incident()).lead_id == world.carol.id
    await world.passes(hours=3)
    pinged = [one for one in world.seen(room) if world.alice.id in {user.id for user in one.mentions}]
    assert not [one for one in pinged if one.id > asked.id], "who tagged out is not pinged again"


async def test_status_and_impact_are_on_the_card(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident status", status="identified")
    shown = await world.alice.slash(room, "incident impact")
    await world.fills(world.alice, shown, down="The API", who="All customers", data="No", cause="Pool too small")
    card = words_of(world.card(room))
    assert "identified" in card and "Down: The API" in card and "Pool too small" in card


async def test_a_responder_joins_and_an_outsider_gets_the_answer_of_the_unknown(world: World) -> None:
    room = await world.declare(world.alice)
    board = world.find(world.channels["operations"], "API times out")
    await world.dave.click(board, label="Join")
    assert world.sees(world.dave, room)
    unknown = await world.erin.slash(world.channels["general"], "incident join", incident="inc-0777")
    hidden = await world.erin.slash(world.channels["general"], "incident join", incident="inc-0001")
    assert said(hidden) == said(unknown)
    assert not world.sees(world.erin, room)


async def test_people_and_roles_are_brought_in(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident add", who=world.erin)
    assert world.sees(world.erin, room)
    done = await world.alice.slash(room, "incident add", who=world.roles["Core"])
    assert "can see the room" in said(done)


async def test_the_brief_is_ticked(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.select(world.find(room, "First things first"), values=["down"])
    assert f"☑ Find out what is down: service, API, website, documentation · {world.bob.mention}" in words_of(
        world.find(room, "First things first")
    )


async def test_looking_up(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident log", entry="Restarted the workers")
    listed = await world.bob.slash(world.channels["general"], "incident list")
    assert "inc-0001" in said(listed)
    shown = await world.bob.slash(world.channels["general"], "incident show", incident="inc-0001")
    assert "Restarted the workers" in said(shown)
    due = await world.bob.slash(world.channels["general"], "incident due")
    assert "public update" in said(due)
    exported = await world.bob.slash(world.channels["general"], "incident export", incident="inc-0001")
    assert "The log of inc-0001" in said(exported)
    choices = await world.bob.autocomplete(world.channels["general"], "incident show", "incident", "times")
    assert [one["value"] for one in choices] == ["inc-0001"]


async def test_a_false_alarm_is_closed_kindly(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident cancel", reason="A test alert")
    assert "Better one call too many" in world.words(room)[-1]
    assert labels(world.card_of_closed(room)) == ["Reopen"]
    await world.passes(hours=2)
    assert "Nobody has acknowledged" not in "\n".join(world.words(world.channels["operations"]))


async def test_a_duplicate_brings_its_people_to_the_other(world: World) -> None:
    first = await world.declare(world.alice, "API times out")
    await world.declare(world.dave, "Login page is blank")
    second = world.room("inc-0002")
    await world.dave.slash(second, "incident duplicate", of="inc-0001")
    assert (await world.incident(2)).status == "cancelled"
    assert world.sees(world.dave, first)


async def test_a_closed_one_is_taken_up_again(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident cancel")
    await world.alice.slash(room, "incident reopen")
    found = await world.incident()
    assert found.closed_at is None and found.status == "investigating"
    assert "public update" in words_of(world.card(room))
    await world.passes(minutes=31)
    assert "is due now" in "\n".join(world.words(room))


async def test_a_line_that_is_for_those_inside_is_shown_to_nobody_else(world: World) -> None:
    await world.declare(world.alice)
    async with world.app.uow() as tx:
        incident = await store.row(tx, 1)
        await logs.note(
            tx, incident, Entry.NOTE, actor=world.alice.id, text="Home address", visibility=Visibility.PARTICIPANTS
        )
    inside = await world.alice.slash(world.channels["general"], "incident show", incident="inc-0001")
    outside = await world.dave.slash(world.channels["general"], "incident show", incident="inc-0001")
    assert "Home address" in said(inside)
    assert "API times out" in said(outside) and "Home address" not in said(outside)
