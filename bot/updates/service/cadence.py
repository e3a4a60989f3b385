"""When the next public update is due: derived from the policy, moved by each update, kept by reminders."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import deadlines
from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.deadlines.models import Deadline
from bot.incidents import log, store
from bot.incidents.events import IncidentClosed, IncidentDeclared, IncidentReopened, SeverityChanged
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.incidents.service.effects import grant, refresh_card
from bot.incidents.service.pushes import ASKS, ring
from bot.oncall import store as oncall
from bot.policy.clocks import Choice, Pace, due_at, rederive
from bot.policy.promises import heads_up_at, overdue_step
from bot.policy.words import Duty, Kind, Severity, Target
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx
from bot.updates import store as updates
from bot.updates.service import effects

PUBLIC_UPDATE, HEADS_UP, OVERDUE = "public_update", "update.heads_up", "update.overdue"


async def cadence(tx: Tx, incident: Incident, *, pace: Pace | None = None) -> Choice | None:
    """The rule for the first or the next update, by the policy that the incident began with; None: none is owed.

    A private incident owes no public update (design §4, note 1).
    """
    kind, severity = Kind(incident.kind), Severity(incident.severity)
    if incident.private:
        return None
    if pace is None:
        pace = Pace.NEXT if await updates.last(tx, incident.id) else Pace.FIRST
    policy = (await servers.settings(tx, incident.guild_id, incident.settings_version)).policy
    return policy.strictest(kind, severity, Duty.PUBLIC_UPDATE, pace=pace)


async def standing(tx: Tx, incident: Incident) -> Deadline | None:
    """What is owed now: the update that is due, or overdue."""
    for row in await due_store.owed_rows(tx, incident.subject, [PUBLIC_UPDATE]):
        return row
    return None


async def set_due(
    tx: Tx,
    incident: Incident,
    at: datetime,
    *,
    base: datetime,
    reason: str,
    rule: str,
    promised: bool = False,
) -> None:
    """Make the next update due `at`; the heads-up comes before it, and the reminders of the last one end."""
    await deadlines.end(tx, incident.subject, [HEADS_UP, OVERDUE], "moved")
    await deadlines.put(
        tx,
        PUBLIC_UPDATE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        due_at=at,
        owner=None if incident.lead_id is None else str(incident.lead_id),
        rule=rule,
        reason=reason,
        promised_at=at if promised else None,
        params={"base": base.isoformat(), ASKS: sorted(overdue_step(0).targets)},
        practice=incident.practice,
        until_met=True,
    )
    soon = heads_up_at(base, at)
    if soon is not None and soon > tx.now:
        await deadlines.put(
            tx,
            HEADS_UP,
            guild_id=incident.guild_id,
            subject=incident.subject,
            due_at=soon,
            rule=rule,
            reason=reason,
            params={"due": at.isoformat()},
            practice=incident.practice,
            shown=False,
        )
    await effects.withdraw(tx, incident)


async def set_none(tx: Tx, incident: Incident, why: str) -> None:
    """No update is owed any more."""
    await deadlines.end(tx, incident.subject, [PUBLIC_UPDATE, HEADS_UP, OVERDUE], why)
    await effects.withdraw(tx, incident)


async def _from(tx: Tx, incident: Incident, choice: Choice | None, base: datetime, server: ServerView) -> None:
    at = None if choice is None else due_at(choice, base, server.zone)
    if choice is not None and at is not None:
        await set_due(tx, incident, at, base=base, reason=choice.sentence(), rule=choice.rule.section)


async def on_declared(tx: Tx, event: IncidentDeclared) -> None:
    """The clock of the first update starts. Source: guide, "Communication" of each severity."""
    incident = await store.row(tx, event.incident_id)
    server = await servers.settings(tx, incident.guild_id)
    await _from(tx, incident, await cadence(tx, incident, pace=Pace.FIRST), incident.declared_at, server)


async def on_changed(tx: Tx, event: SeverityChanged) -> None:
    """Derive it again: stricter from the change on, milder from its own start; an announced time is kept."""
    incident = await store.row(tx, event.incident_id)
    server = await servers.settings(tx, incident.guild_id)
    before = await standing(tx, incident)
    last = await updates.last(tx, incident.id)
    choice = await cadence(tx, incident)
    base = last.published_at if last is not None and last.published_at is not None else incident.declared_at
    at = rederive(choice, before=before.due_at if before else None, start=base, changed_at=tx.now, zone=server.zone)
    promised = before.promised_at if before is not None and before.promised_at else None
    if promised is not None and not incident.private and (at is None or promised <= at):
        return
    if choice is None or at is None:
        await set_none(tx, incident, "no longer asked for")
    elif before is None or before.due_at != at:
        await set_due(tx, incident, max(at, tx.now), base=base, reason=choice.sentence(), rule=choice.rule.section)


async def on_reopened(tx: Tx, event: IncidentReopened) -> None:
    """The clock runs from now."""
    incident = await store.row(tx, event.incident_id)
    server = await servers.settings(tx, incident.guild_id)
    await _from(tx, incident, await cadence(tx, incident), tx.now, server)


async def on_closed(tx: Tx, event: IncidentClosed) -> None:
    """Nobody is reminded any more."""
    incident = await store.row(tx, event.incident_id)
    await effects.withdraw(tx, incident)


async def on_heads_up(tx: Tx, due: DueView) -> None:
    """Soon: a silent word in the room with a draft. Late, after a stop, it is left out: the reminder follows."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    promised = datetime.fromisoformat(due.params["due"])
    if incident.closed_at is None and tx.now < promised:
        await effects.heads_up(tx, incident, promised)


async def on_due(tx: Tx, due: DueView) -> None:
    """The time has come."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    if incident.closed_at is None:
        await _remind(tx, incident, due.due_at, 0)
        await refresh_card(tx, incident)


async def on_overdue(tx: Tx, due: DueView) -> None:
    """It has passed: the next rung of the ladder (design §4)."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    if incident.closed_at is None:
        await _remind(tx, incident, datetime.fromisoformat(due.params["due"]), int(due.params["number"]))


async def _remind(tx: Tx, incident: Incident, promised: datetime, number: int) -> None:
    """One message per rung. After a stop the rungs that were slept through are one, which says how late it is.

    It goes to all whom they would have reached: who was not told before must not be left out by a later, milder rung.
    """
    targets = overdue_step(number).targets
    while promised + overdue_step(number + 1).after <= tx.now - timedelta(seconds=30):
        number += 1
        targets |= overdue_step(number).targets
    if number > 0:
        await log.note(tx, incident, Entry.UPDATE_OVERDUE, once=f"overdue:{promised.isoformat()}")
    await effects.withdraw(tx, incident, in_room=targets != {Target.OPERATIONS})
    users, needs = await _people(tx, incident, targets)
    if users:
        await effects.remind(tx, incident, promised, number, await ring(tx, incident, users), needs)
    if Target.OPERATIONS in targets and not incident.practice:
        await effects.remind_operations(tx, incident, promised, number)
    following = overdue_step(number + 1)
    await deadlines.put(
        tx,
        OVERDUE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        due_at=promised + following.after,
        rule="reminders of a public update",
        reason="it is not posted yet",
        params={"due": promised.isoformat(), "number": number + 1, ASKS: sorted(following.targets)},
        practice=incident.practice,
        shown=False,
    )


async def _people(tx: Tx, incident: Incident, targets: frozenset[Target]) -> tuple[list[int], list[int | None]]:
    """Whom to remind, with what must be done first so that they can see the room; nobody who tagged out."""
    here = await store.participants(tx, incident.id)
    resting = {one.user_id for one in here if one.tagged_out_at is not None}
    wanted: list[int] = []
    if Target.LEAD in targets:
        wanted += [incident.lead_id] if incident.lead_id else [one.user_id for one in here if one.active][:3]
    if targets & {Target.PRIMARY, Target.SECONDARY} and not incident.practice:
        shift = await oncall.on_call_at(tx, incident.guild_id, tx.now)
        wanted += [one for one in (shift.primary, shift.secondary) if one]
    users = [one for one in dict.fromkeys(wanted) if one not in resting]
    needs: list[int | None] = []
    for user_id in users:
        if await store.bring_in(tx, incident, user_id, "responder"):
            needs.append(await grant(tx, incident, user_id))
    return users, needs
