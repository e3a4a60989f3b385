"""Stores to measure on: one server with a few open incidents, and as many that have ended as one likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from bot.bootstrap import App, build
from bot.deadlines.models import Deadline, DeadlineState
from bot.effects.models import Effect, State
from bot.incidents.models import Incident, LogEntry, Participant
from bot.incidents.rules import Entry
from bot.incidents.service.declaration import Declaration
from bot.incidents.service.declare import Declared, DeclareService
from bot.kernel.caller import Caller
from bot.oncall import store as oncall
from bot.policy.words import Kind, Severity, Standing, Status, Visibility
from bot.servers import store as servers
from bot.servers.models import Person, Words
from bot.settings import Settings

GUILD, OWNER = 1_000_000_000_000_000_001, 1_000_000_000_000_000_002
PEOPLE = tuple(range(1_000_000_000_000_000_011, 1_000_000_000_000_000_021))
CROWD = tuple(range(1_000_000_000_000_000_200, 1_000_000_000_000_000_230))
"""Responders who declare in turn, since one person can only declare so often."""
ALICE, OUTSIDER = PEOPLE[0], 1_000_000_000_000_000_099
OPEN = 3
LINES, EFFECTS, DEADLINES, THERE = 3, 2, 3, 2
"""What each closed incident leaves behind; effects are kept for 90 days only."""
ROWS_AT_ONCE = 2_000


def caller(user_id: int = ALICE) -> Caller:
    """Somebody who asks in the server."""
    return Caller(user_id=user_id, guild_id=GUILD, name="bench")


@asynccontextmanager
async def store(
    folder: Path, name: str, *, closed: int = 0, ended: int = 0, arranged: bool = True
) -> AsyncIterator[App]:
    """An app on a SQLite file of its own; nothing of it runs. `ended`: deadlines and effects that have ended.

    Not `arranged`: nothing is in it, so that nothing is to be done when it is started.
    """
    settings = Settings(database={"url": f"sqlite+aiosqlite:///{folder}/{name}.db"})
    app = build(settings, safety_net=False)
    await app.prepare()
    if arranged:
        await _arrange(app)
    if closed:
        await _closed(app, closed)
    if ended:
        await _ended(app, ended)
    try:
        yield app
    finally:
        await app.close()


async def _arrange(app: App) -> None:
    async with app.uow() as tx:
        await servers.change_settings(
            tx, GUILD, person_id=None, updates_channel_id=GUILD + 3, operations_channel_id=GUILD + 4, zone="UTC"
        )
        for one in (*PEOPLE, *CROWD):
            await servers.enrol(tx, GUILD, one, Standing.RESPONDER)
        await oncall.put_rotation(tx, GUILD, PEOPLE[1:3])
    for number in range(OPEN):
        await declare(app, f"Open thing {number} times out")


async def declare(app: App, title: str, who: int = ALICE) -> Declared:
    """One outage."""
    found = await DeclareService(app.uow).declare(
        caller(who), Declaration(title, Severity.SEV1, Kind.OUTAGE, "What is known.", "API requests"), anyway=True
    )
    assert isinstance(found, Declared)
    return found


async def filled(app: App, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Put many rows in."""
    held: Table = table.__table__
    batch: list[dict[str, Any]] = []
    async with app.uow() as tx:
        for row in rows:
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                await tx.session.execute(insert(held), batch)
                batch = []
        if batch:
            await tx.session.execute(insert(held), batch)


FIRST = 1000
"""Ids of what is filled in begin here."""


async def _closed(app: App, count: int) -> None:
    """Incidents that were resolved, each with words, log entries, people, deadlines and effects."""
    now = app.uow.clock.now()
    when = [now - timedelta(hours=count - index) for index in range(count)]

    def incidents() -> Iterator[dict[str, Any]]:
        for index, at in enumerate(when):
            yield {
                "id": FIRST + index,
                "guild_id": GUILD,
                "ref": f"inc-{FIRST + index:04d}",
                "practice": False,
                "kind": Kind.OUTAGE,
                "severity": Severity.SEV1,
                "status": Status.RESOLVED,
                "visibility": Visibility.PARTICIPANTS if index % 10 == 0 else Visibility.RESPONDERS,
                "place": "channel",
                "channel_id": GUILD + FIRST + index,
                "title_key": f"closed thing{index % 97} timeouts",
                "lead_id": ALICE,
                "declared_by": ALICE,
                "declared_at": at,
                "started_at": at,
                "raised_at": at,
                "acknowledged_by": ALICE,
                "acknowledged_at": at,
                "closed_at": at + timedelta(minutes=45),
                "archived_at": at + timedelta(days=1),
                "policy_version": "luminous-1",
                "settings_version": 1,
                "embargo": False,
                "version": 1,
            }

    def words() -> Iterator[dict[str, Any]]:
        for index, at in enumerate(when):
            for field in ("title", "summary", "affected", *(["log"] * LINES)):
                yield {
                    "guild_id": GUILD,
                    "subject": f"incident:{FIRST + index}",
                    "field": field,
                    "body": f"Closed thing {index}: what somebody typed about its {field}",
                    "retention": "incident",
                    "written_at": at,
                }

    def lines() -> Iterator[dict[str, Any]]:
        for index, at in enumerate(when):
            for line in range(LINES):
                yield {
                    "guild_id": GUILD,
                    "incident_id": FIRST + index,
                    "kind": Entry.NOTE,
                    "person_id": 1,
                    "occurred_at": at + timedelta(minutes=line),
                    "recorded_at": at + timedelta(minutes=line),
                    "visibility": Visibility.RESPONDERS,
                    "params": {},
                }

    def people() -> Iterator[dict[str, Any]]:
        for index, at in enumerate(when):
            for user_id in PEOPLE[:THERE]:
                yield {
                    "incident_id": FIRST + index,
                    "guild_id": GUILD,
                    "user_id": user_id,
                    "role": "responder",
                    "active": True,
                    "joined_at": at,
                }

    async with app.uow() as tx:
        if await tx.session.get(Person, 1) is None:
            tx.session.add(Person(id=1, guild_id=GUILD, user_id=ALICE))
    await filled(app, Incident, incidents())
    await filled(app, Words, words())
    await filled(app, LogEntry, lines())
    await filled(app, Participant, people())
    subjects = [f"incident:{FIRST + index}" for index in range(count)]
    await filled(app, Deadline, _deadlines(subjects, DEADLINES, now))
    await filled(app, Effect, _effects(subjects, EFFECTS, now))


async def _ended(app: App, count: int) -> None:
    now = app.uow.clock.now()
    subjects = [f"incident:{FIRST + index}" for index in range(count // 4)]
    await filled(app, Deadline, _deadlines(subjects, 4, now))
    await filled(app, Effect, _effects(subjects, 4, now))


def _deadlines(subjects: list[str], each: int, now: datetime) -> Iterator[dict[str, Any]]:
    states = (DeadlineState.MET, DeadlineState.ENDED, DeadlineState.FIRED, DeadlineState.ENDED)
    for subject in subjects:
        for number in range(each):
            yield {
                "guild_id": GUILD,
                "subject": subject,
                "kind": f"duty.{number}",
                "sequence": 0,
                "due_at": now - timedelta(hours=number + 1),
                "rule": "a rule",
                "reason": "a reason",
                "params": {},
                "state": states[number % 4],
                "shown": True,
                "until_met": False,
                "practice": False,
                "attempts": 1,
            }


def _effects(subjects: list[str], each: int, now: datetime) -> Iterator[dict[str, Any]]:
    for subject in subjects:
        for number in range(each):
            yield {
                "guild_id": GUILD,
                "subject": subject,
                "kind": "incident.card",
                "lane": f"card:{subject}",
                "key": f"{subject}:{number}",
                "mark": f"{number:08x}",
                "payload": {},
                "state": State.DROPPED if number == 0 else State.DONE,
                "created_at": now - timedelta(hours=1),
                "not_before": now - timedelta(hours=1),
                "attempts": 1,
                "ended_at": now,
            }
