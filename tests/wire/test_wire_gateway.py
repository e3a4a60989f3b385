"""What this Discord's gateway does to a client, and what discord.py makes of it."""

from __future__ import annotations

import discord
import pytest

from tests.wire.bits import BOT
from tests.wire.conftest import Community
from tests.wire.world import CONTENT

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-self")]


async def spoken_to(plain: Community, words: str) -> None:
    """Somebody speaks to the client, which hears it."""
    await plain.ann.say(plain.general, f"{plain.world.bot.mention} {words}")
    await plain.until(lambda: any(words in one.content for one in plain.bot.heard), "what was said")


async def test_a_request_to_reconnect_is_followed_by_a_resumption(plain: Community) -> None:
    plain.server.gateway.reconnect()
    await plain.until(lambda: plain.bot.resumed, "a resumption")
    await spoken_to(plain, "still here")

    assert len(plain.server.gateway.identifies) == 1


@pytest.mark.parametrize(("code", "anew"), [(4000, False), (4008, False), (4009, True)])
async def test_a_close_code_says_whether_the_session_lives(plain: Community, code: int, anew: bool) -> None:
    gateway = plain.server.gateway
    await gateway.close(code)
    await plain.until(lambda: len(gateway.identifies) == 2 if anew else gateway.resumes, "the next connection")
    await spoken_to(plain, "back")

    assert (len(gateway.identifies), gateway.resumes) == ((2, 0) if anew else (1, 1))


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_resumed_or_begun_anew(plain: Community, resumable: bool) -> None:
    gateway = plain.server.gateway
    gateway.invalidate(resumable=resumable)
    await plain.until(lambda: gateway.resumes if resumable else len(gateway.identifies) == 2, "the next connection")
    await spoken_to(plain, "back")


async def test_missed_heartbeats_end_the_connection(here: Community) -> None:
    here.server.gateway.heartbeat_ms = 100
    here.bot._connection.heartbeat_timeout = 0.5
    await here.connect()
    here.server.gateway.mute = True
    await here.until(lambda: not here.server.gateway.connected, "the client to give up")
    here.server.gateway.mute = False
    await here.until(lambda: here.bot.resumed, "a resumption")
    await spoken_to(here, "back")


async def test_ready_without_a_server_and_one_that_comes_late(here: Community) -> None:
    gateway, guild_id = here.server.gateway, here.guild.id
    gateway.missing.add(guild_id)
    gateway.withheld.add(guild_id)
    await here.connect()
    assert not here.bot.guilds
    gateway.release(guild_id)
    await here.until(lambda: [one.name for one in here.bot.guilds] == ["Plain"], "the server")


async def test_a_server_in_an_outage_is_away_and_comes_back(plain: Community) -> None:
    place = plain.seen_by_bot(plain.general)
    plain.world.outage(plain.guild)
    await plain.until(lambda: plain.bot.guilds[0].unavailable, "word of the outage")
    with pytest.raises(discord.DiscordServerError):
        await place.send("into nothing")
    plain.world.outage(plain.guild, over=True)
    await plain.until(lambda: not plain.bot.guilds[0].unavailable, "the end of the outage")
    await place.send("there again")

    assert [one.content for one in plain.general.posts] == ["there again"]


async def test_removed_and_invited_again(plain: Community) -> None:
    plain.world.kick_bot(plain.guild)
    await plain.until(lambda: not plain.bot.guilds, "the removal")
    plain.world.invite_bot(plain.guild, BOT)
    await plain.until(lambda: plain.bot.guilds, "the invitation")
    await spoken_to(plain, "welcome back")


async def test_a_privileged_intent_that_is_not_approved_is_refused(here: Community) -> None:
    here.bot._connection._intents = discord.Intents(guilds=True, message_content=True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await here.bot.start(here.world.token)
    assert here.bot.intents.value & CONTENT and not here.server.gateway.identifies
