"""Making rows: one that another transaction may be making at the same instant, and one that is only written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, insert, literal, select

from bot.storage.base import Base
from bot.storage.uow import Tx


async def insert_if_absent(tx: Tx, table: type[Base], **values: Any) -> None:
    """Insert the row unless one with the same unique key exists; waits for one that is being made elsewhere.

    Read it afterwards: whichever transaction was first, its row is there then.
    """
    # Each store knows the clause by a statement of its own; the dialect of the other one need not be loaded.
    if tx.session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        await tx.session.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())
    else:
        from sqlalchemy.dialects import postgresql

        await tx.session.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())


async def write_down(tx: Tx, table: type[Base], **values: Any) -> int:
    """Insert a row that this transaction does not look at again; returns its id.

    Past the session's bookkeeping of objects, which takes longer than the INSERT.
    """
    if tx.session.new:
        await tx.session.flush()  # what it refers to may not be there yet
    made = await tx.session.execute(insert(cast(Table, table.__table__)).values(**values))
    key = cast("CursorResult[Any]", made).inserted_primary_key
    assert key is not None
    return int(key[0])


async def write_down_from(
    tx: Tx,
    table: type[Base],
    values: Mapping[str, Any],
    found: Mapping[str, Any],
    where: ColumnElement[bool],
) -> int | None:
    """As `write_down`, with columns that are `found` in the one row of another table; None where there is none."""
    if tx.session.new:
        await tx.session.flush()
    into = cast(Table, table.__table__)
    given = [literal(value, into.c[name].type) for name, value in values.items()]
    row = select(*given, *found.values()).where(where)
    key: int | None = await tx.session.scalar(insert(into).from_select([*values, *found], row).returning(into.c.id))
    return key
