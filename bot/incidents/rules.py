"""What follows from the policy for one incident: pure."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from bot.policy.words import Kind, Severity

TITLE_MAX = 120
SIMILAR_WITHIN = timedelta(minutes=30)
ROOM_STAYS_OPEN = timedelta(days=1)


class Place(StrEnum):
    """Where an incident is worked on."""

    CHANNEL = "channel"
    CARD = "card"
    NONE = "none"


class Entry(StrEnum):
    """Kinds of log entries; all but NOTE are written by Vigil itself."""

    NOTE = "note"
    MESSAGE = "message"
    DECLARED = "declared"
    PAGED = "paged"
    PAGE_FAILED = "page_failed"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    ESCALATED = "escalated"
    SEVERITY = "severity"
    KIND = "kind"
    STATUS = "status"
    IMPACT = "impact"
    LEAD_OFFERED = "lead_offered"
    LEAD = "lead"
    LEAD_OPEN = "lead_open"
    JOINED = "joined"
    ADDED = "added"
    TAGGED_OUT = "tagged_out"
    TICKED = "ticked"
    UPDATE = "update"
    UPDATE_CORRECTED = "update_corrected"
    UPDATE_OVERDUE = "update_overdue"
    GAP = "gap"
    DUTY_DUE = "duty_due"
    DUTY_DONE = "duty_done"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    TITLE = "title"
    CORRECTION = "correction"
    PROBLEM = "problem"
    ARCHIVED = "archived"


def title_key(title: str) -> str:
    """The title reduced to what makes it similar to another: casefolded words of three letters or more, sorted."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    return " ".join(sorted({word for word in words if len(word) > 2}))[:120]


def similar(one: str, other: str) -> bool:
    """Whether two title keys speak of the same thing: at least half of the words of the shorter are in both."""
    a, b = set(one.split()), set(other.split())
    if not a or not b:
        return False
    return len(a & b) * 2 >= min(len(a), len(b)) and len(a & b) >= min(2, len(a), len(b))


def place_for(severity: Severity, asked_for_room: bool) -> Place:
    """A private channel, except for the mildest severity, which has a card unless a room was asked for. Design §4."""
    mild = not severity.at_least(Severity.SEV2)
    return Place.CARD if mild and not asked_for_room else Place.CHANNEL


def reference(number: int, *, practice: bool) -> str:
    """The reference of a numbered incident: `inc-0042`, or `practice-0003`."""
    return f"practice-{number:04d}" if practice else f"inc-{number:04d}"


def duration(started_at: datetime, ended_at: datetime) -> timedelta:
    """How long it lasted, never negative."""
    return max(timedelta(0), ended_at - started_at)


def retention(kind: Kind, *, practice: bool) -> str:
    """The retention class of the words of an incident."""
    if practice:
        return "practice"
    return "private" if kind.private else "incident"
