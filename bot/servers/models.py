"""Tables of servers, people and their words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Key, Snowflake


class Server(Base):
    """One Discord guild. When the bot is removed, `left_at` is set and its rows are kept for a time."""

    __tablename__ = "server"
    __retention__ = "record: until 90 days after the bot was removed"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    next_number: Mapped[int] = mapped_column(default=1)
    next_practice_number: Mapped[int] = mapped_column(default=1)


class ServerSettings(Base):
    """One version of a server's set-up; the highest version holds. `data` has ids, a zone and policy changes only."""

    __tablename__ = "server_settings"
    __retention__ = "record: with its server"
    __table_args__ = (UniqueConstraint("guild_id", "version"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    version: Mapped[int]
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(Key)
    data: Mapped[dict[str, Any]]


class RosterEntry(Base):
    """A person belongs to a group (a `Standing`: responder, core …) of a server, since and until."""

    __tablename__ = "roster"
    __retention__ = "record: 1 year after its end"
    __table_args__ = (Index("ix_roster_guild_id_standing", "guild_id", "standing", "until"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    user_id: Mapped[int] = mapped_column(Snowflake)
    standing: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Person(Base):
    """Somebody in a server's record. After an erasure `user_id` is empty and what they did remains."""

    __tablename__ = "person"
    __retention__ = "record: until erased on request"
    __table_args__ = (UniqueConstraint("guild_id", "user_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    user_id: Mapped[int | None] = mapped_column(Snowflake)
    zone: Mapped[str | None] = mapped_column(String(64))


class Words(Base):
    """Free text that somebody typed about `subject`. Never changed; blanked (`erased_at`) by a lawful erasure only."""

    __tablename__ = "words"
    __retention__ = "each row's own class: incident 5 years, private 1 year, practice 30 days"
    __table_args__ = (Index("ix_words_subject_field", "subject", "field"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    subject: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(40))
    body: Mapped[str | None] = mapped_column(Text)
    retention: Mapped[str] = mapped_column(String(20))
    written_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Draft(Base):
    """What somebody typed and did not publish, or that was refused: kept so that nothing is typed twice."""

    __tablename__ = "draft"
    __retention__ = "7 days"
    __table_args__ = (UniqueConstraint("guild_id", "user_id", "purpose", "subject"), Index("ix_draft_at", "at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    user_id: Mapped[int] = mapped_column(Snowflake)
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]
