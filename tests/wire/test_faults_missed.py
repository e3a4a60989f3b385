"""What happened while no session was there to tell of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-answers")]
SAID = "the pool is larger now"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        await (await made.declare())
        await made.settled()
        yield made


async def mentions(home: Organisation):
    return await home.alice.say(home.room(), f"{home.world.bot.mention} {SAID}")


async def test_a_mention_while_the_session_was_lost(home: Organisation) -> None:
    gateway = home.server.gateway
    await home.server.pulse.until(lambda: "gateway.ready" in home.bot.output, "the bot to have looked")
    gateway.refuse = True
    gateway.forget()
    await gateway.drop()
    message = await mentions(home)
    gateway.refuse = False
    await home.server.connected()
    await home.server.pulse.until(lambda: message.reactions, "a sign that it was taken")
    await home.settled()

    assert (await home.entries())["message"] == 1
    assert sum(SAID in one.text for one in home.room().posts if one.author is home.world.bot) == 1


async def test_a_mention_while_the_process_was_down(home: Organisation) -> None:
    assert await home.bot.stop() == 0
    message = await mentions(home)
    await home.bot.start()
    await home.server.pulse.until(lambda: message.reactions, "a sign that it was taken")
    assert await home.bot.stop() == 0
    await home.bot.start()
    await home.settled()

    assert (await home.entries())["message"] == 1


async def test_a_mention_that_is_told_twice(home: Organisation) -> None:
    message = await mentions(home)
    await home.server.pulse.until(lambda: message.reactions, "a sign that it was taken")
    home.world.message_event("MESSAGE_CREATE", message)
    await home.server.pulse.until(lambda: len(home.server.made("PUT /channels/{}/messages/{}/reactions/{}/@me")) == 2)
    await home.settled()

    assert (await home.entries())["message"] == 1


async def test_a_room_deleted_while_the_process_was_down(home: Organisation) -> None:
    assert await home.bot.stop() == 0
    home.world.delete_channel(home.room())
    await home.bot.start()
    await home.server.pulse.until(lambda: home.alice.direct(), "word of it")
    await home.settled()

    assert ["deleted" in one.text for one in home.alice.direct()] == [True]
