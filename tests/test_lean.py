"""What `run` loads: nothing that it does not use. What it costs is measured by `benchmarks/starting.py`."""

from __future__ import annotations

import gc
import re
import subprocess
from pathlib import Path

import pytest

from bot.collector import loading
from tests.wire.organisation import organisation, sqlite

NAME = re.compile(r"^import time:[\s\d|]+\|\s*(?P<name>[\w.]+)$", re.MULTILINE)
USED = ("bot.bootstrap", "sqlalchemy.dialects.sqlite.aiosqlite", "apscheduler.executors.asyncio", "discord.gateway")
"""So that a look into the wrong place finds out."""
HEAVY = {
    "alembic": "only where there is something to migrate",
    "bot.storage.migrate": "brings Alembic",
    "mako": "comes with Alembic",
    "asyncpg": "only for PostgreSQL",
    "bot.storage.postgres_peers": "brings asyncpg",
    "sqlalchemy.dialects.postgresql": "only for PostgreSQL",
    "discord.ext": "there are no prefix commands",
    "aiohttp.web": "nothing is served here",
    "prometheus_client": "nobody can ask for figures here",
    "jinja2": "for pages, of which there are none here",
    "simcord": "only for rehearsals and tests",
    "bot.rehearsal": "a command of its own",
    "bot.doctor": "a command of its own",
    "unittest": "for tests",
    "pytest": "for tests",
}
"""What `run` on SQLite, with this version's schema and without a web side, does without, and why it can."""

ROOT = Path(__file__).resolve().parents[1]


async def test_run_loads_nothing_that_it_does_not_use(template: Path, tmp_path: Path) -> None:
    async with organisation(tmp_path, sqlite(template, tmp_path), forked=False) as home:
        home.bot.command = ("-X", "importtime", *home.bot.command)
        await home.bot.start()
        await home.settled()
        loaded = set(NAME.findall(home.bot.output))
        home.bot.may_end()
    assert loaded.issuperset(USED), "this is not what the process loads"
    found = {name: why for name, why in HEAVY.items() if any(f"{one}.".startswith(f"{name}.") for one in loaded)}
    assert not found


def test_while_much_is_loaded_the_collector_rests_and_afterwards_it_works() -> None:
    before = gc.get_freeze_count()
    try:
        with pytest.raises(ImportError), loading():
            assert not gc.isenabled()
            raise ImportError
        assert gc.isenabled()
        assert gc.get_freeze_count() > before, "what was loaded is not looked through again"
    finally:
        gc.unfreeze()


def test_what_may_not_write_compiled_code_finds_it_written() -> None:
    units = [file.read_text() for file in (ROOT / "deploy").glob("*.service")]
    assert units and all("PYTHONDONTWRITEBYTECODE=1" in one for one in units)
    done = subprocess.run(["make", "--dry-run", "setup"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "-m compileall -q bot cogs" in done, "each start would compile everything anew"
