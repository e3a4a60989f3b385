"""Fixtures that all behaviour tests share: a migrated empty store to copy, and a world around it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import simcord
from discord import app_commands

from bot.kernel.errors import UserFacingError
from bot.storage import migrate
from tests.stores import fresh_store, postgres_template
from tests.world import World

__all__ = [
    "bare_world",
    "no_hidden_errors",
    "postgres_template",
    "simcord_env",
    "started",
    "template",
    "world",
    "world_store",
]

# What becomes a sentence for a person is no fault of the bot's.
EXPECTED = (UserFacingError, app_commands.TransformerError)
TOO_LATE = 10062
SETTLES_WITHIN_S = 20
"""Of the machine's own time. What sleeps for less than this is waited for, what sleeps longer is virtual."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated empty SQLite store."""
    file = tmp_path_factory.mktemp("template") / "vigil.db"
    asyncio.run(migrate.upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
async def world_store(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the migrated empty store of a scenario: SQLite, or what VIGIL_TEST_SCENARIOS_ON says."""
    kind = os.environ.get("VIGIL_TEST_SCENARIOS_ON", "sqlite")
    async with fresh_store(kind, request, template, tmp_path) as url:
        yield url


@pytest.fixture
async def started(world_store: str, tmp_path: Path) -> AsyncIterator[World]:
    """Vigil runs, and nothing else is there yet."""
    world = World(tmp_path, world_store)
    world.env = simcord.Env(world.app_for_a_new_process().client, settle_timeout=SETTLES_WITHIN_S)
    await world.env.start()
    yield world
    await world.env.shutdown()
    for one in world.apps:
        await one.close()
    unforeseen = [one for one in world.env.errors if not _expected(getattr(one, "original", one))]
    assert not unforeseen, unforeseen


def _expected(error: BaseException) -> bool:
    """A sentence for a person, or an interaction that came too late to be answered: neither is a fault."""
    return isinstance(error, EXPECTED) or getattr(error, "code", None) == TOO_LATE


@pytest.fixture
def simcord_env(started: World) -> simcord.Env:
    """By this value simcord's plugin finds the clock that the test lives by."""
    return started.env


@pytest.fixture
async def world(started: World, simcord_env: simcord.Env) -> World:
    """A server with people, a roster, a rotation (bob, then carol) and Vigil on it."""
    with simcord_env.time_context():
        await started.arrange(simcord_env)
    return started


@pytest.fixture
async def bare_world(started: World, simcord_env: simcord.Env) -> World:
    """A server with people and Vigil on it, never set up."""
    with simcord_env.time_context():
        await started.arrange(simcord_env, set_up=False)
    return started


@pytest.fixture(autouse=True)
def no_hidden_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What is logged as an error is a failure of the test."""
    yield
    errors = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert not errors, errors
