"""What people wait for does not grow with the incidents that are over: each question is served by an index."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from benchmarks.stores import GUILD, OUTSIDER, caller, store
from bot.bootstrap import App
from bot.deadlines import store as deadlines
from bot.incidents.service.context import Which
from bot.incidents.service.look import LookService
from bot.incidents.store import CLOSED_LATELY

CLOSED = CLOSED_LATELY + 60
WHOLE = "(guild_id=?)"
"""A search by the server alone goes through all that it ever had."""


async def upcoming(app: App) -> None:
    async with app.uow.read() as tx:
        await deadlines.upcoming(tx, guild_id=GUILD)


QUESTIONS = {
    "show": lambda look, app: look.show(caller(), Which(ref="inc-0002")),
    "list": lambda look, app: look.overview(caller()),
    "list of somebody outside": lambda look, app: look.overview(caller(OUTSIDER)),
    "due": lambda look, app: look.due(caller()),
    "picker": lambda look, app: look.choices(caller(), "open"),
    "picker with closed ones": lambda look, app: look.choices(caller(), "zzz", closed=True),
    "what is due in a server": lambda look, app: upcoming(app),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_is_served_by_an_index(tmp_path: Path, name: str):
    asked: list[tuple[str, Any]] = []

    def seen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    async with store(tmp_path, "growth", closed=1) as app:
        event.listen(app.engines.read.sync_engine, "before_cursor_execute", seen)
        await QUESTIONS[name](LookService(app.uow), app)
    connection = sqlite3.connect(tmp_path / "growth.db")
    plans = {
        row[3]
        for statement, parameters in asked
        if statement.startswith("SELECT")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    }
    connection.close()
    assert any("SEARCH" in plan for plan in plans)
    for table in ("incident", "deadline", "log_entry", "words", "participant"):
        grown = [plan for plan in plans if plan.startswith(f"SCAN {table}")]
        grown += [plan for plan in plans if plan.startswith(f"SEARCH {table} ") and plan.endswith(WHOLE)]
        assert not grown, grown


async def test_what_has_fired_and_is_over_is_passed_by(tmp_path: Path):
    asked: list[tuple[str, Any]] = []

    def seen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    async with store(tmp_path, "fired", closed=1) as app:
        event.listen(app.engines.read.sync_engine, "before_cursor_execute", seen)
        await upcoming(app)
    with sqlite3.connect(tmp_path / "fired.db") as connection:
        plans = [
            row[3] for one, given in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {one}", given).fetchall()
        ]
    connection.close()
    assert plans == [
        "SEARCH deadline USING INDEX ix_deadline_guild_id_state (guild_id=? AND state=?)",
        "SEARCH deadline USING INDEX ix_deadline_overdue (state=? AND until_met=? AND guild_id=?)",
    ]


async def test_the_picker_has_the_open_ones_first_and_then_those_closed_last(tmp_path: Path):
    async with store(tmp_path, "picker", closed=CLOSED) as app:
        look = LookService(app.uow)
        found = await look.choices(caller(), "", closed=True)
        listed = await look.overview(caller())
    references = [reference for _, reference in found]
    assert references[:3] == ["inc-0003", "inc-0002", "inc-0001"]
    numbers = [int(one.removeprefix("inc-")) for one in references[3:]]
    assert len(references) == 25 and numbers == sorted(numbers, reverse=True)
    assert [one.ref for one in listed.closed] == references[3:13], "the list and the picker agree"


async def test_an_old_one_is_still_found_by_its_reference(tmp_path: Path):
    async with store(tmp_path, "old", closed=CLOSED) as app:
        look = LookService(app.uow)
        assert await look.choices(caller(), "inc-1001", closed=True) == []
        shown = await look.show(caller(), Which(ref="inc-1001"))
    assert shown.incident.ref == "inc-1001"


async def test_looking_at_an_incident_does_not_read_its_whole_log(tmp_path: Path):
    async with store(tmp_path, "log", closed=1) as app:
        shown = await LookService(app.uow).show(caller(), Which(ref="inc-1000"))
    assert shown.log and shown.incident.title.startswith("Closed thing")
    assert "log" not in shown.incident.texts
