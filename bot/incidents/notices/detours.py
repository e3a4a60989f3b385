"""Effects on other ways: a page where the incident was declared, and word of what hangs."""

from __future__ import annotations

from typing import Any

from bot.effects import Attempt, Effect, Refused, record
from bot.effects.messages import Outgoing
from bot.effects.store import UNFINISHED
from bot.incidents import store
from bot.incidents.cards import detours as cards
from bot.incidents.service.detour import STUCK, takes_messages
from bot.incidents.service.unsent import hang
from bot.storage import Tx


async def page_here(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """Unless it has a room by now, somebody has it, or it is over."""
    row = await store.row(tx, attempt.payload["incident"])
    if row.channel_id is not None or row.closed_at is not None or row.acknowledged_at is not None:
        return None
    step = attempt.payload["step"]
    pages = [one for one in await store.pages(tx, row.id) if one.step == step and one.answer is None]
    if not pages or row.declared_in is None:
        return None
    unreached = [one.user_id for one in pages if one.delivered_at is None]
    message = cards.page_here(await store.view(tx, row), [one.user_id for one in pages], unreached)
    return Outgoing(message, channel_id=row.declared_in, what=f"page_here:{step}", reference=row.ref)


async def not_here(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """The direct messages are the page; who declared it is told by them what to change."""


async def unsent(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """To whoever declared it, unless it is out by now, somebody has it, or it is over."""
    row = await store.row(tx, attempt.payload["incident"])
    hanging = hang(await store.pages(tx, row.id), attempt.payload["step"])
    if row.closed_at is not None or not hanging:
        return None
    others = [one for one in (row.declared_by, row.lead_id) if one is not None and one not in hanging]
    message = cards.unsent(await store.view(tx, row), hanging)
    return Outgoing(message, user_id=(others or [row.declared_by])[0], reference=row.ref)


async def unsent_done(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """Discord takes messages."""
    await takes_messages(tx, attempt)


async def unsent_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Also a refusal is an answer."""
    await takes_messages(tx, attempt)


async def stuck(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """To the lead or whoever declared it, unless it went through meanwhile; where they take none, to the room."""
    effect = await tx.session.get(Effect, attempt.payload["effect"])
    if effect is None or effect.state not in UNFINISHED:
        return None
    row = await store.row(tx, attempt.payload["incident"])
    message = cards.stuck(await store.view(tx, row), effect.kind)
    if attempt.payload.get("room"):
        return None if row.channel_id is None else Outgoing(message, channel_id=row.channel_id, reference=row.ref)
    return Outgoing(message, user_id=row.lead_id or row.declared_by, reference=row.ref)


async def not_told(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Once more, in the room."""
    if not attempt.payload.get("room"):
        await record(
            tx,
            STUCK,
            guild_id=attempt.guild_id,
            subject=attempt.subject,
            key=f"{attempt.key}:room",
            payload={**attempt.payload, "room": True},
        )
