"""Tables of rotations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Key, Snowflake


class RotationRow(Base):
    """One version of a team's rotation, in force from `valid_from` until `valid_until`; a change adds a version."""

    __tablename__ = "rotation"
    __retention__ = "record: 1 year after its end"
    __table_args__ = (Index("ix_rotation_guild_id_team", "guild_id", "team", "valid_from"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    team: Mapped[str] = mapped_column(String(40))
    first: Mapped[date] = mapped_column(Date)
    weekday: Mapped[int]
    hour: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(Snowflake)


class RotationPlace(Base):
    """A person's place in a rotation, counted from 0."""

    __tablename__ = "rotation_place"
    __retention__ = "record: with its rotation"
    __table_args__ = (UniqueConstraint("rotation_id", "position"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rotation_id: Mapped[int] = mapped_column(ForeignKey("rotation.id"))
    guild_id: Mapped[int] = mapped_column(Snowflake)
    position: Mapped[int]
    user_id: Mapped[int] = mapped_column(Snowflake)
