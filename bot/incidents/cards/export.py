"""The log as files to keep: Markdown and JSON."""

from __future__ import annotations

import json
from typing import Any

from bot.incidents.cards.wording import entry_plain
from bot.incidents.log import LogView
from bot.incidents.rules import duration
from bot.incidents.store import IncidentView


def markdown(incident: IncidentView, lines: list[LogView]) -> str:
    """The incident and its log as a Markdown page; instants in UTC."""
    head = [
        f"# {incident.ref}: {incident.title}",
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
        cell = entry_plain(one).replace("|", "\\|").replace("\n", " / ")
        body.append(f"| {one.occurred_at:%Y-%m-%d %H:%M} | {cell} | {one.actor or 'Vigil'} |")
    return "\n".join([*head, *body, ""])


def as_json(incident: IncidentView, lines: list[LogView]) -> str:
    """The incident and its log as JSON; instants ISO 8601 in UTC, ids as strings."""
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
        "log": [
            {
                "id": one.id,
                "kind": one.kind,
                "occurred_at": one.occurred_at.isoformat(),
                "recorded_at": one.recorded_at.isoformat(),
                "by": str(one.actor) if one.actor else None,
                "text": one.text,
                "says": entry_plain(one),
                "corrects": one.corrects_id,
            }
            for one in lines
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
