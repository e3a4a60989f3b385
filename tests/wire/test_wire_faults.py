"""What goes wrong on this Discord's wire, and what discord.py makes of it."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.wire import faults
from tests.wire.conftest import Community

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-self")]
POST = "POST /channels/{}/messages"


async def test_429_is_waited_out(plain: Community) -> None:
    rule = plain.server.faults.on(POST, faults.rate_limited(0.05), times=2)
    await plain.seen_by_bot(plain.general).send("patient")

    assert [call.status for call in rule.struck] == [429, 429]
    assert [one.content for one in plain.general.posts] == ["patient"]


async def test_a_bucket_makes_its_own_429(plain: Community) -> None:
    plain.server.buckets[POST] = (2, 0.2)
    for n in range(4):
        await plain.seen_by_bot(plain.general).send(str(n))

    assert [one.content for one in plain.general.posts] == ["0", "1", "2", "3"]
    assert 429 in [call.status for call in plain.server.calls]


async def test_5xx_is_tried_again_by_the_library_or_told(plain: Community) -> None:
    plain.server.faults.on(POST, faults.status(502), times=1)
    await plain.seen_by_bot(plain.general).send("again")
    plain.server.faults.on(POST, faults.status(503), times=1)
    with pytest.raises(discord.DiscordServerError):
        await plain.seen_by_bot(plain.general).send("told")

    assert [one.content for one in plain.general.posts] == ["again"]


async def test_a_5xx_after_the_fact_does_not_double_a_message(plain: Community) -> None:
    plain.server.faults.on(POST, faults.status(502, applied=True))
    await plain.seen_by_bot(plain.general).send("one")

    assert [one.content for one in plain.general.posts] == ["one"]


async def test_a_lost_answer_and_a_call_that_never_came(plain: Community) -> None:
    place = plain.seen_by_bot(plain.general)
    plain.server.faults.on(POST, faults.reset_after(), when=lambda call: call.body["content"] == "done")
    plain.server.faults.on(POST, faults.reset_before(), when=lambda call: call.body["content"] == "not done")
    for words in ("done", "not done"):
        with pytest.raises((aiohttp.ClientError, OSError)):
            await place.send(words)

    assert [one.content for one in plain.general.posts] == ["done"]
    lost = plain.server.calls[-2:]
    assert [(call.applied, call.status) for call in lost] == [(True, None), (False, None)]


async def test_a_call_that_lands_late(plain: Community) -> None:
    slow = faults.late()
    plain.server.faults.on(POST, slow)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await plain.seen_by_bot(plain.general).send("late")
    assert not plain.general.posts
    slow.release()
    await slow.landed.wait()

    assert [one.content for one in plain.general.posts] == ["late"]


async def test_a_cut_connection_is_resumed_and_nothing_is_missed(plain: Community) -> None:
    plain.server.gateway.refuse = True
    await plain.server.gateway.drop()
    await plain.until(lambda: not plain.server.gateway.connected, "the cut")
    await plain.ann.say(plain.general, f"{plain.world.bot.mention} meanwhile")
    plain.server.gateway.refuse = False
    await plain.until(lambda: plain.bot.resumed, "a resumption")
    await plain.until(lambda: plain.bot.heard, "what was said meanwhile")

    assert plain.server.gateway.resumes == 1 and len(plain.server.gateway.identifies) == 1
    assert [one.content for one in plain.bot.heard] == [f"{plain.world.bot.mention} meanwhile"]


async def test_a_forgotten_session_is_begun_afresh(plain: Community) -> None:
    plain.server.gateway.forget()
    await plain.server.gateway.drop()
    await plain.until(lambda: len(plain.server.gateway.identifies) == 2, "a second login")
    await plain.server.connected()

    assert plain.server.gateway.resumes == 0


async def test_a_wrong_token_is_refused(here: Community) -> None:
    with pytest.raises(discord.LoginFailure):
        await here.bot.login("wrong")
    assert [call.status for call in here.server.calls] == [401]


async def test_a_global_limit_holds_back_every_route(plain: Community) -> None:
    plain.server.faults.on(POST, faults.rate_limited(0.3, everywhere=True))
    place, began = plain.seen_by_bot(plain.general), len(plain.server.calls)
    await asyncio.gather(place.send("one"), plain.bot.fetch_user(plain.ann.user.id))

    struck = [one for one in plain.server.calls[began:] if one.status == 429]
    assert len(struck) == 1 and [one.content for one in plain.general.posts] == ["one"]


async def test_an_answer_that_cannot_be_read(plain: Community) -> None:
    plain.server.faults.on(POST, faults.garbage())
    with pytest.raises(ValueError, match="Unterminated"):
        await plain.seen_by_bot(plain.general).send("done all the same")

    assert [one.content for one in plain.general.posts] == ["done all the same"]


async def test_a_slow_call_and_one_that_hangs(plain: Community) -> None:
    plain.server.faults.on(POST, faults.slow(before=0.05, after=0.05))
    place = plain.seen_by_bot(plain.general)
    await place.send("slow")
    gate = faults.hold()
    plain.server.faults.on(POST, gate)
    sending = asyncio.create_task(place.send("held"))
    await gate.reached.wait()
    assert [one.content for one in plain.general.posts] == ["slow"] and not sending.done()
    gate.release()
    await sending

    assert [one.content for one in plain.general.posts] == ["slow", "held"]


@pytest.mark.parametrize("code", [500, 504, 520])
async def test_every_kind_of_server_trouble(plain: Community, code: int) -> None:
    rule = plain.server.faults.on(POST, faults.status(code))
    try:
        await plain.seen_by_bot(plain.general).send("sent")
    except discord.DiscordServerError as error:
        assert error.status == code and not plain.general.posts
    assert [one.status for one in rule.struck] == [code]


async def test_fields_that_discord_does_not_know_are_refused(plain: Community) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await plain.bot.http.request(
            Route("POST", "/channels/{channel_id}/messages", channel_id=plain.general.id),
            json={"content": "x", "colour": "red"},
        )
    assert refused.value.code == 50035 and len(plain.server.complaints) == 1


async def test_what_is_said_of_a_route_that_is_not_there(plain: Community) -> None:
    with pytest.raises(discord.NotFound):
        await plain.bot.fetch_sticker(1)
    assert plain.server.unknown_routes == ["GET /stickers/1"]
