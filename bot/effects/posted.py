"""Where our messages stand, so that they can be edited, withdrawn or linked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, Key, Snowflake, Tx


class Posted(Base):
    """A message of ours: `what` names it within its subject."""

    __tablename__ = "posted"
    __retention__ = "record: with its subject"
    __table_args__ = (
        UniqueConstraint("subject", "what", "message_id"),
        Index("ix_posted_message_id", "message_id"),
        Index("ix_posted_channel_id", "channel_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    subject: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(60))
    channel_id: Mapped[int] = mapped_column(Snowflake)
    message_id: Mapped[int] = mapped_column(Snowflake)
    mark: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


@dataclass(frozen=True)
class PostedView:
    """A message of ours on Discord."""

    guild_id: int
    channel_id: int
    message_id: int
    mark: str
    what: str

    @property
    def link(self) -> str:
        """The address that opens it in Discord."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}/{self.message_id}"


async def remember(
    tx: Tx, *, guild_id: int, subject: str, what: str, channel_id: int, message_id: int, mark: str
) -> None:
    """Note where a message stands; the same again changes nothing."""
    known = await tx.session.scalar(
        select(Posted.id).where(Posted.subject == subject, Posted.what == what, Posted.message_id == message_id)
    )
    if known is None:
        tx.session.add(
            Posted(
                guild_id=guild_id,
                subject=subject,
                what=what,
                channel_id=channel_id,
                message_id=message_id,
                mark=mark,
                at=tx.now,
            )
        )


async def find(tx: Tx, subject: str, what: str) -> PostedView | None:
    """The newest message of that name, if any."""
    row = await tx.session.scalar(
        select(Posted).where(Posted.subject == subject, Posted.what == what).order_by(Posted.id.desc()).limit(1)
    )
    return None if row is None else PostedView(row.guild_id, row.channel_id, row.message_id, row.mark, row.what)


async def find_all(tx: Tx, subject: str, prefix: str) -> list[PostedView]:
    """All messages whose name begins with `prefix`, oldest first."""
    rows = await tx.session.scalars(
        select(Posted).where(Posted.subject == subject, Posted.what.startswith(prefix)).order_by(Posted.id)
    )
    return [PostedView(row.guild_id, row.channel_id, row.message_id, row.mark, row.what) for row in rows]


async def forget(tx: Tx, subject: str, what: str) -> None:
    """That message is gone, or not to be edited any more."""
    await tx.session.execute(delete(Posted).where(Posted.subject == subject, Posted.what == what))
