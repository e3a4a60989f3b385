"""A status as lines for a terminal, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.inspection.status import SHOWN, Due, OpenIncident, Status, Undone, span

HIDDEN = "Private incidents and their duties are never shown here; what is to be done for them is among “other”."


def text(now: Status) -> str:
    """For people."""
    return "\n".join(_lines(now))


def as_json(now: Status) -> str:
    """For programs: the same, instants in ISO 8601."""
    values = {**dataclasses.asdict(now), "stuck": now.stuck}
    return json.dumps(values, default=lambda value: value.isoformat(), indent=2)


def _lines(now: Status) -> Iterator[str]:
    yield f"{now.at:%Y-%m-%d %H:%M} UTC · schema {now.schema} · {_processes(now.processes)}{_backup(now)}"
    yield from _block("Open incidents", [_incident(one, now.at) for one in now.incidents], "none")
    yield from _block("Due next", [_due(one, now.at) for one in now.due], "nothing")
    yield from _block("To be done on Discord, and not done yet", effects(now.waiting, now.at), "nothing")
    yield from _block("Not done for good, in the last 7 days", effects(now.failed, now.at), "nothing")
    yield ""
    yield HIDDEN
    for why in now.stuck_why:
        yield f"STUCK: {why}."


def _block(title: str, lines: Sequence[str], empty: str) -> Iterator[str]:
    yield ""
    yield f"{title}: {empty}" if not lines else f"{title}{f' (the first {SHOWN})' if len(lines) >= SHOWN else ''}:"
    yield from (f"  {one}" for one in lines)


def _processes(count: int) -> str:
    return {0: "no process runs", 1: "a process runs"}.get(count, f"{count} processes run")


def _backup(now: Status) -> str:
    return "" if now.newest_backup is None else f" · newest backup {span(now.at - now.newest_backup)} ago"


def _incident(one: OpenIncident, now: datetime) -> str:
    practice = "practice · " if one.practice else ""
    age = span(now - one.declared_at)
    return f"{one.reference} · {one.severity} · {practice}{one.kind} · {one.status} · {age} · server {one.server}"


def _due(one: Due, now: datetime) -> str:
    when = f"since {span(now - one.due_at)}" if one.overdue or one.due_at <= now else f"in {span(one.due_at - now)}"
    return f"{one.due_at:%H:%M} UTC, {when} · {one.reference} · {one.what} · {one.reason}"


def effects(found: Sequence[Undone], now: datetime) -> list[str]:
    """One line each: which, since when, how often it was tried, when again, and why."""
    return [_effect(one, now) for one in found]


def _effect(one: Undone, now: datetime) -> str:
    parts = [f"{one.id}", one.kind, *([one.reference] if one.reference else []), f"since {span(now - one.since)}"]
    if one.attempts:
        parts.append("tried once" if one.attempts == 1 else f"tried {one.attempts} times")
    if one.state == "running":
        parts.append("under way")
    elif one.needs_another:
        parts.append("waits for another one")
    elif one.next_at is not None:
        parts.append(f"again in {span(one.next_at - now)}" if one.next_at > now else "ready")
    return " · ".join(parts) + (f": {one.last_error}" if one.last_error else "")
