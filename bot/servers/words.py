"""Words that people typed, and people as the record knows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select

from bot.policy.fairness import DRAFTS_KEPT
from bot.servers.models import Draft, Person, Words
from bot.storage import Tx
from bot.storage.once import insert_if_absent, write_down

LOG = "log"
"""The field of the lines of a log."""


async def write(tx: Tx, body: str, *, guild_id: int, subject: str, field: str, retention: str = "incident") -> int:
    """Keep what somebody typed; returns the id that other rows hold."""
    return await write_down(
        tx,
        Words,
        guild_id=guild_id,
        subject=subject,
        field=field,
        body=body,
        retention=retention,
        written_at=tx.now,
    )


async def read(tx: Tx, ids: Iterable[int | None]) -> dict[int, str]:
    """The texts by id; an erased one reads as "(removed)"."""
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    rows = await tx.session.execute(select(Words.id, Words.body).where(Words.id.in_(wanted)))
    return {key: "(removed)" if body is None else body for key, body in rows}


async def latest(tx: Tx, subject: str, fields: Iterable[str] | None = None) -> dict[str, str]:
    """The newest text of each field of a subject; of all but the log, which may be long and is read by its lines."""
    wanted = Words.field != LOG if fields is None else Words.field.in_(list(fields))
    query = select(Words.field, Words.body).where(Words.subject == subject, wanted)
    rows = await tx.session.execute(query.order_by(Words.id))
    return {field: "(removed)" if body is None else body for field, body in rows}


async def person(tx: Tx, guild_id: int, user_id: int) -> int:
    """The id of the row that stands for this person in this server's record; made on first sight."""
    query = select(Person.id).where(Person.guild_id == guild_id, Person.user_id == user_id)
    found = await tx.session.scalar(query)
    if found is not None:
        return found
    await insert_if_absent(tx, Person, guild_id=guild_id, user_id=user_id)
    return int((await tx.session.scalars(query)).one())


async def save_draft(tx: Tx, *, guild_id: int, user_id: int, purpose: str, subject: str, data: dict[str, Any]) -> int:
    """Keep what was typed; one draft per person, purpose and subject, the newest wins."""
    row = await tx.session.scalar(
        select(Draft).where(
            Draft.guild_id == guild_id,
            Draft.user_id == user_id,
            Draft.purpose == purpose,
            Draft.subject == subject,
        )
    )
    if row is None:
        row = Draft(guild_id=guild_id, user_id=user_id, purpose=purpose, subject=subject)
        tx.session.add(row)
    row.data, row.at = data, tx.now
    await tx.session.flush()
    await _drop_the_oldest(tx, guild_id, user_id)
    return row.id


async def _drop_the_oldest(tx: Tx, guild_id: int, user_id: int) -> None:
    """Whoever makes drafts without end keeps the newest DRAFTS_KEPT."""
    mine = (Draft.guild_id == guild_id, Draft.user_id == user_id)
    newest = select(Draft.id).where(*mine).order_by(Draft.at.desc(), Draft.id.desc())
    if spare := (await tx.session.scalars(newest.offset(DRAFTS_KEPT).limit(DRAFTS_KEPT))).all():
        await tx.session.execute(delete(Draft).where(Draft.id.in_(spare)))


async def draft(tx: Tx, *, guild_id: int, user_id: int, purpose: str, subject: str) -> dict[str, Any] | None:
    """What this person left unfinished, if anything."""
    found: dict[str, Any] | None = await tx.session.scalar(
        select(Draft.data).where(
            Draft.guild_id == guild_id,
            Draft.user_id == user_id,
            Draft.purpose == purpose,
            Draft.subject == subject,
        )
    )
    return found


async def drop_draft(tx: Tx, *, guild_id: int, user_id: int, purpose: str, subject: str) -> None:
    """It was finished."""
    await tx.session.execute(
        delete(Draft).where(
            Draft.guild_id == guild_id,
            Draft.user_id == user_id,
            Draft.purpose == purpose,
            Draft.subject == subject,
        )
    )
