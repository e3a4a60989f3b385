"""What a change of severity answers and whom it calls, what leading says, and reports that nobody may read."""

from __future__ import annotations

from bot.incidents.rules import Entry
from bot.incidents.service.report import deliver_waiting
from bot.policy.words import Standing
from bot.servers import store as servers
from tests.world import World, said, words_of


async def test_the_answer_to_a_change_names_the_update_that_moved(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-1")
    done = await world.alice.slash(room, "incident severity", severity="SEV-0", reason="Everything is down")
    assert "public update" in said(done).split("What moved:")[1]


async def test_an_update_that_alone_moved_is_not_called_no_move(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-1", kind="comms")
    await world.alice.slash(room, "update", quick="first")
    await world.alice.slash(room, "incident acknowledge")
    done = await world.alice.slash(room, "incident severity", severity="SEV-0", reason="It spreads")
    assert "No other time moved" not in said(done)
    assert "public update" in said(done)


async def test_who_was_paged_and_takes_the_lead_has_it(world: World) -> None:
    room = await world.declare(world.alice)
    assert (await world.incident()).acknowledged_at is None
    shown = await world.alice.click(world.card(room), label="Hand over lead")
    await world.fills(world.alice, shown, to=[world.bob], notes="Yours")
    await world.bob.click(world.find(room, "offers you the lead"), label="I take the lead")
    assert (await world.incident()).acknowledged_by == world.bob.id
    assert Entry.ACKNOWLEDGED in await world.log()
    assert "next page" not in words_of(world.card(room))
    before = len(world.seen(room))
    await world.passes(minutes=20)
    assert not [one for one in world.words(room)[before:] if "you are paged" in one]


async def test_nobody_is_told_to_wait_for_a_room_that_will_not_come(world: World) -> None:
    await world.alice.slash(
        world.channels["general"], "incident declare", title="Typo on the home page", severity="SEV-3", kind="outage"
    )
    done = await world.bob.slash(world.channels["general"], "incident acknowledge", incident="inc-0001")
    assert "being made" not in said(done) and "Room: there is none." in said(done)
    alike = await world.bob.slash(
        world.channels["general"], "incident declare", title="Typo on home page", severity="SEV-3", kind="outage"
    )
    assert "Join that one" in str(alike.response.components) and "being made" not in said(alike)


async def test_long_lines_do_not_empty_the_log_that_is_shown(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident log", entry="Restarted the workers")
    await world.alice.slash(room, "incident log", entry="stack trace " * 300)
    shown = said(await world.alice.slash(room, "incident show"))
    assert "Nothing yet" not in shown
    assert "Restarted the workers" in shown and "stack trace" in shown


def to_the_owner(world: World) -> list[str]:
    """What Vigil told the owner of the server in direct messages."""
    channel = world.guild.owner.dm_channel
    return [] if channel is None else [words_of(one) for one in channel.history()]


async def test_a_private_report_that_nobody_may_read_waits_for_whom_the_owner_names(bare_world: World) -> None:
    world = bare_world
    shown = await world.erin.slash(world.channels["general"], "incident report")
    done = await world.fills(world.erin, shown, about="person", text="Somebody writes me at night")
    assert "owner of the server is asked to name somebody" in said(done)
    (asked,) = to_the_owner(world)
    assert "private report waits" in asked and "Moderators" in asked and "at night" not in asked
    async with world.app.uow() as tx:
        await servers.enrol(tx, world.guild.id, world.vera.id, Standing.MODERATOR)
        await deliver_waiting(tx, world.guild.id)
        await deliver_waiting(tx, world.guild.id)
    await world.restart()
    assert len([one for one in world.direct(world.vera) if "at night" in one]) == 1
    read = world.direct_messages(world.vera)[-1]
    await world.vera.user.click(read, label="Not an incident")
    assert any("Thank you for your report" in one for one in world.direct(world.erin))


async def test_a_report_about_a_system_reaches_the_owner_where_nobody_else_is_known(bare_world: World) -> None:
    world = bare_world
    shown = await world.erin.slash(world.channels["general"], "incident report")
    done = await world.fills(world.erin, shown, about="system", text="The docs do not load")
    assert "owner of the server reads it" in said(done)
    assert ["The docs do not load" in one for one in to_the_owner(world)] == [True]


async def test_a_milder_private_case_calls_those_of_its_kind_and_not_who_is_on_call(world: World) -> None:
    await world.alice.slash(
        world.channels["general"], "incident declare", title="A quarrel in chat", severity="SEV-2", kind="community"
    )
    room = world.room("case-")
    assert {name for name, one in world.people.items() if world.sees(one, room)} == {"alice", "vera"}
    page = world.find(room, "you are paged")
    assert [one.id for one in page.mentions] == [world.vera.id]


async def test_a_moderator_who_declares_a_milder_case_has_it_and_nobody_else_is_let_in(world: World) -> None:
    done = await world.vera.slash(
        world.channels["general"], "incident declare", title="A quarrel in chat", severity="SEV-2", kind="community"
    )
    assert "acknowledged it by declaring" in said(done)
    await world.passes(hours=5)
    room = world.room("case-")
    assert {name for name, one in world.people.items() if world.sees(one, room)} == {"vera"}
    assert not [one for one in world.words(room) if "you are paged" in one]


async def test_what_was_given_without_a_push_is_a_page_once_the_severity_is_raised(world: World) -> None:
    lobby = world.channels["general"]
    await world.alice.slash(lobby, "incident declare", title="Typo on the page", severity="SEV-3", kind="outage")
    done = await world.alice.slash(
        lobby, "incident severity", incident="inc-0001", severity="SEV-1", reason="It hides the sign-in"
    )
    assert f"Paged: {world.bob.mention}" in said(done)
    room = world.room()
    assert [one.id for one in world.find(room, "you are paged").mentions] == [world.bob.id]
    await world.passes(minutes=16)
    assert "you are paged again" in "\n".join(world.words(room))


async def test_who_was_called_for_less_is_waited_for_no_longer_than_the_new_severity_says(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    await world.passes(minutes=5)
    await world.alice.slash(room, "incident severity", severity="SEV-1", reason="More are affected")
    await world.passes(minutes=16)
    assert "you are paged again" in "\n".join(world.words(room))


async def test_an_acknowledged_one_starts_no_new_round_when_it_is_raised(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    await world.bob.slash(room, "incident acknowledge")
    await world.alice.slash(room, "incident severity", severity="SEV-1", reason="More are affected")
    await world.passes(minutes=40)
    assert "you are paged again" not in "\n".join(world.words(room))
