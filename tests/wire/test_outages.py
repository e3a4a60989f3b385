"""Minutes without Discord's gateway, or without its REST side, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.wire import faults
from tests.wire.calls import Call
from tests.wire.organisation import Organisation, organisation
from tests.wire.stores import STORES, store_of

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-outages")]
PAGED, REMINDED = "you are paged", "The public update for"


@pytest.fixture(params=STORES[:1])
async def home(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[Organisation]:
    async with store_of(request.param, template, tmp_path) as address, organisation(tmp_path, address) as made:
        await made.bot.start()
        yield made


def of_the_bot(call: Call) -> bool:
    """Not an answer to somebody who pressed."""
    return not call.interaction


def told(home: Organisation, words: str) -> list[str]:
    """All messages with these words, wherever they stand."""
    return [one.text for place in home.world.channels.values() for one in place.posts if words in one.text]


async def both_are_due(home: Organisation) -> None:
    """The next page, and an update that nobody posted."""
    await home.make_due("public_update", ago=timedelta(minutes=9))
    await home.make_due("escalate", ago=timedelta(minutes=1))


async def both_came_once(home: Organisation) -> None:
    await home.server.pulse.until(lambda: told(home, REMINDED) and len(told(home, PAGED)) == 2, "both", timeout=90)
    assert not home.server.gateway.connected
    home.server.gateway.refuse = False
    await home.server.connected()
    await (await home.bob.slash(home.room(), "incident acknowledge"))
    await home.settled()
    assert len(told(home, REMINDED)) == 1 and "was due <t:" in told(home, REMINDED)[0]
    assert len(told(home, PAGED)) == 2


@pytest.mark.soak
async def test_started_without_a_gateway_what_is_owed_comes_all_the_same(home: Organisation) -> None:
    """Buttons are dead meanwhile; pages and reminders are not."""
    await (await home.declare())
    await home.settled()
    assert await home.bot.stop() == 0
    home.server.gateway.refuse = True
    await both_are_due(home)
    await home.bot.start(ready=False)
    await both_came_once(home)


@pytest.mark.soak
async def test_a_gateway_that_goes_away_holds_up_nothing(home: Organisation) -> None:
    await (await home.declare())
    await home.settled()
    home.server.gateway.refuse = True
    await home.server.gateway.drop()
    await both_are_due(home)
    await both_came_once(home)


async def test_without_rest_the_page_comes_once_when_it_is_back(home: Organisation) -> None:
    down = [
        home.server.faults.on(
            f"{method} *", faults.status(503), times=None, when=lambda call: "interactions" not in call.path
        )
        for method in ("POST", "PATCH", "PUT")
    ]
    await home.declare()
    await home.server.pulse.until(lambda: len(down[0].struck) > 3, "some tries")
    await home.make_due("page.unsent", ago=timedelta(0))
    await home.server.pulse.until(lambda: len(down[0].struck) > 6, "further tries", timeout=90)
    for rule in down:
        rule.remove()
    await home.server.pulse.until(lambda: told(home, PAGED), "the page", timeout=90)
    await home.settled()

    assert len(told(home, PAGED)) == 1 and not await home.failures()
    assert "escalated" not in await home.entries()
