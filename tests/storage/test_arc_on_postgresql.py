"""The main stories once more, with the whole bot on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.incidents import test_arc as arc
from tests.stores import copy_on_postgresql
from tests.world import World, said


@pytest.fixture
async def world_store(postgres_template: str) -> AsyncIterator[str]:
    """A PostgreSQL database of its own, whatever the other scenarios run on."""
    async with copy_on_postgresql(postgres_template) as url:
        yield url


async def test_an_outage_from_declaration_to_resolution(world: World) -> None:
    await arc.test_an_outage_from_declaration_to_resolution(world)
    assert world.app.engines.write.dialect.name == "postgresql"


async def test_going_private_and_a_restart(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident kind", kind="security")
    await world.sleeps(hours=1)
    listed = await world.dave.slash(world.channels["general"], "incident list")
    assert "API times out" not in said(listed)
    assert "API times out" not in "\n".join(world.words(world.channels["operations"]))
    assert await world.unfinished() == []
