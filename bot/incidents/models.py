"""Tables of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.policy.words import Visibility
from bot.storage.base import Base, Key, Snowflake


class Incident(Base):
    """Something declared. Its words (title, summary, impact …) stand in `words` under its subject."""

    __tablename__ = "incident"
    __retention__ = "record: 5 years; private kinds 1 year; practice 30 days"
    __table_args__ = (
        UniqueConstraint("guild_id", "ref"),
        UniqueConstraint("guild_id", "external_key"),
        Index("ix_incident_guild_id_open", "guild_id", "closed_at", "declared_at", "id"),
        Index("ix_incident_channel_id", "channel_id"),
        Index("ix_incident_closed_at", "closed_at", "guild_id", "channel_id"),
        Index("ix_incident_guild_id_declared_at", "guild_id", "declared_at"),
        Index("ix_incident_guild_id_declared_by", "guild_id", "declared_by", "declared_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    ref: Mapped[str] = mapped_column(String(20))
    practice: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(12))
    severity: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16))
    visibility: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(10))
    channel_id: Mapped[int | None] = mapped_column(Snowflake)
    title_key: Mapped[str] = mapped_column(String(120), default="")
    lead_id: Mapped[int | None] = mapped_column(Snowflake)
    declared_by: Mapped[int] = mapped_column(Snowflake)
    declared_in: Mapped[int | None] = mapped_column(Snowflake)
    declared_at: Mapped[datetime]
    started_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    acknowledged_by: Mapped[int | None] = mapped_column(Snowflake)
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    danger: Mapped[str | None] = mapped_column(String(20))
    embargo: Mapped[bool] = mapped_column(default=False)
    external_key: Mapped[str | None] = mapped_column(String(120))
    policy_version: Mapped[str] = mapped_column(String(60))
    settings_version: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it stands

    @property
    def subject(self) -> str:
        """The name under which deadlines, effects and words belong to it."""
        return f"incident:{self.id}"

    @property
    def private(self) -> bool:
        """Whether only those who are in it may know of it, whatever its kind is by now."""
        return self.visibility == Visibility.PARTICIPANTS


class Participant(Base):
    """Somebody taking part, from `joined_at` until `left_at`. Who tagged out is not pinged again for this incident."""

    __tablename__ = "participant"
    __retention__ = "record: with its incident"
    __table_args__ = (
        UniqueConstraint("incident_id", "user_id"),
        Index("ix_participant_guild_id_user_id", "guild_id", "user_id", "left_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    guild_id: Mapped[int] = mapped_column(Snowflake)
    user_id: Mapped[int] = mapped_column(Snowflake)
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    tagged_out_at: Mapped[datetime | None]


class LogEntry(Base):
    """One line of the log. Never updated, never deleted (triggers); a correction names what it corrects."""

    __tablename__ = "log_entry"
    __retention__ = "record: with its incident; words and person can be blanked"
    __table_args__ = (
        Index("ix_log_entry_incident_id_occurred_at", "incident_id", "occurred_at", "id"),
        UniqueConstraint("incident_id", "once"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(Key)
    words_id: Mapped[int | None] = mapped_column(Key)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    visibility: Mapped[str] = mapped_column(String(16))
    params: Mapped[dict[str, Any]]
    corrects_id: Mapped[int | None] = mapped_column(Key)
    once: Mapped[str | None] = mapped_column(String(80))


class Page(Base):
    """One person paged at one step of the escalation. `delivered_at` starts the step's clock."""

    __tablename__ = "page"
    __retention__ = "record: with its incident"
    __table_args__ = (UniqueConstraint("incident_id", "step", "user_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    step: Mapped[int]
    user_id: Mapped[int] = mapped_column(Snowflake)
    recorded_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(20))
    answered_at: Mapped[datetime | None]


class Tick(Base):
    """A line of a checklist (brief, resolve) that somebody ticked."""

    __tablename__ = "tick"
    __retention__ = "record: with its incident"
    __table_args__ = (UniqueConstraint("incident_id", "checklist", "item"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    guild_id: Mapped[int] = mapped_column(Snowflake)
    checklist: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(Snowflake)
    at: Mapped[datetime]


class LeadHandoff(Base):
    """The lead offered to somebody, with what they need to know; it passes when they accept."""

    __tablename__ = "lead_handoff"
    __retention__ = "record: with its incident"
    __table_args__ = (Index("ix_lead_handoff_incident_id", "incident_id", "answered_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    guild_id: Mapped[int] = mapped_column(Snowflake)
    from_id: Mapped[int | None] = mapped_column(Snowflake)
    to_id: Mapped[int] = mapped_column(Snowflake)
    words_id: Mapped[int | None] = mapped_column(Key)
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(12))


class Push(Base):
    """A reminder that rang for somebody, and the other subjects that it named; those need not ring again (rule 9)."""

    __tablename__ = "push"
    __retention__ = "technical: 7 days"
    __table_args__ = (Index("ix_push_guild_id_user_id_at", "guild_id", "user_id", "at"), Index("ix_push_at", "at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    user_id: Mapped[int] = mapped_column(Snowflake)
    subject: Mapped[str] = mapped_column(String(80))
    named: Mapped[list[Any]]
    at: Mapped[datetime]


class Report(Base):
    """What a member reported, waiting to be declared or kindly set aside. `about`: "system", "weakness" or "person"."""

    __tablename__ = "report"
    __retention__ = "private: 1 year"
    __table_args__ = (
        Index("ix_report_guild_id_state", "guild_id", "state"),
        Index("ix_report_guild_id_reporter_id", "guild_id", "reporter_id", "at"),
        Index("ix_report_guild_id_at", "guild_id", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    reporter_id: Mapped[int] = mapped_column(Snowflake)
    about: Mapped[str] = mapped_column(String(12))
    words_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(String(12))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    @property
    def subject(self) -> str:
        """The name under which effects and words belong to it."""
        return f"report:{self.id}"
