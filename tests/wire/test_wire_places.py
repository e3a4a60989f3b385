"""This Discord's messages, channels and rights, as discord.py uses them."""

from __future__ import annotations

import discord
import pytest

from tests.wire.bits import BOT, P
from tests.wire.conftest import Community

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-self")]


async def test_a_private_channel_is_seen_by_its_people_only(plain: Community) -> None:
    guild = plain.bot.guilds[0]
    assert guild.me is not None
    made = await guild.create_text_channel(
        "Private Room",
        topic="x",
        overwrites={
            guild.default_role: discord.PermissionOverwrite(view_channel=False),
            guild.me: discord.PermissionOverwrite(view_channel=True),
            discord.Object(plain.ann.user.id, type=discord.Member): discord.PermissionOverwrite(view_channel=True),
        },
    )
    room = plain.guild.channel("private-room")

    assert room.id == made.id and room.topic == "x"
    assert plain.ann.sees(room) and not plain.ben.sees(room)
    assert room in plain.ann.channels() and room not in plain.ben.channels()
    with pytest.raises(AssertionError, match="does not see"):
        await plain.ben.slash(room, "anything")
    plain.world.set_rights(room, plain.ben.user, allow=P.VIEW_CHANNEL)
    assert plain.ben.sees(room)


async def test_the_same_nonce_gives_the_same_message(plain: Community) -> None:
    place = plain.seen_by_bot(plain.general)
    first = await place.send("once", nonce="n1")
    again = await place.send("once", nonce="n1")
    other = await place.send("once", nonce="n2")
    plain.world.nonce_window = -1.0
    later = await place.send("once", nonce="n1")

    assert first.id == again.id and len({first.id, other.id, later.id}) == 3
    assert len(plain.general.posts) == 3


async def test_pins(plain: Community) -> None:
    place = plain.seen_by_bot(plain.general)
    message = await place.send("keep")
    await message.pin()
    await message.pin()

    assert [one.content async for one in place.pins()] == ["keep"] == [one.content for one in plain.general.pins]
    assert [one.type for one in plain.general.messages.values()] == [0, 6]
    plain.world.grant_bot(plain.guild, BOT & ~P.PIN_MESSAGES)
    with pytest.raises(discord.Forbidden):
        await message.unpin()


async def test_direct_messages_and_closed_ones(plain: Community) -> None:
    ann = await plain.bot.fetch_user(plain.ann.user.id)
    await ann.send("hello")
    plain.ben.user.dms_open = False
    with pytest.raises(discord.Forbidden) as refused:
        await (await plain.bot.fetch_user(plain.ben.user.id)).send("hello")

    assert [one.content for one in plain.ann.direct()] == ["hello"] and not plain.ben.direct()
    assert plain.ann.direct()[0].pushed_to == {plain.ann.user.id}
    assert refused.value.code == 50007


async def test_whom_a_message_pings(plain: Community) -> None:
    place, ann, ben = plain.seen_by_bot(plain.general), plain.ann.user, plain.ben.user
    allowed = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(ann.id)])
    loud = await place.send(f"{ann.mention} {ben.mention} @everyone", allowed_mentions=allowed)
    silent = await place.send(ann.mention, silent=True)

    assert plain.general.messages[loud.id].pushed_to == {ann.id}
    assert plain.general.messages[silent.id].pushed_to == set()


async def test_words_of_others_only_where_the_bot_is_named(plain: Community) -> None:
    await plain.ann.say(plain.general, "nothing for bots")
    await plain.ann.say(plain.general, f"{plain.world.bot.mention} note this")
    await plain.until(lambda: len(plain.bot.heard) == 2, "two messages")

    assert [one.content for one in plain.bot.heard] == ["", f"{plain.world.bot.mention} note this"]


async def test_what_discord_would_not_take_is_refused_and_noted(plain: Community) -> None:
    place = plain.seen_by_bot(plain.general)
    for trouble in ({"content": "x" * 2001}, {"embed": discord.Embed(title="x" * 257)}, {"content": " "}):
        with pytest.raises(discord.HTTPException):
            await place.send(**trouble)

    assert len(plain.server.complaints) == 3 and not plain.general.posts


async def test_without_the_right_nothing_is_sent_or_made(plain: Community) -> None:
    plain.world.grant_bot(plain.guild, P.VIEW_CHANNEL)
    plain.world.set_rights(plain.general, plain.guild.everyone, deny=P.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as refused:
        await plain.seen_by_bot(plain.general).send("x")
    assert refused.value.code == 50013
    with pytest.raises(discord.Forbidden):
        await plain.bot.guilds[0].create_text_channel("x")
    plain.world.set_rights(plain.general, plain.world.bot, deny=P.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as hidden:
        await plain.bot.fetch_channel(plain.general.id)
    assert hidden.value.code == 50001
