"""The roster's card in operations: whom a page can reach; it follows every change of the roster."""

from __future__ import annotations

from bot.effects import record
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.events import RosterChanged
from bot.servers.store import ServerView
from bot.setup import store
from bot.setup.kinds import ROSTER
from bot.storage import Tx

GROUPS = (Standing.RESPONDER, Standing.CORE, Standing.SECURITY, Standing.MODERATOR, Standing.COMMS)
"""The groups of the roster, in the order in which people read them."""


async def on_roster_changed(tx: Tx, event: RosterChanged) -> None:
    """Bring the roster's card in operations up to date."""
    await show_roster(tx, await servers.settings(tx, event.guild_id))


async def show_roster(tx: Tx, view: ServerView) -> None:
    """Post the roster's card in operations, or edit it, where there is such a channel."""
    if view.operations_channel_id is not None:
        await record(
            tx,
            ROSTER,
            guild_id=view.guild_id,
            subject=store.subject(view.guild_id),
            key=f"roster:{view.guild_id}",
            latest_wins=True,
        )
