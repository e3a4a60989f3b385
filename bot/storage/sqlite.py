"""SQLite connections whose every statement goes to their thread once.

Left alone, the driver goes there four times for a statement: to make a cursor, to execute, to fetch, to close; and once
more to begin. Each time costs more than a short statement itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite


class _Cursor:
    """What SQLAlchemy asks of an asynchronous cursor; all rows are fetched where the statement is executed."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> None:
        await self._connection.there(self._execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> None:
        await self._connection.there(self._executemany, statement, parameters)

    def _execute(self, raw: sqlite3.Connection, statement: str, parameters: Iterable[Any]) -> None:
        self._connection.really_begin(raw)
        self._keep(raw.execute(statement, parameters))  # type: ignore[arg-type]

    def _executemany(self, raw: sqlite3.Connection, statement: str, parameters: Iterable[Iterable[Any]]) -> None:
        self._connection.really_begin(raw)
        self._keep(raw.executemany(statement, parameters))  # type: ignore[arg-type]

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """It holds nothing open."""


class Connection(aiosqlite.Connection):
    """As the driver has it, but for cursors, and for when a transaction begins: with its first statement."""

    _begin: str | None = None

    def cursor(self) -> Any:
        return _Cursor(self)

    async def there(self, act: Any, *given: Any) -> None:
        """`act(connection, *given)` in the connection's thread."""
        await self._execute(act, self._conn, *given)  # type: ignore[no-untyped-call]

    def begin(self, statement: str) -> None:
        """Begin by this statement, with the first one that follows."""
        self._begin = statement

    def really_begin(self, raw: sqlite3.Connection) -> None:
        """In the connection's thread, before a statement."""
        statement, self._begin = self._begin, None
        if statement is not None:
            raw.execute(statement)

    async def commit(self) -> None:
        if self._is_open():
            await super().commit()

    async def rollback(self) -> None:
        if self._is_open():
            await super().rollback()

    def _is_open(self) -> bool:
        self._begin = None
        return self.in_transaction


def connect(database: str, **options: Any) -> Connection:
    """For `async_creator_fn`: a connection that is not open yet."""
    made = Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    made._thread.daemon = True
    return made
