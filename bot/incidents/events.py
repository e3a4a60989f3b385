"""What this slice tells the slices above it, in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.policy.words import Kind, Severity, Status


@dataclass(frozen=True)
class IncidentDeclared:
    """A new incident; its room and page are recorded already."""

    incident_id: int
    room_effect: int | None


@dataclass(frozen=True)
class SeverityChanged:
    """Severity or kind moved; every clock is derived again."""

    incident_id: int
    before: tuple[Kind, Severity]
    after: tuple[Kind, Severity]
    at: datetime


@dataclass(frozen=True)
class StatusChanged:
    """The status moved without a public update."""

    incident_id: int
    before: Status
    after: Status


@dataclass(frozen=True)
class IncidentClosed:
    """Resolved or cancelled (`status`); nothing is owed for it any more but what follows a resolution."""

    incident_id: int
    status: Status


@dataclass(frozen=True)
class IncidentReopened:
    """It goes on."""

    incident_id: int


@dataclass(frozen=True)
class LogAdded:
    """Somebody entered a line in the log."""

    incident_id: int
    entry_id: int
