"""Reads a server from Discord: fresh, by plain REST, so that no cache can be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from discord.http import HTTPClient

from bot.discord_port import DiscordPort
from bot.discord_port.rest import call
from bot.kernel.outside import Refused
from bot.setup.rules import PLACES, Current
from bot.setup.seen import Seen, server_of

UNKNOWN_CHANNEL = 10003


async def look(http: HTTPClient, guild_id: int, now: Current, *, own_id: int, also: Iterable[int] = ()) -> Seen:
    """The server as it is. A listing leaves out what the bot may not view, so stored channels are asked for by id.

    `also`: further channel ids that somebody chose. Raises Refused and Retry.
    """
    port = DiscordPort(lambda: http)
    guild = await port.guild(guild_id)
    channels = await port.channels(guild_id)
    member = await port.member(guild_id, own_id) or {}
    listed = {int(one["id"]) for one in channels}
    stored = {now.ids.get(thing) for thing in PLACES} | set(also)
    hidden = {one for one in stored if one is not None and one not in listed and await _exists(http, one)}
    return server_of(guild, channels, member, own_id=own_id, hidden=frozenset(hidden))


async def _exists(http: HTTPClient, channel_id: int) -> bool:
    try:
        await call(http, "GET", "/channels/{channel_id}", channel_id=channel_id)
    except Refused as error:
        return error.code != UNKNOWN_CHANNEL and error.status != 404
    return True
