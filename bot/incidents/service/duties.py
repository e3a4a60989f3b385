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
from bot.incidents.service.pushes import ASKS, ring
from bot.policy.clocks import Choice, Condition, Start, due_at, rederive
from bot.policy.paging import plan
from bot.policy.terms import after
from bot.policy.words import Duty, Kind, Severity, Target
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
    Duty.AFFECTED_TOLD,
)
WITH_THE_UPDATE = frozenset({Duty.AFFECTED_TOLD})
"""Due together with the first public update, whose reminder rings: one push is enough (rule 9)."""
FROM_RESOLVING = (Duty.REVIEW_SCHEDULED, Duty.REVIEW_HELD, Duty.REVIEW_PUBLISHED)


def conditions(incident: Incident) -> tuple[Condition, ...]:
    """What is so for this incident, besides kind and severity."""
    return (Condition.PRIVATE,) if incident.private else ()


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
    standing = {row.kind: row for row in await due_store.open_rows(tx, incident.subject)}
    settled = await due_store.met_kinds(tx, incident.subject) if changed else frozenset()
    moved: list[DueView] = []
    for duty in FROM_DECLARING:
        if f"duty.{duty}" in settled or (duty is Duty.ACKNOWLEDGE and incident.acknowledged_at is not None):
            continue
        choice = await choose(tx, incident, duty)
        before = standing.get(f"duty.{duty}")
        if choice is None:
            if before is not None:
                await deadlines.end(tx, incident.subject, [f"duty.{duty}", f"heads_up.{duty}"], "no longer asked for")
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
        moved.append(await _put(tx, incident, duty, choice, at))
        await _heads_up(tx, incident, server, duty, choice, start)
    return moved


async def _put(tx: Tx, incident: Incident, duty: Duty, choice: Choice, at: datetime) -> DueView:
    rings = duty not in WITH_THE_UPDATE and duty is not Duty.ACKNOWLEDGE
    row = await deadlines.put(
        tx,
        f"duty.{duty}",
        guild_id=incident.guild_id,
        subject=incident.subject,
        due_at=at,
        owner=None if incident.lead_id is None else str(incident.lead_id),
        rule=choice.rule.section,
        reason=choice.sentence(),
        params={"duty": duty, ASKS: [Target.LEAD]} if rings else {"duty": duty},
        practice=incident.practice,
        until_met=True,
    )
    return due_store.view(row)


async def choose(tx: Tx, incident: Incident, duty: Duty) -> Choice | None:
    """The rule for a duty, by the policy that the incident began with; None: nothing is owed."""
    policy = (await servers.settings(tx, incident.guild_id, incident.settings_version)).policy
    kind, severity = Kind(incident.kind), Severity(incident.severity)
    if duty is Duty.AFFECTED_TOLD and incident.private:
        return None  # with the first public update, which a private incident does not owe (design §4, note 1)
    return policy.strictest(kind, severity, duty, given=conditions(incident))


async def _heads_up(
    tx: Tx, incident: Incident, server: ServerView, duty: Duty, choice: Choice, start: datetime
) -> None:
    """A first, silent mark before the duty counts as overdue, where the rule has one."""
    at = None if choice.rule.heads_up is None else after(choice.rule.heads_up, start, server.zone)
    if at is not None and at > tx.now:
        await deadlines.put(
            tx,
            f"heads_up.{duty}",
            guild_id=incident.guild_id,
            subject=incident.subject,
            due_at=at,
            rule=choice.rule.section,
            reason=choice.sentence(),
            params={"duty": duty},
            practice=incident.practice,
            shown=False,
        )


async def after_resolving(tx: Tx, incident: Incident, server: ServerView) -> list[DueView]:
    """Start the clocks of the review. Source: guide, "Post-Incident Review › Timing"."""
    put: list[DueView] = []
    if incident.practice:
        return put
    for duty in FROM_RESOLVING:
        choice = await choose(tx, incident, duty)
        at = None if choice is None else due_at(choice, runs_from(incident, choice.rule.runs_from), server.zone)
        if choice is None or at is None:
            continue
        put.append(await _put(tx, incident, duty, choice, at))
    return put


async def on_duty_due(tx: Tx, due: DueView) -> None:
    """A duty's time came and it is not met: log it, and tell the lead (or who is there) once."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    duty = Duty(due.params["duty"])
    await log.note(tx, incident, Entry.DUTY_DUE, params={"duty": duty}, once=f"due:{duty}:{due.due_at.isoformat()}")
    pages = duty is Duty.ACKNOWLEDGE and bool(plan(Kind(incident.kind), Severity(incident.severity)).steps)
    at_once = due.due_at <= incident.raised_at
    # A page that repeats and goes on says it already, and the first one says what is due at once; else this reminds.
    if not pages and not at_once:
        users = [] if duty in WITH_THE_UPDATE else await _asked_for(tx, incident)
        users = list((await ring(tx, incident, users)).users)
        key = f"due:{duty}:{due.due_at.isoformat()}"
        await tell(tx, incident, "duty_due", key, duty=str(duty), due=due.id, users=users)
    await refresh_card(tx, incident)


async def _asked_for(tx: Tx, incident: Incident) -> list[int]:
    """Whom a duty that is due asks: the lead, else those who are here, else who was paged; nobody who tagged out."""
    here = await store.participants(tx, incident.id)
    if incident.lead_id is not None:
        asked = [incident.lead_id]
    else:
        asked = [one.user_id for one in here if one.active]
        asked += [page.user_id for page in await store.pages(tx, incident.id)]
    resting = {one.user_id for one in here if one.tagged_out_at is not None}
    return [one for one in dict.fromkeys(asked) if one not in resting][:3]


async def on_duty_heads_up(tx: Tx, due: DueView) -> None:
    """Half of the time has passed: a silent word, before it counts as overdue."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    duty = Duty(due.params["duty"])
    for row in await due_store.open_rows(tx, incident.subject, [f"duty.{duty}"]):
        key = f"heads_up:{duty}:{due.due_at.isoformat()}"
        await tell(tx, incident, "duty_heads_up", key, duty=str(duty), due=row.id)
