"""The communication log: what happened, when it happened, and when it was recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from bot.incidents.models import Incident, LogEntry
from bot.incidents.rules import Entry, retention
from bot.kernel.text import message_link
from bot.policy.words import Kind, Visibility
from bot.servers import words
from bot.servers.models import Person
from bot.storage import Tx
from bot.storage.once import write_down, write_down_from


@dataclass(frozen=True)
class LogView:
    """One line. `actor`: user id, or None for Vigil itself and for people who were erased."""

    id: int
    guild_id: int
    kind: Entry
    actor: int | None
    text: str | None
    occurred_at: datetime
    recorded_at: datetime
    params: dict[str, Any]
    corrects_id: int | None

    @property
    def author(self) -> int | None:
        """Who said it: of a message taken into the log its author, else who entered the line."""
        return self.params.get("author_id") or self.actor

    @property
    def link(self) -> str | None:
        """The address of the message that was taken into the log, if one was."""
        if "message_id" not in self.params:
            return None
        return message_link(self.guild_id, self.params["channel_id"], self.params["message_id"])


async def note(
    tx: Tx,
    incident: Incident,
    kind: Entry,
    *,
    actor: int | None = None,
    text: str | None = None,
    occurred_at: datetime | None = None,
    params: Mapping[str, Any] | None = None,
    corrects_id: int | None = None,
    once: str | None = None,
    visibility: Visibility | None = None,
) -> int | None:
    """Append an entry; returns its id, or None when `once` names one that exists. `params` hold ids and rules only."""
    if once is not None:
        known = await tx.session.scalar(
            select(LogEntry.id).where(LogEntry.incident_id == incident.id, LogEntry.once == once)
        )
        if known is not None:
            return None
    words_id = None
    if text is not None:
        words_id = await words.write(
            tx,
            text,
            guild_id=incident.guild_id,
            subject=incident.subject,
            field=words.LOG,
            retention=retention(Kind(incident.kind), practice=incident.practice),
        )
    values: dict[str, Any] = {
        "guild_id": incident.guild_id,
        "incident_id": incident.id,
        "kind": kind,
        "words_id": words_id,
        "occurred_at": occurred_at or tx.now,
        "recorded_at": tx.now,
        "visibility": visibility or incident.visibility,
        "params": dict(params or {}),
        "corrects_id": corrects_id,
        "once": once,
    }
    if actor is not None:
        # Most often the person's row is there, and finding it is part of the INSERT.
        theirs = and_(Person.guild_id == incident.guild_id, Person.user_id == actor)
        if (made := await write_down_from(tx, LogEntry, values, {"person_id": Person.id}, theirs)) is not None:
            return made
        values["person_id"] = await words.person(tx, incident.guild_id, actor)
    return await write_down(tx, LogEntry, **values)


async def entries(
    tx: Tx,
    incident_id: int,
    *,
    since: datetime | None = None,
    limit: int | None = None,
    newest: bool = False,
    only: int | None = None,
    visible: Collection[Visibility] | None = None,
) -> list[LogView]:
    """The log in the order in which things happened; with `newest`, its last `limit` lines (still oldest first).

    `only`: that entry alone. `visible`: only entries of these visibilities; None: all, as for those who are in it.
    """
    query = select(LogEntry, Person.user_id).outerjoin(Person, Person.id == LogEntry.person_id)
    query = query.where(LogEntry.incident_id == incident_id)
    if only is not None:
        query = query.where(LogEntry.id == only)
    if visible is not None:
        query = query.where(LogEntry.visibility.in_([str(one) for one in visible]))
    if since is not None:
        query = query.where(LogEntry.recorded_at > since)
    order = (LogEntry.occurred_at, LogEntry.id)
    query = query.order_by(*(column.desc() for column in order)) if newest else query.order_by(*order)
    if limit is not None:
        query = query.limit(limit)
    rows = (await tx.session.execute(query)).all()
    texts = await words.read(tx, [entry.words_id for entry, _ in rows])
    found = [
        LogView(
            id=entry.id,
            guild_id=entry.guild_id,
            kind=Entry(entry.kind),
            actor=user_id,
            text=None if entry.words_id is None else texts.get(entry.words_id),
            occurred_at=entry.occurred_at,
            recorded_at=entry.recorded_at,
            params=dict(entry.params),
            corrects_id=entry.corrects_id,
        )
        for entry, user_id in rows
    ]
    return found[::-1] if newest else found
