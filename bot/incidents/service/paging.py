"""Whom to page, when to go on to the next, when to stop. The plan is the policy's; people are found at the instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot import deadlines
from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.effects import record
from bot.effects import store as effects
from bot.incidents import log, store
from bot.incidents.models import Incident, Page
from bot.incidents.rules import Entry
from bot.incidents.service import unsent
from bot.incidents.service.effects import PAGE, PAGE_DM, ROOM_GRANT, grant, refresh_card, room_need, tell
from bot.oncall import store as oncall
from bot.policy.paging import plan
from bot.policy.words import SPECIALISTS, Kind, Severity, Standing, Target
from bot.servers import store as servers
from bot.storage import Tx

ESCALATE = "escalate"
WAYS = (PAGE, PAGE_DM)
"""Both pages of a step: in the room, and directly. Whoever was reached by one is not by the other."""
ACKNOWLEDGE = "acknowledge"
# Steps outside the plan: somebody paged by hand, and those whom a raised severity calls besides. The plan of a SEV-0
# goes on hourly for as long as nobody has it, and must never reach them.
BY_HAND, RAISED = 10_000, 20_000
MOST_STEPS = 20
"""A bound for looking ahead in a plan that may repeat for ever."""

ROLE_OF = {
    Target.PRIMARY: "primary",
    Target.SECONDARY: "secondary",
    Target.CORE: "core",
    Target.SPECIALISTS: "specialist",
    Target.OWNER: "owner",
    Target.NAMED_OWNER: "owner",
    Target.LEAD: "lead",
}


@dataclass(frozen=True)
class Found:
    """People of a step: user id → the role under which they come in, in order and without repeats."""

    people: dict[int, str]


async def people_for(
    tx: Tx, guild_id: int, kind: Kind, targets: Collection[Target], *, lead_id: int | None = None
) -> dict[int, str]:
    """User ids of `targets` now, with the role under which they come in. A target nobody fills gives nobody."""
    found: dict[int, str] = {}
    on_call = await oncall.on_call_at(tx, guild_id, tx.now)
    by_target: dict[Target, list[int]] = {
        Target.PRIMARY: [on_call.primary] if on_call.primary else [],
        Target.SECONDARY: [on_call.secondary] if on_call.secondary else [],
        Target.LEAD: [lead_id] if lead_id else [],
    }
    for target in targets:
        if target is Target.CORE:
            by_target[target] = await servers.roster(tx, guild_id, [Standing.CORE])
        elif target is Target.SPECIALISTS:
            group = SPECIALISTS[kind]
            by_target[target] = await servers.roster(tx, guild_id, [group]) if group else []
        elif target in (Target.OWNER, Target.NAMED_OWNER):
            # Owners of components come with later work; the owner of a kind are its specialists, else who is on call.
            group = SPECIALISTS[kind]
            owners = await servers.roster(tx, guild_id, [group]) if group else []
            by_target[target] = owners or ([on_call.primary] if on_call.primary else [])
    for target in Target:
        if target in targets:
            for user_id in by_target.get(target, []):
                found.setdefault(user_id, ROLE_OF[target])
    return found


async def begin(tx: Tx, incident: Incident, *, only: int | None = None, besides: int | None = None) -> list[int]:
    """Page the first people of the plan, or of its first step that finds anybody. Returns whom it pages.

    `only`: that person alone (practice). `besides`: somebody who has it already by what they just did.
    """
    following = plan(Kind(incident.kind), Severity(incident.severity))
    if only is not None:
        return await page_step(tx, incident, 0, {only: "primary"})
    kind = Kind(incident.kind)
    step, found = 0, await people_for(tx, incident.guild_id, kind, following.first, lead_id=incident.lead_id)
    if not found:
        found = await people_for(tx, incident.guild_id, kind, following.otherwise, lead_id=incident.lead_id)
    while not found and (planned := following.step(step + 1)) is not None and step < MOST_STEPS:
        step += 1
        found = await people_for(tx, incident.guild_id, kind, planned.targets, lead_id=incident.lead_id)
    if besides is not None:
        found.pop(besides, None)
    return await page_step(tx, incident, step, found, silent=following.silent)


async def page_step(tx: Tx, incident: Incident, step: int, found: dict[int, str], *, silent: bool = False) -> list[int]:
    """Record one step: the people come in, one message pages all of them, its delivery starts the next step's clock.

    Who tagged out or could not is left out (rule 9), and by the plan's steps who has a page on its way that Discord
    has not taken yet. `silent`: it is given to them without a push.
    """
    pages = await store.pages(tx, incident.id)
    out = {one.user_id for one in await store.participants(tx, incident.id) if one.tagged_out_at is not None} | {
        one.user_id for one in pages if one.answer == "declined"
    }
    if step < BY_HAND:
        out |= {one for before in range(step) for one in unsent.hang(pages, before)}
    called = {user_id: role for user_id, role in found.items() if user_id not in out}
    if not called:
        return []
    waits: list[int | None] = [await room_need(tx, incident)]
    for user_id, role in called.items():
        if await store.bring_in(tx, incident, user_id, role):
            waits.append(await grant(tx, incident, user_id))
        waits.append(await effects.unfinished(tx, incident.subject, ROOM_GRANT))
        tx.session.add(
            Page(
                guild_id=incident.guild_id,
                incident_id=incident.id,
                step=step,
                user_id=user_id,
                recorded_at=tx.now,
            )
        )
    await tx.session.flush()
    if incident.channel_id is None and waits[0] is None:
        await by_direct_message(tx, incident, step, silent=silent)
    else:
        await record(
            tx,
            PAGE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"page:{incident.id}:{step}",
            payload={"incident": incident.id, "step": step, "users": list(called), "silent": silent},
            needs=waits,
        )
    await unsent.expect(tx, incident, step, silent=silent)
    params = {"users": list(called), "step": step, "silent": silent}
    await log.note(tx, incident, Entry.PAGED, params=params, once=f"paged:{step}")
    return list(called)


async def by_direct_message(tx: Tx, incident: Incident, step: int, *, silent: bool = False) -> list[int]:
    """Where no room can carry the page it goes to each person directly. Returns the ids of these effects."""
    return [
        await record(
            tx,
            PAGE_DM,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"page_dm:{incident.id}:{step}:{one.user_id}",
            payload={"incident": incident.id, "step": step, "users": [one.user_id], "silent": silent},
        )
        for one in await store.pages(tx, incident.id)
        if one.step == step and one.delivered_at is None and one.failed_at is None
    ]


async def delivered(tx: Tx, incident: Incident, step: int, users: Collection[int]) -> None:
    """The page reached Discord: only now does the time for an answer run."""
    for one in await store.pages(tx, incident.id):
        if one.step == step and one.user_id in users and one.delivered_at is None:
            one.delivered_at = tx.now
    await unsent.settle(tx, incident, step)
    if step < BY_HAND:
        await schedule_next(tx, incident, step, after=None)
    elif step >= RAISED:
        await schedule_next(tx, incident, 0, after=None)


async def not_delivered(tx: Tx, incident: Incident, step: int, users: Collection[int]) -> None:
    """Refused for good (closed direct messages): say so, and ask the next one at once."""
    for one in await store.pages(tx, incident.id):
        if one.step == step and one.user_id in users and one.delivered_at is None:
            one.failed_at = tx.now
    await log.note(
        tx,
        incident,
        Entry.PAGE_FAILED,
        params={"users": list(users), "step": step},
        once=f"page_failed:{step}:{min(users)}",
    )
    await tell(
        tx,
        incident,
        "page_failed",
        f"page_failed:{min(users)}",  # said once, also when a later step asks the same person again
        users=",".join(str(one) for one in users),
    )
    await unsent.settle(tx, incident, step)
    if all(one.failed_at is not None for one in await store.pages(tx, incident.id) if one.step == step):
        await schedule_next(tx, incident, step if step < BY_HAND else 0, after=timedelta(0))


async def schedule_next(tx: Tx, incident: Incident, step: int, *, after: timedelta | None) -> None:
    """Make the step after `step` due, unless somebody has it; `after` overrides the plan (zero: at once)."""
    if incident.acknowledged_at is not None or incident.closed_at is not None:
        return
    planned = plan(Kind(incident.kind), Severity(incident.severity))
    following = planned.step(step + 1)
    if following is None:
        return
    await deadlines.put(
        tx,
        ESCALATE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        sequence=step + 1,
        due_at=tx.now + (following.after if after is None else after),
        rule=planned.section,
        reason=following.sentence(),
        params={"step": step + 1},
        practice=incident.practice,
        shown=True,
    )


async def hasten(tx: Tx, incident: Incident) -> None:
    """The severity was raised: a step that waits comes as soon as the plan that holds now has it, never later."""
    planned = plan(Kind(incident.kind), Severity(incident.severity))
    waiting = await due_store.open_rows(tx, incident.subject, [ESCALATE])
    for row in waiting:
        step = int(row.params["step"])
        following = planned.step(step)
        if following is not None and tx.now + following.after < row.due_at:
            await schedule_next(tx, incident, step - 1, after=None)
    if not waiting:
        await schedule_next(tx, incident, 0, after=None)


async def on_escalate(tx: Tx, due: DueView) -> None:
    """A step's time passed without an acknowledgement: page again or further, or say that it ends here."""
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    if incident.acknowledged_at is not None or incident.closed_at is not None:
        return
    step = int(due.params["step"])
    planned = plan(Kind(incident.kind), Severity(incident.severity)).step(step)
    if planned is None:
        return
    if incident.practice:
        found = {incident.declared_by: "primary"}
    else:
        found = await people_for(tx, incident.guild_id, Kind(incident.kind), planned.targets, lead_id=incident.lead_id)
    if Target.OPERATIONS in planned.targets and not incident.practice:
        await tell(tx, incident, "escalation_ended", f"escalation_ended:{step}", step=step)
    paged = await page_step(tx, incident, step, found)
    if paged:
        await log.note(tx, incident, Entry.ESCALATED, params={"users": paged, "step": step}, once=f"escalated:{step}")
    else:
        await schedule_next(tx, incident, step, after=timedelta(0) if found else None)
    await refresh_card(tx, incident)
