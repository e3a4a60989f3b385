"""Random schedules of mishaps: whatever happens, and however often the process dies, everything is there once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.wire.schedules import Mishap, Schedule, Stories, play, schedules, stories
from tests.wire.snapshots import Stores

# Schedules worth keeping, as hypothesis prints them: what failed once goes here.
KEPT = [
    Schedule(
        story=("declare",),
        mishaps=(
            Mishap(route="POST /guilds/{}/channels", nth=1, what="503 applied"),
            Mishap(route="POST /channels/{}/messages", nth=1, what="kill, late"),
            Mishap(route="commit", nth=4, what="after"),
        ),
    ),
]
A_FEW, MANY = 6, 150

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-schedules")]


@contextmanager
def known(stores: Stores) -> Iterator[tuple[asyncio.Runner, Stories]]:
    """A loop in which every example is played, so that what comes before a story is played once."""
    with asyncio.Runner() as runner:
        context = stories(stores)
        made = runner.run(context.__aenter__())
        try:
            yield runner, made
        finally:
            runner.run(context.__aexit__(None, None, None))


def test_a_few_schedules(template: Path, tmp_path: Path) -> None:
    with known(Stores(template, tmp_path)) as (runner, made):

        @settings(max_examples=A_FEW, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
        @given(schedules())
        def example(schedule: Schedule) -> None:
            runner.run(play(made, schedule))

        example()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_many_schedules(store: str, template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    original = request.getfixturevalue("postgres_template") if store == "postgresql" else None
    with known(Stores(template, tmp_path, original)) as (runner, made):

        @settings(
            max_examples=MANY,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(schedules(most=6))
        def example(schedule: Schedule) -> None:
            runner.run(play(made, schedule))

        example()


@pytest.mark.parametrize("schedule", KEPT, ids=str)
async def test_a_schedule_that_was_kept(schedule: Schedule, template: Path, tmp_path: Path) -> None:
    async with stories(Stores(template, tmp_path)) as made:
        await play(made, schedule)
