"""Other ways for a page: directly, where the incident was declared, and then the next person."""

from __future__ import annotations

from datetime import timedelta

from bot.deadlines import DueView
from bot.deadlines import store as due_store
from bot.effects import record
from bot.incidents import store
from bot.incidents.models import Incident
from bot.incidents.service import paging, unsent
from bot.incidents.service.effects import room_need
from bot.policy.words import Kind
from bot.storage import Tx

HERE = "incident.page_here"


async def on_unsent(tx: Tx, due: DueView) -> None:
    """The page still hangs (design §3, "Effects"): directly to each; if that hangs as well, the next person.

    Whatever is stuck is tried further; the first way that works has paged, and the others have nothing to do then.
    """
    incident = await store.row(tx, int(due.subject.split(":")[1]), lock=True)
    step, tries = int(due.params["step"]), int(due.params["tries"])
    if incident.closed_at is not None or (incident.acknowledged_at is not None and 0 < step < paging.BY_HAND):
        return
    waiting = [one for one in await store.pages(tx, incident.id) if one.step == step]
    if not any(one.delivered_at is None and one.failed_at is None for one in waiting):
        return
    if tries == 0:
        await paging.by_direct_message(tx, incident, step)
        await unsent.expect(tx, incident, step, tries=1)
    elif not await due_store.open_rows(tx, incident.subject, [paging.ESCALATE]):
        await paging.schedule_next(tx, incident, step if step < paging.BY_HAND else 0, after=timedelta(0))


async def where_declared(tx: Tx, incident: Incident, step: int) -> None:
    """No room can be made: besides the direct messages, a line where it was declared, once those are out.

    It names who is paged and the reference, no title; a private incident gets none (rule 4).
    """
    if Kind(incident.kind).private or incident.practice or incident.declared_in is None:
        return
    await record(
        tx,
        HERE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"page_here:{incident.id}:{step}",
        payload={"incident": incident.id, "step": step},
        needs=[await room_need(tx, incident), *await paging.direct_needs(tx, incident, step)],
    )
