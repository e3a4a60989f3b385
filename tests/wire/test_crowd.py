"""Many press at once, twice, and while the store is held: everybody is answered, and nothing is done twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.incidents.models import Incident, LogEntry
from tests.wire.interactions import Interaction
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-crowd")]
GENEROUS_S = 120.0
CALLBACK = "POST /interactions/{}/{}/callback"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[Organisation]:
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        made.server.pulse.watch.clear()
        await made.bot.start()
        await (await made.declare())
        await made.settled()
        yield made
        assert not made.server.complaints and not made.server.unknown_routes


async def all_of(asked: list[Interaction]) -> None:
    """Everybody has their answer."""
    for one in asked:
        await one.done(GENEROUS_S)


def refused_answers(home: Organisation) -> list[int]:
    """Discord's codes for first answers that it did not take: late ones, second ones."""
    return [call.code for call in home.server.calls if call.matches(CALLBACK) and call.code]


async def crowd(home: Organisation, many: int) -> list[Interaction]:
    """So many at once, half of them writing, half of them looking."""
    room, people = home.room(), [home.alice, home.bob, home.carol]
    asked = []
    for number in range(many):
        who = people[number % len(people)]
        if number % 2:
            asked.append(await who.slash(room, "incident log", entry=f"Line {number}"))
        else:
            asked.append(await who.slash(room, "incident show"))
    return asked


async def in_the_crowd(home: Organisation, many: int) -> None:
    asked = await crowd(home, many)
    await all_of(asked)
    await home.settled()

    assert not refused_answers(home), "each first answer was in time, and there was one"
    assert (await home.entries())["note"] == many // 2
    assert all("In the log" in one.text or "API times out" in one.text for one in asked)
    posts = [one.text for one in home.room().posts if "Line " in one.text]
    assert len(posts) == many // 2 == len({one.split("Line ")[1].split()[0] for one in posts})


async def test_many_at_once(home: Organisation) -> None:
    await in_the_crowd(home, 40)


@pytest.mark.soak
async def test_two_hundred_at_once(home: Organisation) -> None:
    await in_the_crowd(home, 200)


async def test_a_double_click_and_a_press_that_is_told_twice(home: Organisation) -> None:
    page = next(one for one in home.room().posts if "you are paged" in one.text)
    first, second = [await home.bob.press(page, "Acknowledge") for _ in range(2)]
    home.bob.again(first)
    await all_of([first, second])
    await home.settled()
    entries = await home.entries()

    assert entries["acknowledged"] == 1
    assert "You have it" in first.text + second.text


async def test_a_declaration_that_is_told_three_times(home: Organisation) -> None:
    asked = await home.declare(title="The shop is empty")
    for _ in range(2):
        home.alice.again(asked)
    await all_of([asked])
    await home.settled()

    assert await home.count(Incident) == 2 == len(home.rooms())


@contextmanager
def held(home: Organisation) -> Iterator[sqlite3.Connection]:
    """Another process holds the store for itself alone."""
    file = make_url(str(home.uow.engines.write.url)).database
    assert file is not None
    connection = sqlite3.connect(file, isolation_level=None, timeout=30)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield connection
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def test_while_the_store_is_held_everybody_has_a_first_answer_and_then_the_whole(home: Organisation) -> None:
    if not home.uow.engines.sqlite:
        pytest.skip("a file is held as a whole; PostgreSQL's rows are in tests/storage")
    before, room = await home.count(LogEntry), home.room()
    with held(home):
        asked = [await home.alice.slash(room, "incident log", entry=f"Line {number}") for number in range(10)]
        asked += [await home.bob.slash(room, "incident show") for _ in range(4)]
        for one in asked:
            await one.answered(GENEROUS_S)
        form = await home.alice.slash(room, "incident impact")
        await form.done(GENEROUS_S)
        assert form.modal is not None, form.text
        await asyncio.sleep(2)
        assert await home.count(LogEntry) == before, "nothing could be written"
    await all_of(asked)
    await home.settled()

    assert not refused_answers(home)
    assert await home.count(LogEntry) == before + 10
    assert all("In the log" in one.text for one in asked[:10])


async def test_a_declaration_while_the_store_is_held(home: Organisation) -> None:
    if not home.uow.engines.sqlite:
        pytest.skip("a file is held as a whole; PostgreSQL's rows are in tests/storage")
    with held(home):
        asked = await home.declare(title="The shop is empty")
        await asked.answered(GENEROUS_S)
        await asyncio.sleep(2)
    await all_of([asked])
    await home.settled()

    assert "Declared" in asked.text and len(home.rooms()) == 2
