"""Other ways for a page: directly, where it was declared, then the next person; and word of what hangs."""

from __future__ import annotations

from datetime import timedelta

from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.effects import Attempt, record
from bot.effects import store as effects
from bot.incidents import log, store
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.incidents.service import paging, problems, unsent
from bot.storage import Tx

HERE, STUCK = "incident.page_here", "incident.stuck"


async def on_unsent(tx: Tx, due: DueView) -> None:
    """The page still hangs (design §3, "Effects"): directly to each; if that hangs as well, the next person.

    The next person is asked only when Discord takes messages of ours at all: while it is away the next page would hang
    like this one, and somebody would be called over the head of a person who never heard. So word of it goes to whoever
    declared it first, and what follows waits until that is out. Whatever is stuck is tried further; the first way that
    works has paged, and the others have nothing to do then.
    """
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    step, tries = int(due.params["step"]), int(due.params["tries"])
    if incident.closed_at is not None or (incident.acknowledged_at is not None and 0 < step < paging.BY_HAND):
        return
    if not unsent.hang(await store.pages(tx, incident.id), step):
        return
    if tries == 0:
        silent = bool(due.params["silent"])
        await paging.by_direct_message(tx, incident, step, silent=silent)
        await unsent.expect(tx, incident, step, silent=silent, tries=1)
    elif tries == 1:
        await record(
            tx,
            unsent.NOTE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"unsent:{incident.id}:{step}",
            payload={"incident": incident.id, "step": step},
        )
    elif not await due_store.open_rows(tx, incident.subject, [paging.ESCALATE]):
        await paging.schedule_next(tx, incident, step if step < paging.BY_HAND else 0, after=timedelta(0))


async def takes_messages(tx: Tx, attempt: Attempt) -> None:
    """Word of a page that hangs is out, or was refused: Discord answers. The page goes now, then the next person."""
    incident = await store.row(tx, attempt.payload["incident"], lock=True)
    step = attempt.payload["step"]
    if unsent.hang(await store.pages(tx, incident.id), step):
        await effects.hasten(tx, incident.subject, paging.WAYS)
        await unsent.expect(tx, incident, step, tries=2)


async def without_room(tx: Tx, incident: Incident) -> None:
    """No room can be made: pages go directly, and a line stands where it was declared once those are out.

    The line names who is paged and the reference, no title; a private incident and a practice get none (rule 4).
    """
    for step in sorted({one.step for one in await store.pages(tx, incident.id)}):
        direct = await paging.by_direct_message(tx, incident, step)
        if not direct or incident.private or incident.practice or incident.declared_in is None:
            continue
        await record(
            tx,
            HERE,
            guild_id=incident.guild_id,
            subject=incident.subject,
            key=f"page_here:{incident.id}:{step}",
            payload={"incident": incident.id, "step": step},
            needs=direct,
        )


async def stuck(tx: Tx, attempt: Attempt) -> None:
    """Something has been tried for minutes: on record, and told to who can act, once (rule 7). It is tried further."""
    number = problems.incident_id(attempt.subject)
    if not number or attempt.kind in (STUCK, unsent.NOTE):
        return
    incident = await store.row(tx, number)
    entry = await log.note(
        tx, incident, Entry.PROBLEM, params={"what": attempt.kind, "code": 0}, once=f"stuck:{attempt.id}"
    )
    if entry is None or await effects.unfinished(tx, attempt.subject, STUCK) is not None:
        return
    await record(
        tx,
        STUCK,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"stuck:{attempt.id}",
        payload={"incident": incident.id, "effect": attempt.id},
    )
