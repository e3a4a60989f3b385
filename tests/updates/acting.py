"""What people do with updates, in few words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.deadlines.models import Deadline, DeadlineState
from tests.world import World, labels, words_of

PUBLIC = "updates"


async def first_update(world: World, who: Any, room: Any) -> Any:
    """_We're on it_ on the brief."""
    brief = world.find(room, "First things first")
    label = next(one for one in labels(brief) if "on it" in one)
    return await who.click(brief, label=label)


async def writes(world: World, who: Any, room: Any, *, button: str = "Post update", **typed: Any) -> Any:
    """Fill in the form; gives the preview, or the refusal."""
    form = await who.click(world.card(room), label=button)
    given = {"status": "investigating", "known": "The database ran out of connections.", **typed}
    return await world.fills(who, form, **given)


async def publishes(world: World, who: Any, room: Any, **typed: Any) -> Any:
    """Fill in the form and publish."""
    preview = await writes(world, who, room, **typed)
    return await who.click(preview.response, label="Publish")


def posts(world: World) -> list[str]:
    """The public channel as a member reads it."""
    return world.words(world.channels[PUBLIC], world.erin)


def pings(world: World, room: Any, *, containing: str = "public update") -> list[tuple[list[str], str]]:
    """Names whom each message about an update pings, and its words, oldest first."""
    names = {one.id: name for name, one in world.people.items()}
    return [
        (sorted(names[user.id] for user in message.mentions), words_of(message))
        for message in world.seen(room)
        if containing in message.content
    ]


async def due_in_minutes(world: World, number: int = 1) -> float | None:
    """In how many minutes the next public update is owed; negative: since then; None: none is."""
    async with world.app.uow.read() as tx:
        row = await tx.session.scalar(
            select(Deadline).where(
                Deadline.subject == f"incident:{number}",
                Deadline.kind == "public_update",
                Deadline.state.in_((DeadlineState.OPEN, DeadlineState.FIRED)),
            )
        )
        return None if row is None else round((row.due_at - tx.now).total_seconds() / 60, 1)
