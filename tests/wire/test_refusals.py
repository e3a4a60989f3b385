"""What people do to the bot's places and rights in the middle of an incident, and that it can be mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.deadlines.models import Deadline
from bot.servers.models import Server
from tests.wire.bits import P
from tests.wire.message import Message
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-refusals")]
PAGED = "you are paged"


@pytest.fixture(params=STORES[:1])
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[Organisation]:
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        await (await made.declare())
        await made.settled()
        yield made


async def test_the_new_room_has_the_log_to_its_last_line(home: Organisation) -> None:
    long = "The connection pool was empty again, and whoever came first got a page after twenty seconds. " * 4
    for number in range(12):
        await (await home.alice.slash(home.room(), "incident log", entry=f"Line {number}: {long}"))
    await home.settled()
    home.world.delete_channel(home.room())
    await home.server.pulse.until(lambda: home.alice.direct(), "word of it")
    await home.settled()
    told = home.alice.direct()[-1]
    await (await home.alice.press(told, next(one for one in told.labels() if "room" in one.lower())))
    await home.settled()

    posts = [one.text for one in home.room().posts]
    assert sum("The log so far" in one for one in posts) == 1
    for number in range(12):
        assert sum(f"Line {number}: " in one for one in posts) == 1, number
    assert home.bob.sees(home.room()) and not await home.failures()


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "while it is down"])
async def test_kicked_and_invited_again(home: Organisation, running: bool) -> None:
    """Nothing runs meanwhile; then what is owed comes once, and the old buttons work."""
    room, before = home.room(), len(home.room().posts)
    page = next(one for one in room.posts if PAGED in one.text)
    home.world.kick_bot(home.guild)
    await home.server.pulse.until(lambda: has_left(home), "the bot to have noticed")
    async with home.uow() as tx:
        past = update(Deadline).where(Deadline.kind == "escalate").values(due_at=tx.now - timedelta(minutes=1))
        await tx.session.execute(past)
    if not running:
        assert await home.bot.stop() == 0
    home.world.invite_bot(home.guild)
    home.world.set_rights(room, home.world.bot, allow=room_rights())
    if not running:
        await home.bot.start()
    await home.server.pulse.until(lambda: home.owner.direct(), "word to the owner")
    await home.server.pulse.until(lambda: len(room.posts) > before, "the page that was owed", timeout=90)
    await home.settled()
    assert sum(PAGED in one.text for one in room.posts) == 2

    pressed = await (await home.bob.press(page, "Acknowledge"))
    await home.settled()
    assert "You have it" in pressed.text and not await home.failures()


async def has_left(home: Organisation) -> bool:
    """Whether Vigil knows that it was removed."""
    async with home.uow.read() as tx:
        return (await tx.session.get_one(Server, home.guild.id)).left_at is not None


def room_rights() -> P:
    """What the bot gave itself in the room."""
    return P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.READ_MESSAGE_HISTORY


@pytest.mark.soak
async def test_somebody_who_left_the_server_is_brought_in_and_refused(home: Organisation) -> None:
    home.world.leave(home.guild, home.carol.user)
    await home.make_due("escalate", ago=timedelta(minutes=1))
    await (await home.alice.slash(home.room(), "incident log", entry="Somebody should look at this."))
    await home.settled()
    await home.make_due("escalate", ago=timedelta(minutes=1))
    await (await home.alice.slash(home.room(), "incident log", entry="Still nobody."))
    await home.settled()
    assert sum(PAGED in one.text for one in home.room().posts) == 3, "the next is asked, whoever has gone"


async def test_an_answer_to_a_question_that_was_never_taken(home: Organisation) -> None:
    """Nothing was to be changed, and nothing was interrupted."""
    home.server.token_life = -1.0
    await home.alice.slash(home.general, "incident list")
    await home.server.pulse.until(lambda: home.alice.direct(), "a direct message")
    told = home.alice.direct()[-1].text
    assert "did not take the answer" in told and "interrupted" not in told


async def test_a_mention_where_there_is_no_log_gets_a_word_once(home: Organisation) -> None:
    mention = home.world.bot.mention
    for words in ("the pool is larger now", "and larger still"):
        await home.alice.say(home.general, f"{mention} {words}")
    await home.alice.say(home.room(), f"{mention} here it is right")
    await home.server.pulse.until(lambda: any("here it is right" in one.text for one in own(home)), "the line")
    (word,) = [one for one in home.general.posts if one.author is home.world.bot]
    assert "Nothing was logged" in word.text and not word.pushed_to


def own(home: Organisation) -> list[Message]:
    """What the bot wrote in the room."""
    return [one for one in home.room().posts if one.author is home.world.bot]
