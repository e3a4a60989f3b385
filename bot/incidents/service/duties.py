"""The duties of an incident as deadlines: derived from the policy, again whenever kind or severity changes.

Public updates are the update slice's, by the same policy; it listens to the events of this one.
"""

from __future__ import annotations

from datetime import datetime

from bot import deadlines
from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.incidents import log, store
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.incidents.service.effects import refresh_card, tell
from bot.policy.clocks import Condition, Start, due_at, rederive, strictest
from bot.policy.words import Duty, Kind, Severity
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx

# What this slice owes from the moment of declaring; the others belong to the slices of their subject.
FROM_DECLARING = (
    Duty.ACKNOWLEDGE,
    Duty.RECEIPT,
    Duty.ASSESS,
    Duty.FIX,
    Duty.RELEASE_OR_HOLD,
    Duty.SUGGEST_RAISE,
    Duty.CRITICISM_VALID,
    Duty.CRITICISM_ANSWER,
)
FROM_RESOLVING = (Duty.REVIEW_SCHEDULED, Duty.REVIEW_HELD, Duty.REVIEW_PUBLISHED)


def conditions(incident: Incident) -> tuple[Condition, ...]:
    """What is so for this incident, besides kind and severity."""
    return (Condition.PRIVATE,) if Kind(incident.kind).private else ()


def runs_from(incident: Incident, start: Start) -> datetime:
    """The instant from which a clock of this incident runs."""
    if start is Start.STARTED:
        return incident.started_at
    if start is Start.RESOLVED and incident.closed_at is not None:
        return incident.closed_at
    return incident.declared_at


async def derive(tx: Tx, incident: Incident, server: ServerView, *, changed: bool = False) -> list[DueView]:
    """Put every duty that runs from declaring; with `changed`, move or end what kind or severity made different.

    What became stricter runs from the change, never into the past (design §4). Returns what moved, as it is now.
    """
    kind, severity = Kind(incident.kind), Severity(incident.severity)
    standing = {row.kind: row for row in await due_store.open_rows(tx, incident.subject)}
    moved: list[DueView] = []
    for duty in FROM_DECLARING:
        if duty is Duty.ACKNOWLEDGE and incident.acknowledged_at is not None:
            continue
        choice = strictest(server.policy.rules, kind, severity, duty, given=conditions(incident))
        before = standing.get(f"duty.{duty}")
        if choice is None:
            if before is not None:
                await deadlines.end(tx, incident.subject, [f"duty.{duty}"], "no longer asked for")
            continue
        start = runs_from(incident, choice.rule.runs_from)
        if changed:
            at = rederive(
                choice,
                before=before.due_at if before else None,
                start=start,
                changed_at=tx.now,
                zone=server.zone,
            )
        else:
            at = due_at(choice, start, server.zone)
        if at is None or (before is not None and before.due_at == at):
            continue
        row = await deadlines.put(
            tx,
            f"duty.{duty}",
            guild_id=incident.guild_id,
            subject=incident.subject,
            due_at=at,
            owner=None if incident.lead_id is None else str(incident.lead_id),
            rule=choice.rule.section,
            reason=choice.sentence(),
            params={"duty": duty},
            practice=incident.practice,
            until_met=True,
        )
        moved.append(due_store.view(row))
    return moved


async def after_resolving(tx: Tx, incident: Incident, server: ServerView) -> list[DueView]:
    """Start the clocks of the review. Source: guide, "Post-Incident Review › Timing"."""
    put: list[DueView] = []
    if incident.practice:
        return put
    kind, severity = Kind(incident.kind), Severity(incident.severity)
    for duty in FROM_RESOLVING:
        choice = strictest(server.policy.rules, kind, severity, duty)
        at = None if choice is None else due_at(choice, runs_from(incident, choice.rule.runs_from), server.zone)
        if choice is None or at is None:
            continue
        row = await deadlines.put(
            tx,
            f"duty.{duty}",
            guild_id=incident.guild_id,
            subject=incident.subject,
            due_at=at,
            owner=None if incident.lead_id is None else str(incident.lead_id),
            rule=choice.rule.section,
            reason=choice.sentence(),
            params={"duty": duty},
            until_met=True,
        )
        put.append(due_store.view(row))
    return put


async def on_duty_due(tx: Tx, due: DueView) -> None:
    """A duty's time came and it is not met: log it, and tell the lead (or who is there) once."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    duty = Duty(due.params["duty"])
    if duty is Duty.ACKNOWLEDGE:
        # The page itself repeats and goes on; here it is only put on record.
        await log.note(tx, incident, Entry.DUTY_DUE, params={"duty": duty}, once=f"due:{duty}")
    else:
        await log.note(tx, incident, Entry.DUTY_DUE, params={"duty": duty}, once=f"due:{duty}:{due.sequence}")
        await tell(tx, incident, "duty_due", f"due:{duty}:{due.due_at.isoformat()}", duty=str(duty), due=due.id)
    await refresh_card(tx, incident)


async def server_of(tx: Tx, incident: Incident) -> ServerView:
    """The set-up of the incident's server as it holds now."""
    return await servers.settings(tx, incident.guild_id)
