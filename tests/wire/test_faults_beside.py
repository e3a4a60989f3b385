"""What hangs or fails holds up nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire import faults
from tests.wire.calls import Call
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-repair")]
POST = "POST /channels/{}/messages"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        yield made


def says(words: str):
    def holds(call: Call) -> bool:
        return words in str(call.body)

    return holds


async def test_a_page_is_tried_again_while_another_call_hangs(home: Organisation) -> None:
    """A wake-up that waits for what hangs would leave the page for a minute."""
    gate = faults.hold()
    home.server.faults.on(POST, gate, when=lambda call: str(home.operations.id) in call.path)
    home.server.faults.on(POST, faults.status(503), when=says("you are paged"), times=2)
    await home.declare()
    await home.server.pulse.until(
        lambda: home.rooms() and any("you are paged" in one.text for one in home.room().posts), "the page"
    )

    assert gate.reached.is_set() and not gate.landed.is_set()
    gate.release()
    await home.settled()


async def test_a_creation_that_failed_after_the_fact_is_not_repeated(home: Organisation) -> None:
    """The library would repeat a 502 by itself, and make a second room."""
    home.server.faults.on("POST /guilds/{}/channels", faults.status(502, applied=True))
    await home.declare()
    await home.server.pulse.until(lambda: home.rooms(), "a room")
    await home.settled()

    assert len(home.server.made("POST /guilds/{}/channels")) == 1 and len(home.rooms()) == 1


async def test_a_room_that_lands_late_is_taken_away(home: Organisation) -> None:
    gate = faults.late()
    home.server.faults.on("POST /guilds/{}/channels", gate)
    await home.declare()
    await home.server.pulse.until(lambda: home.rooms(), "a room")
    await home.settled()
    gate.release()
    await gate.landed.wait()
    assert len(home.rooms()) == 2
    assert await home.bot.stop() == 0
    await home.hurry()
    await home.bot.start()
    await home.settled()

    assert sum("you are paged" in one.text for one in home.room().posts) == 1


async def test_a_message_that_lands_late_is_taken_away(home: Organisation) -> None:
    """Also where Discord has forgotten the nonce by then."""
    gate = faults.late()
    home.server.faults.on(POST, gate, when=says("you are paged"))
    await home.declare()
    await home.server.pulse.until(
        lambda: home.rooms() and any("you are paged" in one.text for one in home.room().posts), "the page"
    )
    await home.settled()
    home.world.nonces.clear()
    gate.release()
    await gate.landed.wait()
    assert sum("you are paged" in one.text for one in home.room().posts) == 2
    assert await home.bot.stop() == 0
    await home.hurry()
    await home.bot.start()
    await home.settled()

    assert sum("you are paged" in one.text for one in home.room().posts) == 1


async def test_an_edit_that_lands_late_does_not_stay(home: Organisation) -> None:
    await (await home.declare())
    await home.settled()
    card = home.room().pins[0]
    gate = faults.late()
    home.server.faults.on("PATCH /channels/{}/messages/{}", gate, when=lambda call: str(card.id) in call.path)
    await (await home.alice.slash(home.room(), "incident severity", severity="SEV-2", reason="It is milder."))
    await home.settled()
    await (await home.alice.slash(home.room(), "incident severity", severity="SEV-0", reason="It is worse."))
    await home.settled()
    gate.release()
    await gate.landed.wait()
    assert "SEV-2" in card.text
    assert await home.bot.stop() == 0
    await home.hurry()
    await home.bot.start()
    await home.settled()

    assert "SEV-0" in card.text and "SEV-2" not in card.text
