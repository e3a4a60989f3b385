"""Several processes on one database: who serves, who takes over, and that nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select, update

from bot.effects import Effect, State
from bot.incidents.models import Incident
from bot.incidents.service.report import CARD, ReportService
from bot.kernel.caller import Caller
from bot.kernel.clock import SystemClock
from bot.servers import store as servers
from bot.storage import UnitOfWork, open_engines
from tests.stores import copy_on_postgresql
from tests.wire import faults
from tests.wire.bot_process import BotProcess
from tests.wire.organisation import Organisation, organisation, sqlite
from tests.wire.places import Channel
from tests.wire.server import Server
from tests.wire.stores import free_port

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-processes")]
MESSAGES, ROOMS = "POST /channels/{}/messages", "POST /guilds/{}/channels"
WAITS = "process.waits"
SERVERS, SHARDS = 1000, 3
IN_THE_MIDDLE = 0.3
"""After which part of the cards two of the three processes are killed."""


@pytest.fixture
async def address(postgres_template: str) -> AsyncIterator[str]:
    async with copy_on_postgresql(postgres_template) as url:
        yield url


@pytest.fixture
async def home(address: str, tmp_path: Path) -> AsyncIterator[Organisation]:
    async with organisation(tmp_path, address) as made:
        yield made


class More:
    """Makes more processes in folders of their own; none of them outlives the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[BotProcess] = []

    def __call__(self, server: Server, address: str, **settings: str) -> BotProcess:
        """`settings` as section__name."""
        folder = self._folder / f"process{len(self._made)}"
        folder.mkdir()
        environment = {f"VIGIL_{name.upper()}": value for name, value in settings.items()}
        self._made.append(BotProcess(server, folder, address, environment=environment, forked=True))
        return self._made[-1]

    async def end(self) -> None:
        for bot in self._made:
            if bot.running:
                await ended(bot, signal.SIGKILL)


@pytest.fixture
async def another(tmp_path: Path) -> AsyncIterator[More]:
    made = More(tmp_path)
    yield made
    await made.end()


async def ended(bot: BotProcess, number: signal.Signals) -> int | None:
    """Send it a signal and wait for its end, whatever other processes do."""
    bot.may_end()
    bot.signal(number)
    await bot.server.pulse.until(lambda: not bot.running, "its end")
    return bot.exit_code


async def says(bot: BotProcess, words: str) -> None:
    await bot.server.pulse.until(lambda: words in bot.output, f"the process to say {words}")


async def leases_run_out(uow: UnitOfWork) -> None:
    """As if a minute and a half had passed since the work that is under way was begun; all look again."""
    async with uow() as tx:
        before = datetime.now(UTC) - timedelta(seconds=1)
        await tx.session.execute(update(Effect).where(Effect.state == State.RUNNING).values(lease_until=before))
        tx.wake("effects")


async def a_second_one(home: Organisation, address: str, another: More) -> BotProcess:
    """The first process serves; a second one on the same store has said that it waits."""
    await home.bot.start()
    second = another(home.server, address)
    await second.start(ready=False)
    await says(second, WAITS)
    return second


async def test_a_second_process_waits_and_takes_over(home: Organisation, address: str, another: More) -> None:
    second = await a_second_one(home, address, another)
    assert len(home.server.gateway.connected) == 1

    await ended(home.bot, signal.SIGKILL)
    await home.server.pulse.until(lambda: len(home.server.gateway.identifies) == 2, "the second one to serve")
    await home.connected()
    await (await home.declare())
    await home.settled()

    assert len(home.rooms()) == 1 and sum("you are paged" in one.text for one in home.room().posts) == 1
    assert await second.stop() == 0


async def test_a_second_process_on_one_file_waits_for_its_turn(template: Path, tmp_path: Path, another: More) -> None:
    address = sqlite(template, tmp_path)
    async with organisation(tmp_path, address) as home:
        second = await a_second_one(home, address, another)

        assert await ended(home.bot, signal.SIGTERM) == 0
        await home.server.pulse.until(lambda: len(home.server.gateway.identifies) == 2, "the second one to serve")
        await home.connected()
        await (await home.declare())
        await home.settled()
        assert len(home.rooms()) == 1
        assert await second.stop() == 0


async def test_who_waits_for_its_turn_can_be_told_to_stop(template: Path, tmp_path: Path, another: More) -> None:
    address = sqlite(template, tmp_path)
    async with organisation(tmp_path, address) as home:
        second = await a_second_one(home, address, another)
        assert await ended(second, signal.SIGTERM) == 0 and home.bot.running


async def test_what_a_killed_one_had_begun_is_finished_by_another(
    home: Organisation, address: str, another: More
) -> None:
    await home.bot.start()
    gate = faults.hold(applied=True)
    home.server.faults.on(ROOMS, gate)
    await home.declare()
    await gate.reached.wait()
    worker = another(home.server, address, process__role="workers")
    await worker.start(ready=False)
    await home.server.pulse.until(lambda: _logins(home) == 2, "its login")
    await home.bot.kill()
    home.uow.voice = "test"
    await leases_run_out(home.uow)
    await home.settled()
    gate.release()

    assert sum("you are paged" in one.text for one in home.room().posts) == 1, "the room that was made is found"
    assert not home.server.gateway.connected, "a worker has no gateway connection"
    assert await worker.stop() == 0


async def test_one_that_is_overtaken_lets_go_and_waits(home: Organisation, address: str, another: More) -> None:
    await home.bot.start()
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    theirs = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND {here}"
    take = "pg_advisory_lock(hashtextextended('vigil gateway', 0))"
    async with home.uow.engines.write.connect() as other:
        await other.exec_driver_sql(f"SELECT pg_terminate_backend(pid), {take} FROM ({theirs} LIMIT 1) one")
        await says(home.bot, "process.overtaken")
        await says(home.bot, WAITS)
        await home.server.pulse.until(lambda: not home.server.gateway.connected, "it to let go")
        await other.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        await other.rollback()
    await home.connected()
    await (await home.declare())
    await home.settled()
    assert len(home.rooms()) == 1


async def test_a_button_in_direct_messages_works_whichever_process_has_the_server(
    home: Organisation, address: str, another: More
) -> None:
    """Direct messages come to the process with the first shard."""
    shard = (home.guild.id >> 22) % 2
    # No room can be made, so the page goes directly.
    home.server.faults.on(ROOMS, faults.status(403, discord_code=50013), times=None)
    home.bot.environment = {"VIGIL_DISCORD__SHARDS": f"{shard}/2"}
    other = another(home.server, address, discord__shards=f"{1 - shard}/2")
    await home.bot.start(ready=False)
    await other.start(ready=False)
    await home.server.pulse.until(lambda: len(home.server.gateway.connected) == 2, "both")
    await (await home.declare())
    await home.settled()

    page = next(one for one in home.world.dm(home.bob.user).posts if "you are paged" in one.text)
    answer = await (await home.bob.press(page, "Acknowledge"))
    await home.settled()
    async with home.uow.read() as tx:
        assert await tx.session.scalar(select(Incident.acknowledged_at)), answer.text
    assert await ended(other, signal.SIGTERM) == 0


async def test_one_that_only_has_the_web_side_needs_no_token(address: str, another: More) -> None:
    async with Server() as server:
        web = another(server, address, process__role="web", discord__token="")
        web.listen(free_port())
        await web.start(ready=False)
        async with aiohttp.ClientSession() as session:

            async def answers() -> bool:
                try:
                    async with session.get(f"{web.web}/healthz") as found:
                        return found.status == 200
                except aiohttp.ClientError:
                    return False

            await server.pulse.until(answers, "the web side")
        assert await ended(web, signal.SIGTERM) == 0 and not server.calls


@pytest.mark.timeout(600)
@pytest.mark.parametrize("told", [300, pytest.param(SERVERS, marks=pytest.mark.soak)])
async def test_three_processes_and_a_thousand_servers(address: str, another: More, told: int) -> None:
    """In so many of them something was reported; two of the three are killed while they tell it in operations."""
    uow = UnitOfWork(open_engines(address), SystemClock())
    async with Server() as server:
        operations = await _thousand(server, uow)
        bots = [
            another(server, address, discord__shards=f"{n}/{SHARDS}", logging__level="warning") for n in range(SHARDS)
        ]
        try:
            for bot in bots:
                await bot.start(ready=False)
            await server.pulse.until(lambda: len(server.gateway.connected) == SHARDS, "all to serve", 200)
            await _reports(uow, operations[:told])
            await server.pulse.until(
                lambda: len(server.made(MESSAGES)) >= IN_THE_MIDDLE * told, "some of the cards", 200
            )
            for bot in bots[:2]:
                await ended(bot, signal.SIGKILL)
            async with uow.read() as tx:
                left = select(func.count()).where(Effect.state.in_((State.PENDING, State.RUNNING)))
                assert await tx.session.scalar(left), "there is work left to take over"
            await leases_run_out(uow)
            await server.pulse.until(lambda: _over(uow), "the one that is left to do all", 300)

            cards = Counter(len(place.posts) for place in operations[:told])
            assert cards == {1: told}, cards
            async with uow.read() as tx:
                done = select(func.count()).where(Effect.kind == CARD, Effect.state == State.DONE)
                assert await tx.session.scalar(done) == told
            assert not server.complaints and not server.unknown_routes
            assert len(server.gateway.connected) == 1 and await ended(bots[2], signal.SIGTERM) == 0
        finally:
            await another.end()
            await uow.engines.close()


def _logins(home: Organisation) -> int:
    return len([call for call in home.server.calls if call.key == "GET /users/@me"])


async def _thousand(server: Server, uow: UnitOfWork) -> list[Channel]:
    """A thousand servers that are set up; gives the channel for operations of each."""
    places = []
    for number in range(SERVERS):
        guild = server.world.guild(f"Server {number}")
        places.append(server.world.channel(guild, "operations"))
        if not number % 10:
            await asyncio.sleep(0.001)  # ids of one millisecond are all of one shard
    async with uow() as tx:
        for place in places:
            assert place.guild is not None
            await servers.change_settings(
                tx, place.guild.id, person_id=None, operations_channel_id=place.id, zone="UTC"
            )
    return places


async def _reports(uow: UnitOfWork, operations: list[Channel]) -> None:
    """Each of them is recorded by a process that ends before it does anything about them."""
    service = ReportService(uow)
    for number, place in enumerate(operations):
        assert place.guild is not None
        if number == len(operations) - 1:
            uow.voice = "test"
        caller = Caller(place.guild.owner_id, place.guild.id, owner_id=place.guild.owner_id)
        await service.report(caller, "system", "Requests time out.")


async def _over(uow: UnitOfWork) -> bool:
    async with uow.read() as tx:
        query = select(func.count()).where(Effect.state.in_((State.PENDING, State.RUNNING)))
        return not await tx.session.scalar(query)
