"""The table of interactions that were deferred: with PostgreSQL all of them, with SQLite those left unanswered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Snowflake


class Asked(Base):
    """An interaction that was deferred; `quiet`: without "is thinking".

    `token` answers it for a quarter of an hour, and is blanked with the answer.
    """

    __tablename__ = "asked"
    __retention__ = "technical: one day; the token is worthless after 15 minutes"

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    guild_id: Mapped[int | None] = mapped_column(Snowflake)
    user_id: Mapped[int] = mapped_column(Snowflake)
    application_id: Mapped[int] = mapped_column(Snowflake)
    token: Mapped[str] = mapped_column(String(400))
    quiet: Mapped[bool]
    at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
