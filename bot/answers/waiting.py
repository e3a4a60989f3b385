"""The list of those who wait: written before every first answer, so it must cost next to nothing.

It has to outlive the process, not a power cut: after that, interactions are long over. So nothing here waits for the
disk. With SQLite it is a small file of its own beside the store, since a commit to the store would; with PostgreSQL,
where any process may answer what another left, it is the table `asked` itself.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import structlog
from sqlalchemy import func, literal, select, text, true, update

from bot.answers.models import Asked
from bot.storage import UnitOfWork

log = structlog.get_logger(__name__)

SUFFIX = "-asked"
WRITTEN_ANEW = 256 * 1024
"""At this size in bytes the file is written anew, or at twice what is still needed of it."""
NOTED_WITHIN_S = 0.8
"""A database that is slow or away must not keep the first answer back."""


class Waits(NamedTuple):
    """Somebody whose interaction was deferred at `at` (aware UTC); `quiet`: without "is thinking"."""

    id: int
    token: str
    application_id: int
    guild_id: int | None
    user_id: int
    quiet: bool
    at: datetime


class WaitingList(Protocol):
    """Who waits for an answer. Where it is kept depends on the store."""

    async def add(self, one: Waits) -> None:
        """They wait from now on; the same interaction again changes nothing."""

    async def remove(self, interaction_id: int) -> None:
        """They have their answer."""

    async def get(self, interaction_id: int) -> Waits | None:
        """One of them, if they still wait."""

    async def left(self, until: datetime | None = None) -> Sequence[Waits]:
        """Those who wait (since `until` or longer), the earliest first."""

    async def handed_over(self, interaction_id: int) -> None:
        """The store has them now, with the effect that will answer them."""

    async def close(self) -> None:
        """Let go of it."""


class WaitingFile:
    """For SQLite: a file beside the store that only grows, a line for each who asks and one for each who is answered.

    A line is one write of some ten microseconds, done in the loop. Now and then the file is written anew with those
    who still wait. A line that cannot be read, as after a power cut, is passed over.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._held: int | None = None
        self._size = 0
        self._limit = WRITTEN_ANEW
        self._answered: set[int] = set()

    def _open(self) -> int:
        if self._held is None:
            _, self._answered = self._read()
            self._held = os.open(self._place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._size = os.fstat(self._held).st_size
        return self._held

    def _write(self, line: str) -> None:
        # The break comes first, so that half a line before it (a full disk) spoils nothing.
        self._size += os.write(self._open(), f"\n{line}".encode())

    async def add(self, one: Waits) -> None:
        self._open()
        if one.id not in self._answered:
            self._write(_line(one))

    async def remove(self, interaction_id: int) -> None:
        self._write(str(interaction_id))
        self._answered.add(interaction_id)
        if self._size >= self._limit:
            self._begin_anew()

    def _begin_anew(self) -> None:
        waiting, _ = self._read()
        anew = Path(f"{self._place}-new")
        anew.touch(0o600)
        anew.write_text("".join(f"\n{_line(one)}" for one in waiting.values()))
        self._close()
        anew.replace(self._place)
        self._open()
        self._limit = max(WRITTEN_ANEW, 2 * self._size)

    async def get(self, interaction_id: int) -> Waits | None:
        return self._read()[0].get(interaction_id)

    async def left(self, until: datetime | None = None) -> Sequence[Waits]:
        waiting = sorted(self._read()[0].values(), key=lambda one: one.id)
        return [one for one in waiting if until is None or one.at <= until]

    def _read(self) -> tuple[dict[int, Waits], set[int]]:
        """By their ids those who wait, and the ids of those who were answered."""
        waiting: dict[int, Waits] = {}
        answered: set[int] = set()
        try:
            lines = Path(self._place).read_bytes().splitlines()
        except FileNotFoundError:
            return waiting, answered
        for line in lines:
            try:
                found = json.loads(line or b"null")
                if isinstance(found, int):
                    answered.add(found)
                elif found is not None:
                    number, token, application_id, guild_id, user_id, quiet, at = found
                    when = datetime.fromisoformat(at)
                    waiting[number] = Waits(number, token, application_id, guild_id, user_id, quiet, when)
            except (ValueError, TypeError):
                log.warning("answers.line_passed_over")
        return {key: one for key, one in waiting.items() if key not in answered}, answered

    async def handed_over(self, interaction_id: int) -> None:
        await self.remove(interaction_id)

    async def close(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def _line(one: Waits) -> str:
    return json.dumps((*one[:-1], one.at.isoformat()))


class WaitingTable:
    """For PostgreSQL: rows of `asked`, each written by one statement that does not wait for the disk."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, one: Waits) -> None:
        from sqlalchemy.dialects import postgresql  # not loaded for a SQLite file

        values = {**one._asdict(), "answered_at": None}
        columns = Asked.__table__.c
        # One statement that is its own transaction, and sets for it what SET LOCAL would: one way to the server.
        unhurried = func.set_config("synchronous_commit", "off", True).table_valued("value")
        row = select(*(literal(value, columns[name].type) for name, value in values.items())).select_from(unhurried)
        statement = postgresql.insert(Asked).from_select(list(values), row).on_conflict_do_nothing()
        async with asyncio.timeout(NOTED_WITHIN_S), self._uow.engines.write.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(statement)

    async def remove(self, interaction_id: int) -> None:
        async with self._uow() as tx:
            await tx.session.execute(text("SET LOCAL synchronous_commit = off"))
            await tx.session.execute(
                update(Asked)
                .where(Asked.id == interaction_id, Asked.answered_at.is_(None))
                .values(answered_at=tx.now, token="")
            )

    async def get(self, interaction_id: int) -> Waits | None:
        found = await self._waiting(Asked.id == interaction_id)
        return found[0] if found else None

    async def left(self, until: datetime | None = None) -> Sequence[Waits]:
        return await self._waiting(true() if until is None else Asked.at <= until)

    async def _waiting(self, condition: Any) -> Sequence[Waits]:
        async with self._uow.read() as tx:
            rows = await tx.session.scalars(
                select(Asked).where(Asked.answered_at.is_(None), condition).order_by(Asked.id)
            )
            return [Waits(**{name: getattr(row, name) for name in Waits._fields}) for row in rows]

    async def handed_over(self, interaction_id: int) -> None:
        """They stand there already."""

    async def close(self) -> None:
        """The engines are closed by whoever opened them."""


def waiting_list(uow: UnitOfWork) -> WaitingList:
    """The list that fits this store."""
    if not uow.engines.sqlite:
        return WaitingTable(uow)
    place = uow.engines.write.url.database
    return WaitingFile(f"{place}{SUFFIX}" if place and place != ":memory:" else os.devnull)
