"""Tables of the outbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Key, Snowflake


class State(StrEnum):
    """Where an effect stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"  # no longer mattered when its turn came
    FAILED = "failed"  # refused for good; somebody was told


class Effect(Base):
    """One change to be made on Discord or another outside system. Payloads hold ids and rules, never people's words."""

    __tablename__ = "effect"
    __retention__ = "technical: 90 days after its end"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_effect_state_not_before", "state", "not_before"),
        Index("ix_effect_lane_state", "lane", "state"),
        Index("ix_effect_subject_state", "subject", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    lane: Mapped[str | None] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(160))
    mark: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default=State.PENDING)
    request: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
    ended_at: Mapped[datetime | None]


class EffectNeed(Base):
    """`effect_id` waits until `needs_id` has ended, well or not; what to do after a failure is its handler's choice."""

    __tablename__ = "effect_need"
    __retention__ = "technical: with its effect"

    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"), primary_key=True)
    needs_id: Mapped[int] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"), primary_key=True, index=True)
