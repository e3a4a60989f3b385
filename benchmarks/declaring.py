"""(g) A whole declaration in one transaction, against as many bare INSERTs in one."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.measure import WAITING, Result, Scale, side_by_side
from benchmarks.stores import CROWD, declare, store

BARE = "INSERT INTO bare (guild_id, subject, body, at) VALUES (1, 'incident:1', 'what somebody typed', '2026-01-01')"


async def declaring(folder: Path, scale: Scale) -> list[Result]:
    """One line."""
    numbers = itertools.count()
    async with store(folder, "declare") as app, store(folder, "bare") as other:
        statements: list[str] = []

        def seen(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, many: bool) -> None:
            statements.append(statement)

        engine = app.engines.write.sync_engine
        event.listen(engine, "before_cursor_execute", seen)
        await declare(app, "Counted")
        event.remove(engine, "before_cursor_execute", seen)
        inserts = sum(one.startswith("INSERT") for one in statements)
        async with other.engines.write.begin() as connection:
            await connection.exec_driver_sql("CREATE TABLE bare (id INTEGER PRIMARY KEY, guild_id, subject, body, at)")

        async def mine() -> None:
            number = next(numbers)
            await declare(app, f"Thing {number} is down", CROWD[number % len(CROWD)])

        async def bare() -> None:
            async with other.engines.write.begin() as connection:
                for _ in range(inserts):
                    await connection.exec_driver_sql(BARE)

        what = f"declare ({inserts} INSERTs, {len(statements)} statements)"
        return [
            await side_by_side(
                what, mine, f"{inserts} bare INSERTs, one transaction", bare, times=scale.times, clock=WAITING
            )
        ]
