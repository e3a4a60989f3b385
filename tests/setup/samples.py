"""A server as the bot might see it, for tests of rules."""

from __future__ import annotations

from collections.abc import Sequence

from bot.setup.permissions import VIEW_CHANNEL, wanted
from bot.setup.seen import Seen, SeenChannel, SeenRole

GUILD, OWNER, BOT, OWN_ROLE = 1000, 1001, 1002, 1003


def seen(
    *,
    channels: Sequence[SeenChannel] = (),
    roles: Sequence[SeenRole] = (),
    bot_may: int | None = None,
    everyone_may: int = VIEW_CHANNEL,
) -> Seen:
    """A server with these channels and roles; the bot has its own role, with all that it needs or `bot_may`."""
    own = SeenRole(
        OWN_ROLE, "Vigil", 50, permissions=wanted() if bot_may is None else bot_may, managed=True, bot_id=BOT
    )
    everyone = SeenRole(GUILD, "@everyone", 0, permissions=everyone_may)
    return Seen(
        guild_id=GUILD,
        name="Test",
        owner_id=OWNER,
        own_id=BOT,
        own_roles=frozenset({GUILD, OWN_ROLE}),
        channels={one.id: one for one in channels},
        roles={one.id: one for one in (everyone, own, *roles)},
    )
