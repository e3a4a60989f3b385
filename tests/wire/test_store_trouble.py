"""The store is full, locked, read-only or damaged: nothing is half done, people are told, and it goes on by itself."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.backup.shelf import Shelf
from bot.incidents.models import Incident
from tests.stores import MONDAY
from tests.wire import faults
from tests.wire.organisation import Organisation, organisation, sqlite
from tests.wire.scenes import KNOWN
from tests.wire.stores import free_port

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-store")]
NO_MOUNT = "a disk that is full or read-only is NOT tested: this needs the right to mount"
SIZE = "4m"


def mount(*arguments: str) -> None:
    """Mount something; where that is not allowed the test is skipped, and fails with CI=true."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        assert os.environ.get("CI") != "true", f"{NO_MOUNT} ({done.stderr.strip()})"
        pytest.skip(NO_MOUNT)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
async def home(template: Path, tmp_path: Path, disk: Path) -> AsyncIterator[Organisation]:
    async with organisation(tmp_path, sqlite(template, disk)) as made:
        yield made


@pytest.fixture
async def here(template: Path, tmp_path: Path) -> AsyncIterator[Organisation]:
    """The store on an ordinary disk."""
    async with organisation(tmp_path, sqlite(template, tmp_path)) as made:
        yield made


def fill(disk: Path) -> Path:
    """Nothing more can be written."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


async def writes(home: Organisation) -> bool:
    """What /readyz says of the database."""
    async with aiohttp.ClientSession() as session, session.get(f"{home.bot.web}/readyz") as answer:
        parts = await answer.json()
        assert answer.status == (200 if all(parts.values()) else 503)
        return bool(parts["database"])


async def test_a_full_disk(home: Organisation, disk: Path) -> None:
    home.bot.listen(free_port())
    await home.bot.start()
    ballast = fill(disk)
    refused = await (await home.declare(title="Nobody can log in"))

    assert "cannot write to its database" in refused.text and "this was not done" in refused.text
    assert "Nobody can log in" in refused.text, "it cannot be kept, so it is shown"
    assert not home.rooms() and not await home.count(Incident) and not await writes(home)

    ballast.unlink()
    await (await home.declare())
    await home.settled()
    assert len(home.rooms()) == 1 and await writes(home)
    assert "code=SQLITE_FULL" in home.bot.output and "store.well" in home.bot.output
    assert "Traceback" not in home.bot.output


async def test_the_disk_fills_while_a_room_is_made(home: Organisation, disk: Path) -> None:
    """What was done on Discord is held until it can be written down, and then done once."""
    await home.bot.start()
    gate = faults.hold()
    home.server.faults.on("POST /guilds/{}/channels", gate)
    await home.declare()
    await gate.reached.wait()
    ballast = fill(disk)
    gate.release()
    await home.server.pulse.until(lambda: "store.trouble" in home.bot.output, "the trouble to be noticed")
    assert not any("you are paged" in one.text for one in home.room().posts), "not recorded, so not done"

    ballast.unlink()
    await home.settled()
    assert sum("you are paged" in one.text for one in home.room().posts) == 1
    assert len(home.server.made("POST /guilds/{}/channels")) == 1 and not await home.failures()


async def test_what_is_written_in_a_form_is_shown_where_it_cannot_be_kept(home: Organisation, disk: Path) -> None:
    await home.bot.start()
    await (await home.declare())
    await home.settled()
    opened = await home.alice.slash(home.room(), "update")
    ballast = fill(disk)
    refused = await (await home.alice.submit(opened, known=KNOWN))

    assert "cannot write to its database" in refused.text and KNOWN in refused.text
    ballast.unlink()


async def test_a_file_that_may_not_be_written_is_refused_at_the_start(home: Organisation, disk: Path) -> None:
    await home.uow.engines.close()
    store = str(disk / "vigil.db")
    mount("--bind", store, store)
    mount("-o", "remount,bind,ro", store)
    await home.bot.start(ready=False)

    assert await home.bot.ended() == 3
    subprocess.run(["umount", store], check=True)
    assert "cannot be written to. Give the user that runs Vigil the right" in home.bot.output
    assert "Traceback" not in home.bot.output


async def test_a_file_that_another_program_holds_for_a_while(here: Organisation, tmp_path: Path) -> None:
    await here.bot.start()
    with closing(sqlite3.connect(tmp_path / "vigil.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = await here.declare()
        await here.server.pulse.until(lambda: asked.deferred, "the first answer")
        await asyncio.sleep(1)
        assert not asked.text and not here.rooms()
        other.execute("ROLLBACK")
    await asked
    await here.settled()

    assert "Declared" in asked.text and len(here.rooms()) == 1


@pytest.mark.soak
async def test_a_file_that_another_program_holds_for_long(here: Organisation, tmp_path: Path) -> None:
    await here.bot.start()
    with closing(sqlite3.connect(tmp_path / "vigil.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused = await (await here.declare())
        assert "database is busy, so this was not done" in refused.text
        other.execute("ROLLBACK")
    await (await here.declare())
    await here.settled()

    assert len(here.rooms()) == 1 and await here.count(Incident) == 1


async def test_a_file_that_is_locked_at_the_start_is_waited_for(here: Organisation, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "vigil.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await here.bot.start(ready=False)
        await here.server.pulse.until(lambda: "store.not_checked" in here.bot.output, "the lock to be met")
        other.execute("ROLLBACK")
    await here.connected()
    assert here.bot.running


@pytest.mark.parametrize("harm", ["middle", "beginning", "cut off"])
async def test_a_damaged_file_is_refused_with_the_backup_to_restore(
    here: Organisation, tmp_path: Path, harm: str
) -> None:
    store = tmp_path / "vigil.db"
    await here.uow.engines.close()
    made = Shelf(store, tmp_path / "backups").make(MONDAY)
    with store.open("r+b") as file:
        if harm == "cut off":
            file.truncate(made.size // 2)
        else:
            file.seek(0 if harm == "beginning" else made.size // 2)
            file.write(b"\xa5" * 20_000)
    for beside in ("-wal", "-shm"):
        store.with_name(store.name + beside).unlink(missing_ok=True)
    await here.bot.start(ready=False)

    assert await here.bot.ended() == 3
    assert f"`python -m bot restore {made.path}`" in here.bot.output and "Traceback" not in here.bot.output
