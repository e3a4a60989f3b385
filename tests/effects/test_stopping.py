"""A process that stops lets what is under way end, for as long as it is told; what hangs goes on at the next start."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest

from bot import bootstrap, process
from bot.answers import Answers
from bot.deadlines import store as due_store
from bot.deadlines.engine import DeadlineEngine
from bot.deadlines.models import Deadline, DeadlineState
from bot.deadlines.store import DueView
from bot.effects import Attempt, Effect, State, record
from bot.effects.runner import Runner
from bot.storage import Tx, UnitOfWork

GUILD, SUBJECT = 4_100_000_000_000_000_001, "incident:1"
GENEROUS_S = 20


class Hangs:
    """An effect whose call never returns, until `lets_go`."""

    def __init__(self) -> None:
        self.reached, self.lets_go = asyncio.Event(), asyncio.Event()
        self.tries: list[Attempt] = []

    async def load(self, tx: Tx, attempt: Attempt) -> Any:
        return attempt

    async def act(self, attempt: Attempt, plan: Any) -> dict[str, Any]:
        self.tries.append(attempt)
        self.reached.set()
        await self.lets_go.wait()
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: Any, result: dict[str, Any]) -> None: ...

    async def refused(self, tx: Tx, attempt: Attempt, error: Exception) -> None: ...


def app_of(uow: UnitOfWork, runner: Runner, deadlines: DeadlineEngine) -> bootstrap.App:
    """The parts that stop, wired as they are in a process; it has no gateway."""
    nothing = cast(Any, None)
    return bootstrap.App(nothing, uow.engines, uow, runner, deadlines, nothing, None, Answers(uow), nothing)


async def test_what_hangs_is_cut_off_and_goes_on_at_the_next_start(uow: UnitOfWork) -> None:
    hangs = Hangs()
    async with uow() as tx:
        number = await record(tx, "page", guild_id=GUILD, subject=SUBJECT, key="page:1")
    runner = Runner(uow, {"page": hangs})
    app = app_of(uow, runner, DeadlineEngine(uow, {}))
    await runner.start()
    await hangs.reached.wait()
    await asyncio.wait_for(app.stop_work(1.5), GENEROUS_S)

    hangs.lets_go.set()
    await runner.take_back()
    await runner.start()
    async with asyncio.timeout(GENEROUS_S):
        while True:
            async with uow.read() as tx:
                if (await tx.session.get_one(Effect, number)).state == State.DONE:
                    break
            await asyncio.sleep(0.02)
    await runner.stop()
    assert [one.uncertain for one in hangs.tries] == [False, True], "the second try looks for what may have landed"


async def test_a_deadline_that_is_cut_off_fires_again(uow: UnitOfWork) -> None:
    reached, fired = asyncio.Event(), asyncio.Event()

    async def handler(tx: Tx, due: DueView) -> None:
        if not reached.is_set():
            reached.set()
            await asyncio.Event().wait()
        fired.set()

    async with uow() as tx:
        row = await due_store.put(
            tx, "update", guild_id=GUILD, subject=SUBJECT, due_at=tx.now - timedelta(minutes=1), rule="r", reason="why"
        )
    engine = DeadlineEngine(uow, {"update": handler})
    await engine.start()
    await reached.wait()
    await asyncio.wait_for(engine.stop(0.5), GENEROUS_S)
    await engine.take_back()
    await engine.start()
    await asyncio.wait_for(fired.wait(), GENEROUS_S)
    await asyncio.wait_for(engine.stop(GENEROUS_S), GENEROUS_S)

    async with uow.read() as tx:
        assert (await tx.session.get_one(Deadline, row.id)).state == DeadlineState.FIRED


class Told:
    """A part that notes how long it may take."""

    def __init__(self) -> None:
        self.within: list[float] = []

    async def stop(self, within_s: float) -> None:
        self.within.append(within_s)


async def test_one_budget_is_handed_down(uow: UnitOfWork) -> None:
    runner, deadlines = Told(), Told()
    app = app_of(uow, cast(Any, runner), cast(Any, deadlines))
    await app.stop_work(4.0)
    await app.stop_work(4.0)

    assert runner.within == deadlines.within == [4.0 - bootstrap.CLOSE_STORE_S], "once, and the rest is for the store"


def test_the_parts_of_the_budget_fit_into_it() -> None:
    assert bootstrap.STOP_WORK_S < process.CLOSE_WITHIN_S < process.STOP_WITHIN_S < 10


@pytest.mark.parametrize("within_s", [0.0, 0.3])
async def test_a_runner_with_no_time_left_still_stops(uow: UnitOfWork, within_s: float) -> None:
    hangs = Hangs()
    async with uow() as tx:
        await record(tx, "page", guild_id=GUILD, subject=SUBJECT, key="page:1")
    runner = Runner(uow, {"page": hangs})
    await runner.start()
    await hangs.reached.wait()
    await asyncio.wait_for(runner.stop(within_s), GENEROUS_S)
    runner.kick()
    assert len(hangs.tries) == 1, "nothing begins after it was told to stop"
