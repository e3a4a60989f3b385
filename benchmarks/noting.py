"""(c) Log entries stored, one transaction each, against raw INSERTs of the same rows on the same kind of store."""

from __future__ import annotations

from pathlib import Path

import aiosqlite

from benchmarks.measure import WAITING, Result, Scale, side_by_side
from benchmarks.stores import ALICE, GUILD, caller, store
from bot.incidents import log
from bot.incidents import store as incidents
from bot.incidents.rules import Entry
from bot.incidents.service.context import Which
from bot.incidents.service.coordinate import CoordinateService
from bot.kernel.clock import SystemClock

BODY = "Restarted the service"
WORDS = "INSERT INTO words (guild_id, subject, field, body, retention, written_at) VALUES (?, ?, ?, ?, ?, ?)"
ENTRY = (
    "INSERT INTO log_entry (guild_id, incident_id, kind, person_id, words_id, occurred_at, recorded_at, visibility, "
    "params) VALUES (?, 1, 'note', 1, ?, ?, ?, 'responders', '{}')"
)
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")


async def noting(folder: Path, scale: Scale) -> list[Result]:
    """Entries per second: the store alone, and the whole command with its rights, limits and the line in the room."""
    clock = SystemClock()
    async with store(folder, "log") as app, store(folder, "raw") as other:
        async with app.uow.read() as tx:
            incident = await incidents.row(tx, 1)
        service = CoordinateService(app.uow)
        raw = await aiosqlite.connect(f"{folder}/raw.db", isolation_level=None)
        for pragma in PRAGMAS:
            await raw.execute(f"PRAGMA {pragma}")

        async def mine() -> None:
            async with app.uow() as tx:
                await log.note(tx, incident, Entry.NOTE, actor=ALICE, text=BODY)

        async def whole() -> None:
            await service.add_log(caller(), BODY, Which(ref="inc-0002"))

        async def bare() -> None:
            now = clock.now().isoformat(" ")
            async with other.engines.write.begin() as connection:
                words = await connection.exec_driver_sql(WORDS, (GUILD, "incident:1", "log", BODY, "incident", now))
                await connection.exec_driver_sql(ENTRY, (GUILD, words.lastrowid, now, now))

        async def driver() -> None:
            now = clock.now().isoformat(" ")
            await raw.execute("BEGIN IMMEDIATE")
            words = await raw.execute(WORDS, (GUILD, "incident:1", "log", BODY, "incident", now))
            await raw.execute(ENTRY, (GUILD, words.lastrowid, now, now))
            await raw.commit()

        against = "raw INSERTs of its two rows, one transaction each, on the same engine"
        entry = await side_by_side("", mine, against, bare, times=scale.times * 4, clock=WAITING)
        below = "the same INSERTs by the driver alone, without SQLAlchemy"
        under = await side_by_side("", mine, below, driver, times=scale.times * 4, clock=WAITING)
        line = await side_by_side("", whole, against, bare, times=scale.times, clock=WAITING)
        await raw.close()
    return [
        _rate("log entries stored, one transaction each", entry, reach=0.5),
        _rate("log entries stored, one transaction each", under),
        _rate("the whole of /incident log: rights, limits, the line in the room", line),
    ]


def _rate(what: str, found: Result, reach: float | None = None) -> Result:
    assert found.baseline is not None
    return Result(what, 1 / found.value, found.against, 1 / found.baseline, unit="/s", reach=reach, least=True)
