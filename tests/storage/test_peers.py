"""Processes on one store: who is alone, who serves what, who hears what others committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.storage import UnitOfWork, open_engines
from bot.storage.lease import FileLease, in_use
from bot.storage.peers import FilePeers, Peers, peers_of
from bot.storage.postgres_peers import GATEWAY, PostgresPeers
from tests.stores import SetClock, copy_on_postgresql, run_alone

LIMIT_S = 60


@pytest.fixture
async def address(postgres_template: str) -> AsyncIterator[str]:
    async with copy_on_postgresql(postgres_template) as url:
        yield url


@asynccontextmanager
async def joined(url: str, *, works: bool = True) -> AsyncIterator[Peers]:
    made = peers_of(url, lambda parts: None, works=works)
    await made.join()
    await made.settle()
    try:
        yield made
    finally:
        await made.leave()


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not found():
            await asyncio.sleep(0.01)


# SQLite -----------------------------------------------------------------------------------------------------------


async def test_a_file_is_of_one_process_at_a_time(tmp_path: Path):
    file = tmp_path / "vigil.db"
    first, second = FilePeers(file), FilePeers(file)
    assert await first.join() and in_use(file)

    waiting = asyncio.create_task(second.join())
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done, "the second one waits"

    await first.leave()
    async with asyncio.timeout(LIMIT_S):
        assert await waiting
    assert in_use(file)
    await second.leave()
    assert not in_use(file)


def test_whether_a_file_is_in_use_can_be_asked_where_there_is_none(tmp_path: Path):
    assert not in_use(tmp_path / "nowhere" / "vigil.db")


def test_a_lease_may_be_taken_twice_by_the_same(tmp_path: Path):
    lease = FileLease(tmp_path / "vigil.db")
    assert lease.take() and lease.take() and lease.held
    lease.release()
    assert not lease.held


# PostgreSQL -------------------------------------------------------------------------------------------------------


async def test_who_comes_second_is_not_alone_and_waits_until_the_first_has_settled(address: str):
    first, second = (peers_of(address, lambda parts: None) for _ in range(2))
    assert await first.join()
    waiting = asyncio.create_task(second.join())
    done, _ = await asyncio.wait({waiting}, timeout=3)
    assert not done, "the first one takes back what was left, undisturbed"

    await first.settle()
    async with asyncio.timeout(LIMIT_S):
        assert not await waiting
    await first.leave()
    await second.leave()


async def test_one_that_only_shows_pages_keeps_nobody_from_being_alone(address: str):
    async with joined(address, works=False):
        other = peers_of(address, lambda parts: None)
        assert await other.join()
        await other.leave()


@pytest.mark.parametrize(
    ("held", "asked", "given"),
    [(None, None, False), (None, [0], False), ([0], None, False), ([0, 1], [1, 2], False), ([0, 1], [2, 3], True)],
)
async def test_no_shard_is_served_twice(address: str, held: list[int] | None, asked: list[int] | None, given: bool):
    async with joined(address) as first, joined(address) as second:
        assert await first.take(held)
        assert await second.take(asked) is given
        await first.leave()
        if not given:
            assert await second.take(asked), "what was refused left nothing behind"


async def test_a_broken_session_begins_anew_with_what_it_held(address: str):
    heard: list[frozenset[str]] = []
    first = peers_of(address, heard.append)
    assert isinstance(first, PostgresPeers)
    await first.join()
    await first.settle()
    assert await first.take([0])

    await run_alone(address, _end_sessions())
    await until(lambda: heard)

    assert heard == [{"effects", "deadlines"}], "what others committed meanwhile was not heard: look at all"
    assert not first.lost.is_set()
    async with joined(address) as second:
        assert not await second.take([0])
    await first.leave()


async def test_who_comes_back_too_late_has_lost_it(address: str):
    first = peers_of(address, lambda parts: None)
    await first.join()
    await first.settle()
    assert await first.take(None)

    take = (
        f"SELECT pg_terminate_backend(pid), pg_advisory_lock(hashtextextended('{GATEWAY}', 0)) FROM ({_theirs()}) one"
    )
    other = asyncio.create_task(run_alone(address, take, "SELECT pg_sleep(3)"))
    async with asyncio.timeout(LIMIT_S):
        await first.lost.wait()
    await first.leave()
    await other


async def test_a_commit_is_heard_by_the_others_and_only_by_them(address: str, clock: SetClock):
    heard: dict[str, list[frozenset[str]]] = {"one": [], "two": []}
    one, two = peers_of(address, heard["one"].append), peers_of(address, heard["two"].append)
    for each in (one, two):
        await each.join()
        await each.settle()
    mine = UnitOfWork(open_engines(address), clock)
    mine.voice = one.voice
    async with mine() as tx:
        tx.wake("deadlines")
        tx.wake("effects")
    await until(lambda: heard["two"])
    with pytest.raises(LookupError):
        async with mine() as tx:
            tx.wake("effects")
            raise LookupError
    async with mine() as tx:
        tx.wake("effects")
    await until(lambda: len(heard["two"]) > 1)

    assert heard["two"] == [{"effects", "deadlines"}, {"effects"}] and heard["one"] == []
    for each in (one, two):
        await each.leave()
    await mine.engines.close()


def _theirs() -> str:
    return "SELECT pid FROM pg_stat_activity WHERE application_name = 'vigil' AND datname = current_database()"


def _end_sessions() -> str:
    return f"SELECT pg_terminate_backend(pid) FROM ({_theirs()}) one"
