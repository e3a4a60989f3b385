"""Effects of updates: what is posted, edited and withdrawn when its turn comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.deadlines import store as due_store
from bot.effects import Attempt, Refused, posted
from bot.effects.messages import Outgoing
from bot.incidents import log, store
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.incidents.service import problems
from bot.incidents.service.effects import line, refresh_brief, refresh_card
from bot.policy.clocks import Pace, due_at
from bot.policy.promises import overdue_step
from bot.policy.words import Target
from bot.servers import store as servers
from bot.storage import Tx
from bot.updates import store as updates
from bot.updates.cards import public, reminders
from bot.updates.models import PublicUpdate
from bot.updates.rules import Said, Stage
from bot.updates.service import cadence, effects
from bot.updates.service.drafts import from_the_log


async def post(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The public post, as the incident stands now."""
    row = await updates.row(tx, attempt.payload["update"])
    incident = await store.row(tx, row.incident_id)
    if row.state == Stage.PUBLISHED or incident.private:
        return None
    out = await _rendered(tx, row)
    if row.state != Stage.FAILED:
        return out
    # Tried again after a refusal: in the channel that holds by now, and only while nothing newer was said.
    newest = await updates.last(tx, row.incident_id)
    if newest is not None and newest.id > row.id:
        return None
    return replace(out, channel_id=await _place_now(tx, row))


async def _place_now(tx: Tx, row: PublicUpdate) -> int:
    server = await servers.settings(tx, row.guild_id)
    incident = await store.row(tx, row.incident_id)
    return (server.operations_channel_id if incident.practice else server.updates_channel_id) or row.channel_id


async def edit(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The post with its corrected words."""
    row = await updates.row(tx, attempt.payload["update"])
    incident = await store.row(tx, row.incident_id)
    known = await posted.find(tx, incident.subject, f"update:{row.id}")
    out = await _rendered(tx, row)
    if known is None or incident.private:
        return None
    return Outgoing(
        out.message,
        channel_id=known.channel_id,
        what=out.what,
        edit=known.message_id,
        edit_mark=known.mark,
    )


async def _rendered(tx: Tx, row: PublicUpdate) -> Outgoing:
    incident = await store.view(tx, await store.row(tx, row.incident_id))
    update = await updates.view(tx, row)
    before_at = None
    if update.kind is Said.NO_CHANGE and (before := await updates.last(tx, row.incident_id)) is not None:
        before_at = before.published_at
    message = public.public_post(
        incident,
        update.kind,
        update.status,
        update.texts,
        next_at=update.next_at,
        gap=update.deviation,
        corrected_at=update.corrected_at,
        published_at=update.published_at or tx.now,
        before_at=before_at,
    )
    return Outgoing(message, channel_id=update.channel_id, what=f"update:{row.id}")


async def posted_now(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """It is out: the log has it, the promise is recorded, the clock moves, nobody is reminded any more."""
    row = await updates.row(tx, attempt.payload["update"])
    incident = await store.row(tx, row.incident_id, lock=True)
    await updates.hold(tx, row)
    if row.state == Stage.PUBLISHED:
        return
    if incident.private:  # it became private while the post was on its way
        row.state = Stage.FAILED
        await effects.withdraw_message(tx, incident, result["channel_id"], result["message_id"])
        return
    row.state, row.published_at = Stage.PUBLISHED, tx.now
    row.channel_id = result.get("channel_id", row.channel_id)
    update = await updates.view(tx, row)
    said = public.spoken((await store.view(tx, incident)).title, Said(row.kind), update.texts)
    entry = await log.note(
        tx,
        incident,
        Entry.UPDATE,
        actor=update.by,
        text=said,
        occurred_at=row.recorded_at,
        params={
            "update": row.id,
            "kind": row.kind,
            "next": row.next_at.isoformat() if row.next_at else None,
            "message": result.get("message_id"),
        },
        once=f"update:{row.id}",
    )
    if row.deviation:
        await log.note(
            tx,
            incident,
            Entry.GAP,
            actor=update.by,
            params={"update": row.id, "confirmed": row.confirmed_by, "rule": await _guide_rule(tx, incident)},
            once=f"gap:{row.id}",
        )
    if incident.closed_at is None:
        await _move_clock(tx, incident, row)
        await line(tx, incident, entry)
    await refresh_card(tx, incident)
    await refresh_brief(tx, incident)


async def _guide_rule(tx: Tx, incident: Incident) -> str | None:
    choice = await cadence.cadence(tx, incident, pace=Pace.NEXT)
    return choice.sentence() if choice else None


async def _move_clock(tx: Tx, incident: Incident, row: PublicUpdate) -> None:
    """The next one is due as promised, else by the cadence; a SEV-2 without a promise owes no next one."""
    choice = await cadence.cadence(tx, incident, pace=Pace.NEXT)
    server = await servers.settings(tx, incident.guild_id)
    at = row.next_at if row.next_at is not None and row.next_at > tx.now else None
    promised = at is not None
    if at is None and choice is not None:
        at = due_at(choice, tx.now, server.zone)
    if at is None:
        await cadence.set_none(tx, incident, "posted")
        return
    rule = choice.rule.section if choice else "promised in the last update"
    if row.deviation:
        reason = f"a longer gap was announced; the guide has {choice.sentence()}" if choice else "a longer gap"
    elif choice is not None:
        reason = choice.sentence()
    else:
        reason = "promised in the last update"
    await cadence.set_due(tx, incident, at, base=tx.now, reason=reason, rule=rule, promised=promised)


async def post_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Discord refused it for good: the update is not out, its clock stays, and the room is told what to change."""
    row = await updates.row(tx, attempt.payload["update"])
    await store.row(tx, row.incident_id, lock=True)
    await updates.hold(tx, row)
    row.state = Stage.FAILED
    await problems.refused(tx, attempt, error)


async def remind(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The reminder, unless the update came meanwhile."""
    due = await _still_owed(tx, attempt)
    if due is None:
        return None
    row, reason = due
    incident = await store.view(tx, row)
    resting = {one.user_id for one in incident.people if one.tagged_out}
    users = [one for one in attempt.payload["users"] if one not in resting]
    message = reminders.reminder(
        incident,
        users,
        datetime.fromisoformat(attempt.payload["due"]),
        reason,
        number=attempt.payload["number"],
        choice=await cadence.cadence(tx, row, pace=Pace.NEXT),
        also=[await store.view(tx, await store.row(tx, one)) for one in attempt.payload["also"]],
    )
    otherwise = users[0] if users else row.lead_id or row.declared_by
    return _in_room(row, message, f"{effects.REMINDER}{attempt.payload['number']}", otherwise)


async def remind_operations(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The line in operations, unless the update came meanwhile."""
    due = await _still_owed(tx, attempt)
    server = await servers.settings(tx, attempt.guild_id)
    if due is None or server.operations_channel_id is None:
        return None
    row, _ = due
    message = reminders.reminder_operations(await store.view(tx, row), datetime.fromisoformat(attempt.payload["due"]))
    return Outgoing(
        message,
        channel_id=server.operations_channel_id,
        what=f"{effects.OPERATIONS}{attempt.payload['number']}",
        reference=row.ref,
    )


async def heads_up(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The silent word before, with a draft from the log."""
    row = await store.row(tx, attempt.payload["incident"])
    promised = datetime.fromisoformat(attempt.payload["due"])
    standing = await cadence.standing(tx, row)
    if row.closed_at is not None or standing is None or standing.due_at != promised or tx.now >= promised:
        return None
    draft = await from_the_log(tx, row, await updates.last(tx, row.id))
    message = reminders.heads_up(await store.view(tx, row), promised, draft)
    if row.channel_id is None:
        return None
    return _in_room(row, message, f"{effects.REMINDER}heads_up", row.lead_id or row.declared_by)


async def reminded(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """If the update came, or the next rung, while this was on its way, it is taken back at once."""
    row = await store.row(tx, attempt.payload["incident"], lock=True)
    standing = await cadence.standing(tx, row)
    promised = datetime.fromisoformat(attempt.payload["due"])
    gone = row.closed_at is not None or standing is None or standing.due_at != promised
    if gone or await _overtaken(tx, row, attempt):
        await effects.withdraw_message(tx, row, result["channel_id"], result["message_id"])


async def _overtaken(tx: Tx, row: Incident, attempt: Attempt) -> bool:
    """Whether a later rung of the same ladder, that reaches the same place, was recorded meanwhile."""
    own = attempt.payload.get("number", -1)
    for coming in await due_store.open_rows(tx, row.subject, [cadence.OVERDUE]):
        newest = coming.params["number"] - 1
        here = attempt.kind == effects.REMIND_OPERATIONS or overdue_step(newest).targets != {Target.OPERATIONS}
        if coming.params["due"] == attempt.payload["due"] and newest > own and here:
            return True
    return False


async def gap_ask(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """Asks for a second responder while the update waits."""
    update = await updates.row(tx, attempt.payload["update"])
    if update.state != Stage.WAITING:
        return None
    row = await store.row(tx, update.incident_id)
    return _in_room(
        row, reminders.gap_ask(await store.view(tx, row), await updates.view(tx, update)), None, row.declared_by
    )


async def withdraw(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """Take a message back."""
    return Outgoing(channel_id=attempt.payload["channel"], delete=attempt.payload["message"])


async def not_withdrawn(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """A reminder that cannot be taken back harms nobody."""
    return None


async def _still_owed(tx: Tx, attempt: Attempt) -> tuple[Incident, str] | None:
    row = await store.row(tx, attempt.payload["incident"])
    for standing in await due_store.owed_rows(tx, row.subject, [cadence.PUBLIC_UPDATE]):
        if row.closed_at is None and standing.due_at == datetime.fromisoformat(attempt.payload["due"]):
            return row, standing.reason
    return None


def _in_room(row: Incident, message: Any, what: str | None, otherwise: int) -> Outgoing:
    """In the room; without one, to this person directly."""
    if row.channel_id is not None:
        return Outgoing(message, channel_id=row.channel_id, what=what, reference=row.ref)
    return Outgoing(message, user_id=otherwise, what=what, reference=row.ref)
