"""Which notice goes where: a table from its name to the function that finds its words and its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.deadlines.models import Deadline
from bot.deadlines.store import open_rows
from bot.deadlines.store import view as due_view
from bot.effects import Attempt
from bot.effects.messages import Outgoing
from bot.incidents import store
from bot.incidents.cards import refusals
from bot.incidents.cards import tellings as cards
from bot.incidents.cards.card import due_words
from bot.incidents.models import Incident, LeadHandoff
from bot.incidents.service import outside
from bot.kernel.message import Message
from bot.kernel.text import channel
from bot.policy.words import Duty
from bot.servers import store as servers
from bot.servers import words
from bot.storage import Tx

Telling = Callable[[Tx, Attempt, Incident], Awaitable[Outgoing | None]]


async def _to_room(tx: Tx, row: Incident, message: Message, *, otherwise: int | None = None) -> Outgoing | None:
    """To the room; without one, to whom it asks (`otherwise`), else to the lead or whoever declared it."""
    if row.channel_id is not None:
        return Outgoing(message, channel_id=row.channel_id, reference=row.ref)
    return Outgoing(message, user_id=otherwise or row.lead_id or row.declared_by, reference=row.ref)


async def _to_operations(tx: Tx, attempt: Attempt, row: Incident, message: Message) -> Outgoing | None:
    """To operations where that may know; else to the room."""
    server = await servers.settings(tx, row.guild_id)
    view = await store.view(tx, row)
    if view.private or row.practice or server.operations_channel_id is None:
        return await _to_room(tx, row, message)
    return _in_operations(attempt, server.operations_channel_id, message, row.ref)


def _in_operations(attempt: Attempt, channel_id: int, message: Message, ref: str) -> Outgoing:
    """Under a name, so that it can be taken back."""
    return Outgoing(message, channel_id=channel_id, what=f"{outside.NOTICE}{attempt.id}", reference=ref)


async def lead_offer(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """Only while the offer stands."""
    offer = await tx.session.get(LeadHandoff, attempt.payload["handoff"])
    if offer is None or offer.answered_at is not None:
        return None
    notes = (await words.read(tx, [offer.words_id])).get(offer.words_id or 0)
    view = await store.view(tx, row)
    message = cards.lead_offer(view, offer.to_id, offer.from_id, notes, offer.id)
    return await _to_room(tx, row, message, otherwise=offer.to_id)


async def lead_declined(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To whoever leads."""
    offer = await tx.session.get(LeadHandoff, attempt.payload["handoff"])
    if offer is None:
        return None
    return await _to_room(tx, row, cards.lead_declined(await store.view(tx, row), offer.from_id, offer.to_id))


async def lead_open(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """Only while it is open."""
    if row.lead_id is not None or row.closed_at is not None:
        return None
    asking = cards.params_ids(attempt.payload, "asking")
    message = cards.lead_open(await store.view(tx, row), asking)
    return await _to_room(tx, row, message, otherwise=asking[0] if asking else None)


async def duty_due(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To the room; it rings for those whom it asks, unless they tagged out meanwhile."""
    due = await tx.session.get(Deadline, attempt.payload["due"])
    if due is None or due.state != "fired" or (row.closed_at is not None and not due.kind.startswith("duty.review")):
        return None
    view = await store.view(tx, row)
    resting = {one.user_id for one in view.people if one.tagged_out}
    rings = tuple(one for one in attempt.payload["users"] if one not in resting)
    message = cards.duty_due(view, Duty(attempt.payload["duty"]), due.reason, rings)
    if row.closed_at is not None and row.lead_id is not None:
        return Outgoing(message, user_id=row.lead_id, reference=row.ref)
    return await _to_room(tx, row, message)


async def duty_heads_up(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """Silently, where it is still owed: to whom it was given, else to the room."""
    due = await tx.session.get(Deadline, attempt.payload["due"])
    if due is None or due.state != "open" or row.closed_at is not None:
        return None
    message = cards.duty_heads_up(await store.view(tx, row), Duty(attempt.payload["duty"]), due.due_at, due.reason)
    return await _to_room(tx, row, message)


async def escalation_ended(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To operations, unless somebody has it by now."""
    if row.acknowledged_at is not None or row.closed_at is not None:
        return None
    return await _to_operations(tx, attempt, row, cards.escalation_ended(await store.view(tx, row)))


async def page_failed(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To operations or the room."""
    users = cards.params_ids(attempt.payload, "users")
    why = "their direct messages are closed to Vigil."
    return await _to_operations(tx, attempt, row, cards.page_failed(await store.view(tx, row), users, why))


async def what_comes_next(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To the lead, privately."""
    due = [deadline for deadline in await open_rows(tx, row.subject) if deadline.kind.startswith("duty.")]
    lines = [cards.review_line(due_words(due_view(one)), one.due_at) for one in due]
    message = cards.what_comes_next(await store.view(tx, row), lines)
    user_id = attempt.payload.get("user")
    if user_id is None:
        return await _to_room(tx, row, message)
    return Outgoing(message, user_id=user_id, reference=row.ref)


async def duplicate(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """Says where it goes on."""
    other = await store.row(tx, attempt.payload["of"])
    return await _to_room(tx, row, cards.duplicate(await store.view(tx, row), other.ref, other.channel_id))


async def finish_setup(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """To the server's owner, who can set it up; whose messages are closed reads it in the room."""
    message = cards.finish_setup(await store.view(tx, row))
    owner = attempt.payload.get("user")
    return Outgoing(message, user_id=owner, reference=row.ref) if owner else await _to_room(tx, row, message)


async def problem(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """The room if it stands; else the lead or whoever declared it."""
    kind = attempt.payload["kind"]
    sentence = refusals.sentence(kind, attempt.payload["code"], await _place(tx, row, kind))
    message = cards.problem(await store.view(tx, row), sentence, attempt.payload["effect"])
    if attempt.payload.get("user"):
        return Outgoing(message, user_id=attempt.payload["user"], reference=row.ref)
    if attempt.payload.get("way") == "operations":
        server = await servers.settings(tx, row.guild_id)
        if row.private or server.operations_channel_id is None:
            return None
        return _in_operations(attempt, server.operations_channel_id, message, row.ref)
    return await _to_room(tx, row, message)


async def _place(tx: Tx, row: Incident, kind: str) -> str:
    """The channel in which the step failed; nothing where it stands in none, or in one that is to be made."""
    server = await servers.settings(tx, row.guild_id)
    if kind == "incident.board":
        channel_id = server.operations_channel_id
    elif kind in ("update.post", "update.edit") and not row.practice:
        channel_id = server.updates_channel_id
    else:
        channel_id = None if kind == "incident.room" else row.channel_id
    return channel(channel_id) if channel_id is not None else ""


async def room_gone(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
    """Privately to the lead; whose messages are closed is stood in for by operations, or by whoever declared it."""
    message = cards.room_gone(await store.view(tx, row))
    user_id = attempt.payload.get("user")
    if user_id:
        return Outgoing(message, user_id=user_id, reference=row.ref)
    return await _to_operations(tx, attempt, row, message)


def _simple(render: Callable[[store.IncidentView], Message]) -> Telling:
    async def told(tx: Tx, attempt: Attempt, row: Incident) -> Outgoing | None:
        return await _to_room(tx, row, render(await store.view(tx, row)))

    return told


TELLINGS: Mapping[str, Telling] = {
    "lead_offer": lead_offer,
    "lead_declined": lead_declined,
    "lead_open": lead_open,
    "duty_due": duty_due,
    "duty_heads_up": duty_heads_up,
    "escalation_ended": escalation_ended,
    "page_failed": page_failed,
    "what_comes_next": what_comes_next,
    "duplicate": duplicate,
    "finish_setup": finish_setup,
    "problem": problem,
    "room_gone": room_gone,
    "resolved": _simple(cards.resolved),
    "cancelled": _simple(cards.cancelled),
    "reopened": _simple(cards.reopened),
}
