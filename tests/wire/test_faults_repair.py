"""What Discord refuses for good: somebody is told with the remedy, and _Try again_ works after the repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents.service.unsent import UNSENT
from bot.servers import store as servers
from tests.wire import faults
from tests.wire.bits import BOT, P
from tests.wire.message import Message
from tests.wire.organisation import TITLE, Organisation, organisation
from tests.wire.people import Person
from tests.wire.scenes import KNOWN
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-repair")]
PAGED = "you are paged"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        yield made
        # A category that takes no channel is found out by asking.
        assert all("parent_id" in one for one in made.server.complaints) and not made.server.unknown_routes


async def declared(home: Organisation):
    shown = await (await home.declare())
    await home.settled()
    return shown


def with_button(messages: list[Message], label: str) -> Message:
    """The newest of these that carries the button. Raises AssertionError where none does."""
    found = [one for one in messages if label in one.labels()]
    assert found, [one.text for one in messages]
    return found[-1]


async def tries_again(home: Organisation, person: Person, messages: list[Message]) -> str:
    """Press _Try again_ and wait for what comes of it; gives the answer."""
    pressed = await (await person.press(with_button(messages, "Try again"), "Try again"))
    await home.settled()
    return pressed.text


async def settings(home: Organisation, **changed: object) -> None:
    async with home.uow() as tx:
        await servers.change_settings(tx, home.guild.id, person_id=None, **changed)


async def test_without_manage_channels_the_page_goes_directly_and_where_it_was_declared(home: Organisation) -> None:
    home.world.grant_bot(home.guild, BOT & ~P.MANAGE_CHANNELS)
    await declared(home)

    assert not home.rooms()
    assert [PAGED in one.text for one in home.bob.direct()] == [True]
    assert "Acknowledge" in home.bob.direct()[0].labels()
    (here,) = home.general.posts
    assert "inc-0001" in here.text and TITLE not in here.text and not here.pushed_to
    told = home.alice.direct()
    assert any("Manage Channels" in one.text for one in told)

    home.world.grant_bot(home.guild, BOT)
    await tries_again(home, home.alice, told)
    room = home.room()
    assert {name for name, one in home.people.items() if one.sees(room)} == {"alice", "bob", "carol"}
    assert len(room.pins) == 1 and sum("Try again" in one.labels() for one in room.posts) == 0
    assert not any(PAGED in one.text for one in room.posts), "Bob was reached already"
    assert sum(PAGED in one.text for one in home.bob.direct()) == 1
    assert any("The log so far" in one.text for one in room.posts)
    assert sum("checklist" in one.text.lower() or "☐" in one.text for one in room.posts) == 1


async def test_no_room_and_closed_direct_messages(home: Organisation) -> None:
    home.world.grant_bot(home.guild, BOT & ~P.MANAGE_CHANNELS)
    home.bob.user.dms_open = False
    await declared(home)

    (here,) = home.general.posts
    assert here.pushed_to == {home.bob.user.id}, "the one who was not reached is rung where it was declared"
    assert any(PAGED in one.text for one in home.carol.direct()), "and the next one is paged at once"


async def test_nobody_who_can_be_written_to(home: Organisation) -> None:
    """Neither room nor direct messages: operations hears of it."""
    home.world.grant_bot(home.guild, BOT & ~P.MANAGE_CHANNELS)
    for one in home.people.values():
        one.user.dms_open = False
    await declared(home)

    assert any("Manage Channels" in one.text and "Try again" in one.labels() for one in home.operations.posts)


async def test_a_room_that_the_bot_may_not_write_in(home: Organisation) -> None:
    await declared(home)
    home.world.set_rights(home.room(), home.world.bot, allow=P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    home.world.set_rights(home.room(), home.guild.everyone, deny=P.VIEW_CHANNEL | P.SEND_MESSAGES)
    await (await home.alice.slash(home.room(), "incident log", entry="The database is restarted."))
    await home.settled()

    assert any("Send Messages" in one.text for one in home.alice.direct())
    home.world.set_rights(home.room(), home.world.bot, allow=BOT & ~P.MANAGE_ROLES)
    await tries_again(home, home.alice, home.alice.direct())
    assert sum("The database is restarted." in one.text for one in home.room().posts) == 1


async def test_a_card_that_was_deleted_by_hand_stands_again(home: Organisation) -> None:
    await declared(home)
    (card,) = home.room().pins
    home.delete(card)
    await (await home.bob.slash(home.room(), "incident acknowledge"))
    await home.settled()

    (again,) = home.room().pins
    assert again.id != card.id and home.bob.user.mention in again.text


async def test_a_room_that_was_deleted_by_hand(home: Organisation) -> None:
    await declared(home)
    home.world.delete_channel(home.room())
    await home.server.pulse.until(lambda: home.alice.direct(), "word of it")
    await home.settled()

    told = home.alice.direct()
    button = next(label for label in told[-1].labels() if "room" in label.lower())
    await (await home.alice.press(told[-1], button))
    await home.settled()
    room = home.room()
    assert len(room.pins) == 1 and any("The log so far" in one.text for one in room.posts)
    assert home.bob.sees(room)


async def test_a_room_that_was_deleted_while_nobody_listened(home: Organisation) -> None:
    await declared(home)
    assert await home.bot.stop() == 0
    home.world.delete_channel(home.room())
    await home.make_due("public_update")
    await home.bot.start()
    await home.server.pulse.until(lambda: home.alice.direct(), "word of it")
    await home.settled()

    assert any("room" in one.text.lower() and "deleted" in one.text for one in home.alice.direct())


@pytest.mark.parametrize("trouble", ["full", "deleted", "hidden"])
async def test_a_category_that_takes_no_room(home: Organisation, trouble: str) -> None:
    category = home.world.channel(home.guild, "Incidents", "category")
    await settings(home, category_id=category.id)
    if trouble == "full":
        for n in range(50):
            home.world.channel(home.guild, f"old-{n}", parent=category)
    elif trouble == "deleted":
        home.world.delete_channel(category)
    else:
        home.world.set_rights(category, home.world.bot, deny=P.VIEW_CHANNEL)
    await declared(home)

    assert home.room().parent_id is None
    assert sum(PAGED in one.text for one in home.room().posts) == 1 and not await home.failures()


@pytest.mark.parametrize("trouble", ["deleted", "forbidden"])
async def test_a_channel_for_updates_that_takes_none(home: Organisation, trouble: str) -> None:
    await declared(home)
    place = home.updates
    if trouble == "deleted":
        home.world.delete_channel(home.updates)
    else:
        home.world.set_rights(home.updates, home.guild.everyone, deny=P.SEND_MESSAGES)
        home.world.set_rights(home.updates, home.world.bot, deny=P.SEND_MESSAGES)
    opened = await home.alice.slash(home.room(), "update")
    preview = await (await home.alice.submit(opened, known=KNOWN))
    assert preview.message is not None
    await (await home.alice.press(preview.message, "Publish"))
    await home.settled()

    assert not place.posts
    told = with_button(home.room().posts, "Try again")
    assert ("/setup" if trouble == "deleted" else "Send Messages") in told.text
    assert "update" not in await home.entries(), "it is not out"

    if trouble == "deleted":
        place = home.world.channel(home.guild, "news")
        await settings(home, updates_channel_id=place.id)
    else:
        home.world.set_rights(home.updates, home.world.bot, allow=P.SEND_MESSAGES | P.EMBED_LINKS)
    await tries_again(home, home.alice, home.room().posts)
    assert [KNOWN in one.text for one in place.posts] == [True]
    assert (await home.entries())["update"] == 1


async def test_operations_that_are_gone(home: Organisation) -> None:
    await declared(home)
    home.world.delete_channel(home.operations)
    await (await home.alice.slash(home.room(), "incident severity", severity="SEV-0", reason="It is worse."))
    await home.settled()

    assert "/setup" in with_button(home.room().posts, "Try again").text
    place = home.world.channel(home.guild, "operations-2")
    await settings(home, operations_channel_id=place.id)
    await tries_again(home, home.alice, home.room().posts)
    assert sum("inc-0001" in one.text for one in place.posts) == 1


async def test_a_room_that_hangs_does_not_hold_up_the_page(home: Organisation) -> None:
    """The creation gets no answer for long: the page goes directly, and the room that comes later does not ring."""
    rule = home.server.faults.on("POST /guilds/{}/channels", faults.status(503), times=None)
    await home.declare()
    await home.server.pulse.until(lambda: rule.struck, "a try")
    assert await home.bot.stop() == 0
    await home.make_due(UNSENT)
    await home.bot.start()
    await home.server.pulse.until(lambda: home.bob.direct(), "a page")
    assert PAGED in home.bob.direct()[0].text
    rule.remove()
    await home.server.pulse.until(lambda: home.rooms(), "a room")
    await home.settled()

    assert not any(PAGED in one.text for one in home.room().posts)
    assert sum(PAGED in one.text for one in home.bob.direct()) == 1
