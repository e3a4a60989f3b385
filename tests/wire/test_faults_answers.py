"""Whoever pressed something is answered, whatever becomes of the process or of the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire import faults
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-answers")]
CALLBACK = "POST /interactions/{}/{}/callback"
FILL_IN = "PATCH /webhooks/{}/{}/messages/@original"


@pytest.fixture(params=STORES)
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path):
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        yield made


async def test_killed_before_it_was_recorded(home: Organisation) -> None:
    home.server.faults.on(CALLBACK, faults.kill(home.bot, after=True))
    home.bot.may_end()
    asked = await home.declare()
    await home.bot.ended()
    await home.bot.start()
    await asked

    assert "nothing was changed" in asked.text and asked.ephemeral
    assert not home.rooms()


async def test_killed_after_it_was_recorded(home: Organisation) -> None:
    home.server.faults.on(FILL_IN, faults.kill(home.bot))
    home.bot.may_end()
    asked = await home.declare()
    await home.bot.ended()
    await home.bot.start()
    await asked
    await home.settled()

    assert "is done, or goes on by itself" in asked.text
    assert len(home.rooms()) == 1


async def test_an_answer_that_stands_is_not_written_over(home: Organisation) -> None:
    home.server.faults.on(FILL_IN, faults.kill(home.bot, after=True))
    home.bot.may_end()
    asked = await home.declare()
    await home.bot.ended()
    await home.bot.start()
    await home.settled()

    assert "Declared" in asked.text and "interrupted" not in asked.text


async def test_an_answer_that_is_never_taken_comes_directly(home: Organisation) -> None:
    home.server.token_life = -1.0
    asked = await home.declare()
    await home.server.pulse.until(lambda: home.alice.direct(), "a direct message")
    await home.settled()

    assert asked.deferred and not asked.text
    assert ["goes on by itself" in one.text for one in home.alice.direct()] == [True]
    assert len(home.rooms()) == 1


async def test_a_first_answer_that_hangs_does_not_hold_up_the_room(home: Organisation) -> None:
    gate = faults.hold()
    home.server.faults.on(CALLBACK, gate)
    asked = await home.declare()
    await home.server.pulse.until(lambda: home.rooms(), "a room")
    await asked
    gate.release()
    await home.settled()

    assert "Declared" in asked.text
    assert len(home.rooms()) == 1 and not await home.failures()


@pytest.mark.parametrize(
    "trouble", [faults.blocked(), faults.garbage(), faults.reset_before()], ids=lambda one: one.__name__
)
async def test_trouble_at_the_first_answer(home: Organisation, trouble: faults.Action) -> None:
    home.server.faults.on(CALLBACK, trouble)
    asked = await (await home.declare())
    await home.settled()
    again = faults.reset_after() if trouble.__name__ == "reset before" else trouble
    home.server.faults.on(CALLBACK, again, when=lambda call: call.body["type"] == 9)
    form = await (await home.alice.slash(home.room(), "update"))

    assert "Declared" in asked.text and form.modal is not None


async def test_what_came_too_late_is_not_done(home: Organisation) -> None:
    home.server.answer_limit = -1.0
    asked = await home.declare()
    await home.server.pulse.until(lambda: any(call.code == 10062 for call in home.server.calls), "a refusal")
    await home.settled()

    assert asked.answer is None and not home.rooms() and not home.alice.direct()


async def test_the_same_press_told_twice_is_answered_once(home: Organisation) -> None:
    first = await (await home.declare())
    home.alice.again(first)
    await home.settled()
    await home.server.pulse.until(lambda: home.room().mention in first.text, "the link to the room in the answer")
    words = first.text
    assert await home.bot.stop() == 0
    await home.bot.start()
    await home.settled()

    assert first.text == words and len(home.rooms()) == 1 and not first.followups
