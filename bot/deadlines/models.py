"""The table of everything that is due."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Key, Snowflake


class DeadlineState(StrEnum):
    """Where a deadline stands."""

    OPEN = "open"
    FIRED = "fired"  # its instant came and its handler ran
    MET = "met"  # what it asked for happened in time or late (`met_at`)
    ENDED = "ended"  # no longer owed (`ended_why`)
    PAUSED = "paused"  # the bot is not in the server; open again on its return


class Deadline(Base):
    """One instant at which something is due. Holds ids, a rule and its parameters, never people's words."""

    __tablename__ = "deadline"
    __retention__ = "record: with its subject"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "sequence"),
        Index("ix_deadline_state_due_at", "state", "due_at"),
        Index("ix_deadline_guild_id_state", "guild_id", "state", "due_at"),
        Index("ix_deadline_subject_state", "subject", "state"),
        Index("ix_deadline_overdue", "state", "until_met", "guild_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    sequence: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(60))
    rule: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(300))
    params: Mapped[dict[str, Any]]
    promised_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(8), default=DeadlineState.OPEN)
    shown: Mapped[bool] = mapped_column(default=True)
    until_met: Mapped[bool] = mapped_column(default=False)
    met_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(60))
    practice: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(300))
