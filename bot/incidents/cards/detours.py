"""What people read when Discord does not take something: a page besides its room, and word of what hangs."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.cards.card import headline, page_buttons
from bot.incidents.cards.refusals import WHAT
from bot.incidents.store import IncidentView
from bot.kernel.message import Message
from bot.kernel.text import person, sentence_list


def page_here(incident: IncidentView, paged: Sequence[int], unreached: Sequence[int]) -> Message:
    """Where it was declared: who is paged. Rings only for those whom no direct message reached."""
    who = " ".join(person(one) for one in paged)
    return Message(
        content=f"{who}: **{incident.ref}** needs you. Vigil could not make a room for it, so the page went to you "
        "directly.",
        rows=(page_buttons(incident),),
        ping_users=tuple(unreached),
        silent=not unreached,
    )


def unsent(incident: IncidentView, people: Sequence[int]) -> Message:
    """A page that hangs on both its ways, to whoever declared it."""
    who = sentence_list([person(one) for one in people])
    return Message(
        content=f"**{headline(incident)}**: the page to {who} has not left yet, since Discord did not take it. Vigil "
        "tries it again now, and asks the next person if it still hangs in half a minute. If you can, call them.",
    )


def stuck(incident: IncidentView, kind: str) -> Message:
    """Something has been tried for minutes without an answer."""
    return Message(
        content=f"**{headline(incident)}**: Vigil has tried for some minutes to {WHAT.get(kind, 'post something')}, "
        "and Discord does not answer. It keeps trying by itself. If people wait for it, tell them directly. "
        "<https://discordstatus.com> shows whether Discord has trouble.",
    )
