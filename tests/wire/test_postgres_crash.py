"""PostgreSQL crashes in the middle: what was begun is finished once, and who pressed something meanwhile is told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.incidents.models import Incident
from bot.storage import migrate
from tests.wire import faults
from tests.wire.cluster import Cluster, cluster
from tests.wire.organisation import Organisation, organisation

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-crash")]
ROOM = "POST /guilds/{}/channels"


@pytest.fixture
def server() -> Iterator[Cluster]:
    # Its user must reach the folder, which it does not below pytest's own.
    with tempfile.TemporaryDirectory(prefix="vigil-") as folder:
        Path(folder).chmod(0o755)
        with cluster(Path(folder)) as made:
            yield made


@pytest.fixture
async def home(server: Cluster, tmp_path: Path) -> AsyncIterator[Organisation]:
    await migrate.upgrade(server.url)
    async with organisation(tmp_path, server.url) as made:
        await made.bot.start()
        yield made


async def test_it_crashes_while_a_room_is_made(home: Organisation, server: Cluster) -> None:
    gate = faults.hold()
    home.server.faults.on(ROOM, gate)
    first = await home.declare()
    await gate.reached.wait()
    await asyncio.to_thread(server.crash)
    gate.release()
    second = await home.declare(title="The other thing")
    await home.server.pulse.until(lambda: second.deferred, "a first answer without a database")
    await home.server.pulse.until(lambda: len(home.rooms()) == 1, "the first room")
    assert not any("you are paged" in one.text for one in home.rooms()[0].posts), "not recorded, so not done"
    await asyncio.to_thread(server.start)
    await first
    await second
    await home.settled()

    assert "Declared" in second.text, "it waited for the database"
    assert len(home.rooms()) == 2 and await home.count(Incident) == 2
    assert [sum("you are paged" in one.text for one in room.posts) for room in home.rooms()] == [1, 1]
    assert len(home.server.made(ROOM)) == 2 and not await home.failures()
    assert "Traceback" not in home.bot.output


@pytest.mark.soak
async def test_it_stays_away_for_long(home: Organisation, server: Cluster) -> None:
    await asyncio.to_thread(server.crash)
    refused = await (await home.declare())
    assert "cannot reach its database" in refused.text and not home.rooms()

    await asyncio.to_thread(server.start)
    await (await home.declare())
    await home.settled()
    assert len(home.rooms()) == 1 and await home.count(Incident) == 1
