"""Which rights people and the bot get in a room, and what is left of them where the bot itself lacks some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.incidents.ports import RoomPort
from bot.kernel.outside import Refused

ADMINISTRATOR, MANAGE_ROLES = 1 << 3, 1 << 28
VIEW, SEND, HISTORY, EMBED, ATTACH = 1 << 10, 1 << 11, 1 << 16, 1 << 14, 1 << 15
MANAGE_CHANNELS, PIN = 1 << 4, 1 << 51
MEMBER_MAY = VIEW | SEND | HISTORY | EMBED | ATTACH
BOT_MAY = MEMBER_MAY | MANAGE_CHANNELS | PIN
ALL = ~0
"""A mask that takes nothing away."""
LACKS_PERMISSION = 50013

Result = TypeVar("Result")


async def as_far_as_held(
    port: RoomPort, guild_id: int, own_id: int, needs: int, do: Callable[[int], Awaitable[Result]]
) -> Result:
    """`do(mask)` with every right, then once more with only those that the bot holds in the server.

    Discord lets a bot give only what it holds: one right taken from its role would else leave an incident without a
    room, or a room open that has to close. What is missing shows itself in its own step (pinning, say), which names it.
    `needs`: what the step itself asks for; without that it is refused as it was. Raises Refused, Retry.
    """
    try:
        return await do(ALL)
    except Refused as error:
        if error.code != LACKS_PERMISSION:
            raise
        held = await _held(port, guild_id, own_id)
        if needs & ~held or not BOT_MAY & ~held:
            raise
    return await do(held)


async def _held(port: RoomPort, guild_id: int, own_id: int) -> int:
    me = await port.member(guild_id, own_id)
    mine = {str(guild_id), *(str(one) for one in (me or {}).get("roles", ()))}
    bits = 0
    for role in (await port.guild(guild_id)).get("roles", ()):
        if str(role["id"]) in mine:
            bits |= int(role["permissions"])
    return ALL if bits & ADMINISTRATOR else bits
