"""A page that does not leave: how long it is waited for before another way is tried. The ways are in `detour`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot import deadlines
from bot.deadlines import store as due_store
from bot.incidents import store
from bot.incidents.models import Incident, Page
from bot.storage import Tx

UNSENT = "page.unsent"
NOTE = "incident.unsent"
PATIENCE = timedelta(seconds=30)
"""Above what one lost call costs with its second try, so that the usual trouble does not page twice."""


async def expect(tx: Tx, incident: Incident, step: int, *, silent: bool = False, tries: int = 0) -> None:
    """The page of this step should reach Discord soon; else the next way is due.

    `tries`: what was done about it: 1 it goes directly as well, 2 Discord takes messages of ours again.
    """
    await deadlines.put(
        tx,
        UNSENT,
        guild_id=incident.guild_id,
        subject=incident.subject,
        sequence=step,
        due_at=tx.now + PATIENCE,
        rule="a page must leave",
        reason="Discord has not taken the page yet",
        params={"step": step, "silent": silent, "tries": tries},
        practice=incident.practice,
        shown=False,
    )


def hang(pages: Iterable[Page], step: int) -> list[int]:
    """Ids of those whose page of this step has neither reached them nor been refused."""
    return [one.user_id for one in pages if one.step == step and one.delivered_at is None and one.failed_at is None]


async def settle(tx: Tx, incident: Incident, step: int) -> None:
    """Everybody of this step is reached, or is known not to be: nothing is waited for."""
    if all(one.delivered_at or one.failed_at for one in await store.pages(tx, incident.id) if one.step == step):
        for row in await due_store.open_rows(tx, incident.subject, [UNSENT]):
            if row.sequence == step:
                row.state, row.ended_why = deadlines.DeadlineState.ENDED, "delivered"
