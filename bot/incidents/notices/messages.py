"""Effects that are messages of an incident: page, card, brief, board, log lines, notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.deadlines import store as deadlines
from bot.effects import Attempt, NotYet, Refused, posted, record
from bot.effects.messages import Outgoing
from bot.effects.store import running
from bot.incidents import log, store
from bot.incidents.cards import card as cards
from bot.incidents.cards.wording import entry_line
from bot.incidents.notices.tellings import TELLINGS
from bot.incidents.rules import Entry
from bot.incidents.service import outside, paging, problems
from bot.incidents.service.effects import CARD_PIN, TELL, room_need
from bot.kernel.limits import MESSAGE_CONTENT, fit, length
from bot.kernel.message import Message
from bot.servers import store as servers
from bot.storage import Tx

OTHER_WAY = timedelta(seconds=2)
ROOM_LOG_LINES, ROOM_LOG_LINE = 150, 600
"""How many lines of a log a new room is given, and how much of each."""
SHOWN_IN_ROOM = frozenset({Entry.NOTE, Entry.MESSAGE, Entry.CORRECTION})


async def page(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The page, unless it was answered or closed meanwhile. The first one of a step still calls who is needed."""
    row = await store.row(tx, attempt.payload["incident"])
    step = attempt.payload["step"]
    if row.closed_at is not None or (row.acknowledged_at is not None and 0 < step < paging.BY_HAND):
        return None
    incident = await store.view(tx, row)
    out = {one.user_id for one in incident.people if one.tagged_out}
    reached = {
        one.user_id for one in await store.pages(tx, row.id) if one.step == step and one.delivered_at is not None
    }
    users = [one for one in attempt.payload["users"] if one not in out | reached]
    direct = attempt.kind.endswith("_dm")
    if not users or (incident.channel_id is None and not direct):
        return None
    await _lets_the_other_way_end(tx, attempt, users)
    late = int((tx.now - attempt.created_at).total_seconds() // 60)
    return Outgoing(
        cards.assigned_card(incident, users)
        if attempt.payload.get("silent")
        else cards.page_card(incident, users, step=step, late_min=late),
        channel_id=None if direct else incident.channel_id,
        user_id=users[0] if direct else None,
        what=f"page:{step}:{users[0]}" if direct else f"page:{step}",
        reference=incident.ref,
        extra={"users": users},
    )


async def _lets_the_other_way_end(tx: Tx, attempt: Attempt, users: list[int]) -> None:
    """A page may be under way in the room and directly at the same instant, after an outage say: whichever began first
    goes, and the other looks again when that has ended. Raises NotYet."""
    for one in await running(tx, attempt.subject, paging.WAYS):
        if one.id == attempt.id:
            return
        if one.payload["step"] == attempt.payload["step"] and set(users) & set(one.payload["users"]):
            raise NotYet("the other way is at it", OTHER_WAY)


async def page_done(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """Delivered: the time for an answer runs from now."""
    row = await store.row(tx, attempt.payload["incident"], lock=True)
    await paging.delivered(tx, row, attempt.payload["step"], out.extra["users"])


async def page_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """In the room: try each one directly. Directly: the next person, at once."""
    row = await store.row(tx, attempt.payload["incident"], lock=True)
    if attempt.kind.endswith("_dm"):
        await paging.not_delivered(tx, row, attempt.payload["step"], attempt.payload["users"])
    else:
        await problems.refused(tx, attempt, error)
        silent = bool(attempt.payload.get("silent"))
        await paging.by_direct_message(tx, row, attempt.payload["step"], silent=silent)


async def card(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The pinned card: posted once, then edited."""
    row = await store.row(tx, attempt.payload["incident"])
    if row.channel_id is None:
        return None
    incident = await store.view(tx, row)
    message = cards.incident_card(incident, await deadlines.upcoming(tx, subject=row.subject, limit=5))
    return await _post_or_edit(tx, row.subject, "card", message, row.channel_id)


async def card_done(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """A new card is pinned; a failing pin holds nothing up."""
    if out.edit is None:
        row = await store.row(tx, attempt.payload["incident"])
        await record(
            tx,
            CARD_PIN,
            guild_id=row.guild_id,
            subject=row.subject,
            key=f"pin:{result['message_id']}",
            payload={"channel": result["channel_id"], "message": result["message_id"]},
        )


async def card_pin(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """Pin what was posted."""
    return Outgoing(channel_id=attempt.payload["channel"], pin=attempt.payload["message"])


async def card_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """A card that was deleted by hand is posted again; other refusals are told."""
    row = await store.row(tx, attempt.payload["incident"])
    if error.code == 10008:
        what = {"incident.card": "card", "incident.brief": "brief", "incident.board": "board"}[attempt.kind]
        await posted.forget(tx, row.subject, what)
        await record(
            tx,
            attempt.kind,
            guild_id=row.guild_id,
            subject=row.subject,
            key=f"{what}:{row.id}",
            payload=attempt.payload,
            latest_wins=True,
        )
        return
    await problems.refused(tx, attempt, error)


async def brief(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The checklist of the kind."""
    row = await store.row(tx, attempt.payload["incident"])
    if row.channel_id is None:
        return None
    incident = await store.view(tx, row)
    message = cards.brief_card(incident, await store.ticks(tx, row.id, "brief"))
    return await _post_or_edit(tx, row.subject, "brief", message, row.channel_id)


async def board(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The line in operations; a private incident has none, and one that went private loses it."""
    row = await store.row(tx, attempt.payload["incident"])
    server = await servers.settings(tx, row.guild_id)
    incident = await store.view(tx, row)
    known = await posted.find(tx, row.subject, "board")
    if incident.private:
        return None if known is None else Outgoing(channel_id=known.channel_id, delete=known.message_id)
    if server.operations_channel_id is None or (incident.practice and known is None):
        return None
    return await _post_or_edit(tx, row.subject, "board", cards.board_card(incident), server.operations_channel_id)


async def board_done(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """A line that was taken away is not taken away again."""
    if out.delete is not None:
        await posted.forget(tx, attempt.subject, "board")


async def line(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """A log entry as people in the room see it."""
    row = await store.row(tx, attempt.payload["incident"])
    if row.channel_id is None:
        return None
    for one in await log.entries(tx, row.id, only=attempt.payload["entry"]):
        return Outgoing(
            Message(content=entry_line(one), silent=True),
            channel_id=row.channel_id,
            what=f"line:{one.id}",
            reference=row.ref,
        )
    return None


async def room_log(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """The log so far, for a room that was made anew: its newest lines, in as many messages as they need."""
    row = await store.row(tx, attempt.payload["incident"])
    if row.channel_id is None:
        return None
    known = [
        fit(entry_line(one), ROOM_LOG_LINE) for one in await log.entries(tx, row.id, limit=ROOM_LOG_LINES, newest=True)
    ]
    begin = attempt.payload.get("from", 0)
    shown = ["The log so far (`/incident export` has all of it):"] if begin == 0 else []
    end = begin
    while end < len(known) and length("\n".join([*shown, known[end]])) <= MESSAGE_CONTENT - 60:
        shown.append(known[end])
        end += 1
    if end == begin:
        return None
    message = Message(content="\n".join(shown), silent=True)
    more = {"next": end} if end < len(known) else {}
    return Outgoing(message, channel_id=row.channel_id, reference=row.ref, extra=more)


async def room_log_goes_on(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """What did not fit comes in the next message."""
    if begin := out.extra.get("next"):
        await record(
            tx,
            attempt.kind,
            guild_id=attempt.guild_id,
            subject=attempt.subject,
            key=f"{attempt.key.removesuffix(':' + str(attempt.payload.get('from')))}:{begin}",
            payload={**attempt.payload, "from": begin},
        )


async def tell(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """One of the notices, by its name."""
    row = await store.row(tx, attempt.payload["incident"])
    return await TELLINGS[attempt.payload["what"]](tx, attempt, row)


async def outside_done(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """What stands outside the room stands only while the incident is not private."""
    if "message_id" in result:
        row = await store.row(tx, attempt.payload["incident"])
        await outside.still_may(tx, row, out.what, result["channel_id"], result["message_id"])


async def withdraw(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """Take a message back."""
    return Outgoing(channel_id=attempt.payload["channel"], delete=attempt.payload["message"])


async def tell_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """A notice that a person cannot get goes to the room instead, or where its telling says; once."""
    row = await store.row(tx, attempt.payload["incident"])
    if attempt.payload["what"] == "problem":
        await problems.refused(tx, attempt, error)
    elif attempt.payload.get("user") and not attempt.payload.get("again"):
        await record(
            tx,
            TELL,
            guild_id=row.guild_id,
            subject=row.subject,
            key=f"{attempt.key}:room",
            payload={**attempt.payload, "user": None, "again": True},
            needs=[await room_need(tx, row)],
        )
    elif not attempt.payload.get("user"):
        await problems.refused(tx, attempt, error)


async def _post_or_edit(tx: Tx, subject: str, what: str, message: Message, channel_id: int) -> Outgoing:
    known = await posted.find(tx, subject, what)
    if known is not None and known.channel_id == channel_id:
        return Outgoing(message, channel_id=channel_id, what=what, edit=known.message_id, edit_mark=known.mark)
    return Outgoing(message, channel_id=channel_id, what=what)
