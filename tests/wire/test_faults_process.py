"""Starting and stopping under trouble: Discord away, the gateway gone, work under way, a database that is none."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text, update

from bot.effects import Effect
from tests.wire import faults
from tests.wire.organisation import Organisation, organisation
from tests.wire.scenes import KNOWN
from tests.wire.stores import STORES, free_port, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-process")]
MESSAGES = "POST /channels/{}/messages"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with (
        store_of(request.param, template, tmp_path) as address,
        organisation(tmp_path, address, forked=False) as made,
    ):
        yield made


async def test_stopped_in_the_middle_of_work(home: Organisation) -> None:
    await home.bot.start()
    gate = faults.hold()
    home.server.faults.on(MESSAGES, gate, when=lambda call: "you are paged" in str(call.body))
    await home.declare()
    await gate.reached.wait()

    assert await home.bot.stop() == 0
    gate.release()
    await home.bot.start()
    await home.settled()
    assert sum("you are paged" in one.text for one in home.room().posts) == 1


async def test_stopped_while_everything_hangs(home: Organisation) -> None:
    """A call without an answer, a gateway that does not let go, a store that others hold, somebody who asks how it is:
    it ends nevertheless."""
    home.bot.listen(free_port())
    await home.bot.start()
    gate = faults.hold()
    home.server.faults.on(MESSAGES, gate, when=lambda call: "you are paged" in str(call.body))
    home.server.gateway.deaf = True
    await home.declare()
    await gate.reached.wait()
    async with home.uow() as tx:
        await tx.session.execute(update(Effect).values(last_error=Effect.last_error))  # holds the rows, or the file
        if not home.uow.engines.sqlite:
            await tx.session.execute(text("LOCK TABLE remembered IN ACCESS EXCLUSIVE MODE"))
        asking = asyncio.create_task(ready(home))
        assert await home.bot.stop() == 0
        await asyncio.wait({asking})
    home.server.gateway.deaf = False
    await home.bot.start()
    await home.settled()

    assert sum("you are paged" in one.text for one in home.room().posts) == 1


async def ready(home: Organisation) -> int | None:
    """The status of `/readyz`; None where no answer came."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{home.bot.web}/readyz") as answer:
            return answer.status
    except (aiohttp.ClientError, OSError):
        return None


async def test_told_twice_to_stop(home: Organisation) -> None:
    await home.bot.start()
    gate = faults.hold()
    home.server.faults.on("POST /guilds/{}/channels", gate)
    await home.declare()
    await gate.reached.wait()
    home.bot.may_end()
    for _ in range(2):
        home.bot.signal(signal.SIGTERM)

    assert await home.bot.ended() == 0
    gate.release()


async def test_stopped_while_discord_is_away(home: Organisation) -> None:
    home.server.faults.on("GET /users/@me", faults.status(503), times=None)
    await home.bot.start(ready=False)
    await home.server.pulse.until(lambda: home.server.calls, "a call")

    assert await home.bot.stop() == 0


@pytest.mark.parametrize(
    "trouble", [faults.status(503), faults.reset_before(), faults.blocked()], ids=lambda one: one.__name__
)
async def test_discord_is_away_at_the_start(home: Organisation, trouble: faults.Action) -> None:
    home.server.faults.on("*", trouble, times=3)
    await home.bot.start()
    await (await home.declare())
    await home.settled()

    assert len(home.rooms()) == 1


async def test_commands_that_are_not_taken_do_not_keep_it_from_paging(home: Organisation) -> None:
    await home.bot.start()
    await (await home.declare())
    await home.settled()
    page = next(one for one in home.room().posts if "you are paged" in one.text)
    assert await home.bot.stop() == 0
    await home.forget_commands()
    home.server.faults.on("PUT /applications/{}/commands", faults.status(400, discord_code=50035), times=1)
    await home.bot.start()

    assert "You have it" in (await (await home.bob.press(page, "Acknowledge"))).text


async def test_a_token_that_is_replaced_ends_the_process_with_its_own_code(home: Organisation) -> None:
    await home.bot.start()
    home.bot.may_end()
    home.world.token = "another.one.entirely"
    await home.server.gateway.close(4004)

    assert await home.bot.ended() == 4
    assert "Discord refused it" in home.bot.output and "Traceback" not in home.bot.output


async def test_a_store_of_somebody_else_is_refused(home: Organisation, tmp_path: Path) -> None:
    import sqlite3

    other = tmp_path / "other.db"
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE theirs (x INTEGER)")
    home.bot.use(f"sqlite+aiosqlite:///{other}")
    await home.bot.start(ready=False)

    assert await home.bot.ended() == 3
    assert "database of its own" in home.bot.output and "Traceback" not in home.bot.output


async def test_a_database_that_cannot_be_reached_is_one_line(home: Organisation) -> None:
    home.bot.use(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    await home.bot.start(ready=False)

    assert await home.bot.ended() == 3
    assert "database.url" in home.bot.output and "Traceback" not in home.bot.output


async def test_a_taken_port_keeps_no_page_back(home: Organisation) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        home.bot.listen(taken.getsockname()[1])
        await home.bot.start()
        await (await home.declare())
        await home.settled()

    assert "web.not_started" in home.bot.output and len(home.rooms()) == 1


async def test_shards_ask_where_the_gateway_is(home: Organisation) -> None:
    home.bot.environment = {"VIGIL_DISCORD__SHARDS": "0-1/2"}
    home.server.gateway.shards = 2
    await home.bot.start(ready=False)
    await home.server.pulse.until(lambda: len(home.server.gateway.connected) == 2, "two shards")
    await (await home.declare())
    await home.settled()

    assert [one["shard"] for one in home.server.gateway.identifies] == [[0, 2], [1, 2]]
    assert any(call.key == "GET /gateway/bot" for call in home.server.calls) and len(home.rooms()) == 1


@pytest.mark.parametrize("way", ["drop", "reconnect", "invalidate", "forget"])
async def test_the_gateway_goes_and_comes_back(home: Organisation, way: str) -> None:
    await home.bot.start()
    await (await home.declare())
    await home.settled()
    gateway = home.server.gateway
    before = len(gateway.identifies) + gateway.resumes
    if way == "forget":
        gateway.forget()
    if way in ("drop", "forget"):
        await gateway.drop()
    else:
        getattr(gateway, way)()
    await home.server.pulse.until(lambda: len(gateway.identifies) + gateway.resumes > before, "a new connection")
    await home.server.connected()
    opened = await home.alice.slash(home.room(), "update")
    preview = await (await home.alice.submit(opened, known=KNOWN))
    assert preview.message is not None
    await (await home.alice.press(preview.message, "Publish"))
    await home.settled()

    assert len(home.updates.posts) == 1 and len(home.rooms()) == 1


async def test_killed_while_the_first_schema_is_made(home: Organisation, tmp_path: Path) -> None:
    """Half of a schema is none: the next start makes it whole."""
    home.bot.use(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
    home.bot.command = ("-m", "tests.wire.half_a_schema")
    await home.bot.start(ready=False)
    assert await home.bot.ended() == -signal.SIGKILL
    home.bot.command = ("-m", "bot", "run")
    await home.bot.start()

    assert os.path.exists(tmp_path / "fresh.db")
