"""Small facts of the process that outlive it: which commands were registered last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base
from bot.storage.uow import UnitOfWork


class Remembered(Base):
    """A fact by its name."""

    __tablename__ = "remembered"
    __retention__ = "technical: for ever, a handful of rows"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class CommandMemory:
    """What `bot.client` asks: the hash of the commands that Discord has."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def load(self, application_id: int) -> str | None:
        """The hash sent last, if any."""
        async with self._uow.read() as tx:
            row = await tx.session.get(Remembered, f"commands:{application_id}")
            return row.value if row else None

    async def save(self, application_id: int, digest: str) -> None:
        """Discord took these commands."""
        async with self._uow() as tx:
            name = f"commands:{application_id}"
            row = await tx.session.get(Remembered, name)
            if row is None:
                row = Remembered(name=name)
                tx.session.add(row)
            row.value, row.at = digest, tx.now
