"""The log as files to keep: Markdown and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.incidents.cards.wording import entry_plain
from bot.incidents.log import LogView
from bot.incidents.rules import duration
from bot.incidents.store import IncidentView
from bot.kernel.text import plain

_MENTION = re.compile(r"<@!?(\d{15,20})>")
_URL = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_MARKS = re.compile(r"[\\`*_~|\[\]#!]")
_IN_URL = {ord(mark): f"%{ord(mark):02X}" for mark in "\\`*_~|[]!"}


def people_in(incident: IncidentView, lines: Sequence[LogView]) -> list[int]:
    """User ids that an export speaks of, so that they can be given names."""
    found = [who for one in lines for who in (one.author, one.actor) if who] + (
        [incident.lead_id] if incident.lead_id else []
    )
    said = [int(found) for one in lines for found in _MENTION.findall(entry_plain(one))]
    return list(dict.fromkeys([*found, *said]))


def markdown(incident: IncidentView, lines: Sequence[LogView], names: Mapping[int, str]) -> str:
    """The incident and its log as a Markdown page; instants in UTC. Who has no name in `names` stays an id."""
    head = [
        f"# {incident.ref}: {_words(incident.title)}",
        "",
        f"- Kind: {incident.kind}",
        f"- Severity: {incident.severity} ({incident.severity.word})",
        f"- Status: {incident.status}",
        f"- Started: {incident.started_at:%Y-%m-%d %H:%M} UTC",
        f"- Declared: {incident.declared_at:%Y-%m-%d %H:%M} UTC",
    ]
    if incident.closed_at is not None:
        minutes = round(duration(incident.started_at, incident.closed_at).total_seconds() / 60)
        head.append(f"- Closed: {incident.closed_at:%Y-%m-%d %H:%M} UTC, after {minutes} minutes")
    body = ["", "## Log", "", "| Time (UTC) | Event | By |", "|---|---|---|"]
    for one in lines:
        cells = (f"{one.occurred_at:%Y-%m-%d %H:%M}", _named(entry_plain(one), names), _by(one, names))
        body.append(f"| {' | '.join(_words(cell) for cell in cells)} |")
    return "\n".join([*head, *body, ""])


def _words(text: str) -> str:
    """What people typed, as words in a Markdown page: it formats nothing, is no HTML, and stays in its line."""
    parts: list[str] = []
    end = 0
    shown = plain(text, one_line=False).replace("\n", " / ")
    for link in _URL.finditer(shown):
        parts += [_escaped(shown[end : link.start()]), link.group().translate(_IN_URL)]
        end = link.end()
    return "".join([*parts, _escaped(shown[end:])])


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))


def _by(entry: LogView, names: Mapping[int, str]) -> str:
    author, actor = ("" if one is None else names.get(one, str(one)) for one in (entry.author, entry.actor))
    if entry.author == entry.actor:
        return author or "Vigil"
    return f"{author} (added by {actor}; {entry.link})"


def _named(text: str, names: Mapping[int, str]) -> str:
    return _MENTION.sub(lambda found: f"@{names.get(int(found[1]), found[1])}", text)


def as_json(incident: IncidentView, lines: Sequence[LogView], names: Mapping[int, str]) -> str:
    """The incident and its log as JSON; instants ISO 8601 in UTC, ids as strings, `people` their names."""
    # Counted within this log: row ids would tell how much is written in others.
    numbers = {one.id: number for number, one in enumerate(lines, 1)}
    content: dict[str, Any] = {
        "reference": incident.ref,
        "title": incident.title,
        "kind": incident.kind,
        "severity": incident.severity,
        "status": incident.status,
        "practice": incident.practice,
        "started_at": incident.started_at.isoformat(),
        "declared_at": incident.declared_at.isoformat(),
        "closed_at": incident.closed_at.isoformat() if incident.closed_at else None,
        "lead": str(incident.lead_id) if incident.lead_id else None,
        "people": {str(user_id): name for user_id, name in names.items()},
        "log": [
            {
                "number": numbers[one.id],
                "kind": one.kind,
                "occurred_at": one.occurred_at.isoformat(),
                "recorded_at": one.recorded_at.isoformat(),
                "by": str(one.actor) if one.actor else None,
                "author": str(one.author) if one.author else None,
                "link": one.link,
                "text": one.text,
                "says": entry_plain(one),
                "corrects": numbers.get(one.corrects_id) if one.corrects_id else None,
            }
            for one in lines
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
