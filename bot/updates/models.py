"""Table of public updates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, Key, Snowflake


class PublicUpdate(Base):
    """One public update and what it promised. Its words stand in `words` under its subject; a correction adds words.

    `next_at`: the promised time of the next one. `deviation`: that is later than the guide's cadence (rule 10).
    """

    __tablename__ = "public_update"
    __retention__ = "record: with its incident"
    __table_args__ = (Index("ix_public_update_incident_id", "incident_id", "state", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(Key)
    confirmed_by: Mapped[int | None] = mapped_column(Key)
    recorded_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    deviation: Mapped[bool] = mapped_column(default=False)
    channel_id: Mapped[int] = mapped_column(Snowflake)

    @property
    def subject(self) -> str:
        """The name under which its words belong to it."""
        return f"update:{self.id}"
