"""Rows to begin with."""

from __future__ import annotations

from typing import Any

from bot.incidents import log
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.policy.words import Kind, Visibility
from bot.storage import Tx

GUILD = 4_100_000_000_000_000_001


async def an_incident(tx: Tx, **values: Any) -> Incident:
    """An incident of this server, open and visible to responders, unless told otherwise."""
    given: dict[str, Any] = {
        "guild_id": GUILD,
        "ref": "inc-0001",
        "kind": Kind.OUTAGE,
        "severity": "SEV-1",
        "status": "investigating",
        "visibility": Visibility.RESPONDERS,
        "place": "none",
        "declared_by": 11,
        "declared_at": tx.now,
        "started_at": tx.now,
        "raised_at": tx.now,
        "policy_version": "luminous-1",
        **values,
    }
    row = Incident(**given)
    tx.session.add(row)
    await tx.session.flush()
    return row


async def a_line(tx: Tx, incident: Incident, text: str = "The disk is full") -> int:
    """A line of its log, with words."""
    entry = await log.note(tx, incident, Entry.NOTE, actor=11, text=text)
    assert entry is not None
    return entry
