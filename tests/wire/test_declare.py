"""A declared incident, from the command to the acknowledgement, with a process of its own and real sockets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from bot.incidents.models import Incident
from tests.wire import faults
from tests.wire.calls import Call
from tests.wire.organisation import TITLE, Organisation, organisation
from tests.wire.stores import STORES, free_port, store_of

CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"
FILL_IN = "PATCH /webhooks/{application_id}/{token}/messages/@original"
CREATE_CHANNEL = "POST /guilds/{guild_id}/channels"
SEND = "POST /channels/{channel_id}/messages"
PIN = "PUT /channels/{channel_id}/messages/pins/{message_id}"

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-declare")]


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with (
        store_of(request.param, template, tmp_path) as address,
        organisation(tmp_path, address, forked=False) as made,
    ):
        yield made


async def declared(home: Organisation):
    shown = await home.declare()
    await home.server.pulse.until(lambda: home.rooms() and home.room().mention in shown.text, "the room in the answer")
    await home.settled()
    return shown


async def test_declare_opens_a_room_pages_and_pins(home: Organisation) -> None:
    await home.bot.start()
    shown = await declared(home)
    room = home.room()

    assert shown.deferred and shown.ephemeral and TITLE in shown.text
    assert room.name == "inc-0001-api-times-out"
    assert {name for name, one in home.people.items() if one.sees(room)} == {"alice", "bob", "carol"}
    pages = [one for one in room.posts if "you are paged" in one.text]
    assert [one.pushed_to for one in pages] == [{home.bob.user.id}]
    assert "Acknowledge" in pages[0].labels()
    assert [one.labels()[:2] for one in room.pins] == [["Acknowledge", "Post update"]]
    assert TITLE in room.pins[0].text and "Due next" in room.pins[0].text
    assert [room.mention in one.text for one in home.operations.posts] == [True]
    assert sum(len(one.pushed_to) for place in home.world.channels.values() for one in place.posts) == 1
    entries = await home.entries()
    assert entries == {"declared": 1, "paged": 1}
    assert not home.updates.posts and not home.server.complaints and not home.server.unknown_routes
    assert await home.bot.stop() == 0


def is_page(call: Call) -> bool:
    return isinstance(call.body, dict) and "you are paged" in str(call.body.get("content"))


async def test_the_page_waits_for_the_first_answer_and_the_room_and_nothing_else(home: Organisation) -> None:
    await home.bot.start()
    await home.settled()
    before, gate = len(home.server.calls), faults.hold()
    home.server.faults.on(
        "*", gate, times=None, when=lambda call: call.key not in (CALLBACK, CREATE_CHANNEL) and not is_page(call)
    )
    await home.declare()
    await home.server.pulse.until(
        lambda: home.rooms() and any("you are paged" in one.text for one in home.room().posts), "the page"
    )
    chain = [call.key for call in home.server.calls[before:] if call.applied]
    gate.release()
    await home.settled()

    assert chain == [CALLBACK, CREATE_CHANNEL, SEND]


async def test_a_declaration_needs_no_call_more_than_a_person_does(home: Organisation) -> None:
    await home.bot.start()
    await home.settled()
    before = len(home.server.calls)
    await declared(home)

    # Reading a room again after a new session has nothing to do with it.
    assert Counter(call.key for call in home.server.calls[before:] if call.method != "GET") == {
        CALLBACK: 1,
        FILL_IN: 2,  # what was declared, at once; then the link to the room
        CREATE_CHANNEL: 1,
        SEND: 4,  # the page, the card, the brief; the line in operations
        PIN: 1,
    }


async def test_the_one_on_call_acknowledges(home: Organisation) -> None:
    await home.bot.start()
    await declared(home)
    room = home.room()
    page = next(one for one in room.posts if "you are paged" in one.text)

    pressed = await (await home.bob.press(page, "Acknowledge"))
    again = await (await home.bob.press(page, "Acknowledge"))
    await home.settled()

    assert pressed.ephemeral and again.ephemeral and again.text
    assert (await home.entries())["acknowledged"] == 1
    assert home.bob.user.mention in room.pins[0].text
    assert not await home.failures()
    assert not home.server.complaints and not home.server.unknown_routes


async def test_an_interaction_told_twice_acts_once(home: Organisation) -> None:
    await home.bot.start()
    first = await home.declare()
    home.alice.again(first)
    await first
    await home.server.pulse.until(lambda: home.rooms(), "a room")
    await home.settled()

    assert len(home.rooms()) == 1 and await home.count(Incident) == 1
    assert sum("you are paged" in one.text for one in home.room().posts) == 1


async def test_an_outsider_finds_nothing_of_a_private_incident(home: Organisation) -> None:
    await home.bot.start()
    shown = await home.declare(kind="security", title="Keys were leaked")
    await home.server.pulse.until(lambda: home.guild.channels_like("case-"), "a room")
    await home.settled()
    (room,) = home.guild.channels_like("case-")

    assert "leaked" not in room.name and "leaked" not in (room.topic or "")
    assert not home.erin.sees(room) and not home.dave.sees(room)
    assert "leaked" not in "\n".join(one.text for place in home.erin.channels() for one in place.posts)
    reference = room.name.split("/")[0]
    looked = await (await home.erin.slash(home.general, "incident show", incident=reference))
    absent = await (await home.erin.slash(home.general, "incident show", incident="case-0000"))
    assert looked.text and looked.text.replace(reference, "…") == absent.text.replace("case-0000", "…")
    offered = await (await home.erin.autocomplete(home.general, "incident show", "incident", "case"))
    assert offered.names == []
    assert shown.ephemeral


async def test_the_web_side_tells_whether_it_is_ready(home: Organisation) -> None:
    port = free_port()
    home.bot.listen(port)
    home.server.gateway.refuse = True
    await home.bot.start(ready=False)

    async with aiohttp.ClientSession() as session:

        async def status(path: str) -> int:
            try:
                async with session.get(f"{home.bot.web}{path}") as answer:
                    return answer.status
            except aiohttp.ClientError:
                return 0

        async def ready() -> bool:
            return await status("/readyz") == 200

        async def alive() -> bool:
            return await status("/healthz") == 200

        await home.server.pulse.until(alive, "the web side")
        assert await status("/readyz") == 503
        home.server.gateway.refuse = False
        await home.server.connected()
        await home.server.pulse.until(ready, "the bot to say that it is ready")
    assert await home.bot.stop() == 0


async def test_a_refused_token_ends_the_process_with_its_own_code(home: Organisation) -> None:
    home.server.world.token = "another.one.entirely"
    await home.bot.start(ready=False)

    assert await home.bot.ended() == 4
    assert "wire.token.secret" not in home.bot.output and "Discord refused it" in home.bot.output
