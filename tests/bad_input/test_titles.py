"""Titles as people type them at night, or to tease: no ping, no broken layout, a sensible room, nothing lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.incidents.models import Incident
from bot.servers import words
from tests.bad_input.pressing import edits_again, pinged, refusal, sends, standing
from tests.world import World, said, words_of

ZERO_WIDTH, OVERRIDE = "\u200b", "\u202e"
REFUSED = {
    "one character": "A",
    "emoji alone": "🔥🔥🔥",
    "zero-width alone": ZERO_WIDTH * 40,
    "blank letters": "\u3164\u2800\u3164",
    "punctuation": "?!…",
}
TAKEN = {
    "everyone": ("@everyone the API is down", "inc-0001-everyone-the-api-is-down"),
    "a mention": ("<@&1> <@2> look", "inc-0001-1-2-look"),
    "markdown": (
        "# **API** `down` ||now|| [click](https://example.org)",
        "inc-0001-api-down-now-click-https-example-org",
    ),
    "an override": (f"API {OVERRIDE}nwod si", "inc-0001-api-nwod-si"),
    "zero-width": (f"A{ZERO_WIDTH}P{ZERO_WIDTH}I down", "inc-0001-api-down"),
    "another script": ("データベースが落ちた", "inc-0001"),
    "right to left": ("الخادم لا يستجيب", "inc-0001"),
    "lines": ("API\n\n> down\n- now", "inc-0001-api-down-now"),
    "an emoji and words": ("🔥 API down", "inc-0001-api-down"),
    "piled marks": ("A" + "\u0301" * 200 + "PI down", "inc-0001-api-down"),
}


async def declared(world: World, title: str, *, form: bool) -> Any:
    """Declared by the form, or by options alone."""
    place = world.channels["general"]
    if not form:
        return await world.alice.slash(place, "incident declare", title=title, severity="SEV-1", kind="outage")
    shown = await world.alice.slash(place, "incident declare")
    return await world.fills(world.alice, shown, title=title, severity="SEV-1", kind="outage", summary="Since ten.")


@pytest.mark.parametrize("form", [False, True], ids=["option", "form"])
@pytest.mark.parametrize("title", REFUSED.values(), ids=REFUSED.keys())
async def test_a_title_that_says_nothing_is_asked_again(world: World, title: str, form: bool) -> None:
    result = await declared(world, title, form=form)
    refusal(result, "Please give it a title of a few words")
    assert await world.count(Incident) == 0
    again = await edits_again(world.alice, result)
    assert standing(again)["title"] == title and standing(again)["severity"] == ["SEV-1"]
    assert standing(again)["summary"] == ("Since ten." if form else "")
    assert "Declared" in said(await sends(world, world.alice, again, title="API times out"))


@pytest.mark.parametrize("form", [False, True], ids=["option", "form"])
@pytest.mark.parametrize(("title", "room"), TAKEN.values(), ids=TAKEN.keys())
async def test_a_strange_title_pings_nobody_and_names_a_room(world: World, title: str, room: str, form: bool) -> None:
    assert "Declared" in said(await declared(world, title, form=form))
    made = world.room()
    assert made is not None and made.name == room
    await world.alice.click(world.find(made, "First things first"), label="We're on it")
    for channel in (made, world.channels["operations"], world.channels["updates"]):
        for message in world.seen(channel):
            assert OVERRIDE not in words_of(message) and "@everyone" not in words_of(message)
    assert pinged(world, made) == {world.bob.id}, "the one on call alone"
    assert not pinged(world, world.channels["updates"]) and not pinged(world, world.channels["operations"])
    headline = words_of(world.card(made)).split("\n")[0]
    assert headline.startswith("inc-0001 · ") and len(headline) < 256
    for message in (*world.seen(made), *world.seen(world.channels["updates"])):
        assert "\n# " not in words_of(message) and not re.search(r"(?<!\\)\]\(", words_of(message))


@pytest.mark.parametrize(("form", "length"), [(False, 5000), (True, 4000), (False, 130), (True, 130)])
async def test_what_does_not_fit_a_title_stands_in_the_summary(world: World, form: bool, length: int) -> None:
    title = ("The API answers with a time-out for every second call. " * 100)[:length].strip()
    assert "Declared" in said(await declared(world, title, form=form))
    async with world.app.uow.read() as tx:
        kept = await words.latest(tx, "incident:1")
    assert len(kept["title"]) <= 120 and kept["title"].endswith("…")
    assert title in kept["summary"]
    if form:
        assert "Since ten." in kept["summary"]
    room = world.room()
    assert room is not None and len(room.name) <= 100
    assert "The API answers" in words_of(world.card(room))


async def test_a_very_long_title_without_a_severity_asks_for_it_and_loses_nothing(world: World) -> None:
    title = ("The API answers with a time-out for every second call. " * 100)[:5000].strip()
    refused = await world.alice.slash(world.channels["general"], "incident declare", title=title)
    refusal(refused, "more than a form can show")
    form = await edits_again(world.alice, refused)
    done = await sends(world, world.alice, form, severity="SEV-1", kind="outage")
    assert "Declared" in said(done)
    async with world.app.uow.read() as tx:
        assert (await words.latest(tx, "incident:1"))["summary"] == title


@pytest.mark.parametrize("title", ["@everyone come", f"API {OVERRIDE}nwod", "**x** y", "A" * 3000])
async def test_a_new_title_is_as_safe(world: World, title: str) -> None:
    room = await world.declare(world.alice)
    done = await world.alice.slash(room, "incident title", title=title)
    assert "has its new title" in said(done)
    card = world.card(room)
    assert not card.mention_everyone and OVERRIDE not in words_of(card) and "@everyone" not in words_of(card)
    line = (await world.alice.slash(room, "incident show")).response
    assert len(words_of(line)) < 6000
    async with world.app.uow.read() as tx:
        kept = await words.latest(tx, "incident:1")
    assert len(kept["title"]) <= 120
    assert len(title) <= 120 or title in kept["summary"]


async def test_a_report_in_signs_alone_can_be_declared(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="🔥🔥🔥")
    card = world.find(world.channels["operations"], "🔥🔥🔥")
    assert "Declared" in said(await world.alice.click(card, label="Declare"))
    assert "Report 1" in words_of(world.card(world.room()))
