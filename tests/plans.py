"""How a store would answer the questions that were put to it: by an index, or by reading a whole table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

import bot.tables  # noqa: F401 - all tables
from bot.storage import Base

BOUNDED = frozenset({"server", "server_settings", "roster", "rotation", "rotation_place", "remembered"})
"""Tables that grow with people and settings, not with incidents."""
OVER = frozenset({"fired", "met", "ended", "done", "dropped", "failed"})
"""States in which there are ever more rows."""
Asked = dict[str, Any]
"""Statement → the parameters of the first time that it was put."""


@contextmanager
def asked() -> Iterator[Asked]:
    """Notes every SELECT, UPDATE and DELETE of this process meanwhile."""
    found: Asked = {}

    def seen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            found.setdefault(statement, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", seen)


def growing() -> frozenset[str]:
    """Tables that get more rows with every incident."""
    return frozenset(Base.metadata.tables) - BOUNDED


async def read_whole(engine: AsyncEngine, questions: Asked) -> list[str]:
    """Each question for which a table that grows would be read whole, or all that a server ever had in it."""
    look = _sqlite if engine.dialect.name == "sqlite" else _postgres
    async with engine.connect() as connection:
        known = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        assert growing() <= known
        return [f"{why}: {one}" for one in questions for why in await look(connection, one, questions[one])]


async def _sqlite(connection: Any, statement: str, parameters: Any) -> list[str]:
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    names = dict(re.findall(r"(?:FROM|JOIN|UPDATE|,)\s+(\w+) AS (\w+)", statement))
    aliases = {alias: table for table, alias in names.items()}
    found = []
    for row in rows:
        words = row[3].split()
        whole = words[0] == "SCAN" or (words[0] == "SEARCH" and row[3].endswith("(guild_id=?)"))
        whole = whole or (row[3].endswith("(state=?)") and not OVER.isdisjoint(parameters))
        if whole and aliases.get(words[1], words[1]) in growing():
            found.append(row[3])
    return found


async def _postgres(connection: Any, statement: str, parameters: Any) -> list[str]:
    # A table of a few rows is read whole in any case, unless that is forbidden where there is another way.
    await connection.execute(text("SET LOCAL enable_seqscan = off"))
    rows = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plan = rows.scalar_one()
    found: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in growing():
            found.append(f"Seq Scan of {node['Relation Name']}")
        for below in node.get("Plans", ()):
            walk(below)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found
