"""A right taken from the bot's role costs the step that needs it, not the room, nor the closing of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.bits import BOT, P
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-rights")]


@pytest.fixture(params=STORES[:1])
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        yield made
        assert not made.server.complaints and not made.server.unknown_routes


async def test_without_pin_messages_there_is_a_room_with_its_page(home: Organisation) -> None:
    home.world.grant_bot(home.guild, BOT & ~P.PIN_MESSAGES)
    await (await home.declare())
    await home.settled()

    room = home.room()
    assert {name for name, one in home.people.items() if one.sees(room)} == {"alice", "bob", "carol"}
    assert sum("you are paged" in one.text for one in room.posts) == 1
    told = [one.text for one in room.posts if "could not pin the card" in one.text]
    assert len(told) == 1 and "Pin Messages" in told[0]


async def test_without_pin_messages_what_goes_private_is_closed_all_the_same(home: Organisation) -> None:
    await (await home.declare())
    await home.settled()
    before = home.room()
    home.world.grant_bot(home.guild, BOT & ~P.PIN_MESSAGES)
    await (await home.alice.slash(before, "incident kind", kind="security"))
    await home.settled()

    assert not [name for name, one in home.people.items() if one.sees(before)]
    assert [one for one in home.guild.plain_channels if one.name.startswith("case-")]


async def test_a_refused_token_is_said_in_one_line_and_nothing_else(home: Organisation) -> None:
    await home.bot.stop()
    said = len(home.bot.output)
    home.server.world.token = "another.one.entirely"
    await home.bot.start(ready=False)
    assert await home.bot.ended() == 4
    lines = [one for one in home.bot.output[said:].splitlines() if one.strip()]
    assert len(lines) == 1 and "Discord refused it" in lines[0], lines
