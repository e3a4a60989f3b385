"""Making a row that another transaction may be making at the same instant."""

from __future__ import annotations

from typing import Any

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
