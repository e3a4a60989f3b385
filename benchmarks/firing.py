"""(d) Deadlines that fall due beside very many that do not: start, lateness, and what waiting costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import WAITING, WORK, Result, Scale, at
from benchmarks.stores import GUILD, filled, store
from bot.bootstrap import App
from bot.deadlines import Deadline, DueView
from bot.deadlines.engine import DeadlineEngine
from bot.storage import Tx

KIND = "benchmark"
SOON = timedelta(seconds=2)
LATE_S, IDLE = 1.0, 1.0


async def firing(folder: Path, scale: Scale) -> list[Result]:
    """Three lines."""
    late: list[float] = []
    done = asyncio.Event()

    async def fire(tx: Tx, due: DueView) -> None:
        late.append((tx.now - due.due_at).total_seconds())
        if len(late) == scale.due:
            done.set()

    async with store(folder, "empty", arranged=False) as few, store(folder, "pending", arranged=False) as app:
        await filled(app, Deadline, _pending(app.uow.clock.now(), scale.pending))
        baseline, _ = await _started(few), await few.stop_work()
        app.deadlines = DeadlineEngine(app.uow, {**app.deadlines.handlers, KIND: fire})
        start = await _started(app)
        idle = await _idle(scale.seconds)
        await filled(app, Deadline, _due(app.uow.clock.now(), scale))
        app.deadlines.kick()
        await asyncio.wait_for(done.wait(), scale.seconds * 10)
    pending = f"{scale.pending:,} deadlines pending"
    over = f"{scale.due} that fall due within {scale.seconds:.0f} s, beside {pending}"
    return [
        Result(f"start of the work with {pending}", start, "with none", baseline),
        Result("lateness of what falls due, p99", at(0.99, late), over, unit="s", reach=LATE_S),
        Result("processor while nothing is due", idle * 100, pending, unit="%", reach=IDLE),
    ]


async def _started(app: App) -> float:
    """Seconds until it has caught up and sleeps until the next one."""
    start = WAITING()
    await app.start_work()
    assert app.deadlines._task is not None
    await app.deadlines._task
    return WAITING() - start


async def _idle(seconds: float) -> float:
    """The share of one processor that it takes."""
    begun, worked = WAITING(), WORK()
    await asyncio.sleep(seconds)
    return (WORK() - worked) / (WAITING() - begun)


def _row(number: int, due_at: datetime) -> dict[str, Any]:
    return {
        "guild_id": GUILD,
        "subject": f"benchmark:{number}",
        "kind": KIND,
        "sequence": 0,
        "due_at": due_at,
        "rule": "a rule",
        "reason": "a reason",
        "params": {},
        "state": "open",
        "shown": True,
        "until_met": True,
        "practice": False,
        "attempts": 0,
    }


def _pending(now: datetime, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _row(number, now + timedelta(hours=1, seconds=number))


def _due(now: datetime, scale: Scale) -> Iterator[dict[str, Any]]:
    for number in range(scale.due):
        yield _row(-1 - number, now + SOON + timedelta(seconds=number * scale.seconds / scale.due))
