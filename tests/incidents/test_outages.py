"""Ten minutes without Discord in the middle of an incident: nobody is rung twice, skipped, or left without word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.effects import Effect, State
from bot.incidents.rules import Entry
from bot.incidents.service.paging import WAYS
from bot.storage import UnitOfWork
from tests.updates.acting import pings
from tests.world import VirtualClock, World, words_of

PAGED = "you are paged"


@contextmanager
def outage(world: World, *, status: int = 503) -> Iterator[None]:
    """Discord answers no such call; whoever presses is still heard."""
    for root in ("/channels*", "/guilds*", "/users*"):
        world.env.inject_error("*", root, status=status, times=None)
    try:
        yield
    finally:
        world.env.backend.faults.clear()


async def both_ways_at_once(world: World) -> None:
    """The room's page and the direct one have their next try at the same instant."""
    async with UnitOfWork(world.app.engines, VirtualClock())() as tx:
        rows = await tx.session.scalars(select(Effect).where(Effect.kind.in_(WAYS), Effect.state == State.PENDING))
        waiting = rows.all()
        assert {one.kind for one in waiting} <= set(WAYS) and waiting
        for one in waiting:
            one.not_before = tx.now + timedelta(seconds=25)


def rung(world: World) -> Counter[str]:
    """How often each person was paged, in rooms and directly."""
    names = {one.id: name for name, one in world.people.items()}
    found: Counter[str] = Counter()
    for channel in world.guild.channels.values():
        if not hasattr(channel, "history"):
            continue
        for message in world.seen(channel):
            if PAGED in words_of(message):
                stored = world.env.backend.get_message(channel.id, message.id)
                found.update(names[one] for one in stored.ping_user_ids)
    for name, one in world.people.items():
        found[name] += sum(PAGED in words for words in world.direct(one))
    return +found


@pytest.mark.parametrize("status", [503, pytest.param(500, marks=pytest.mark.soak)])
async def test_declared_while_discord_is_away(world: World, status: int) -> None:
    with outage(world, status=status):
        await world.declare(world.alice)
        await world.passes(minutes=10)
        await both_ways_at_once(world)
    await world.passes(minutes=4)
    assert rung(world) == {"bob": 1}, "once, on one way; and nobody is called over a head that never heard"
    assert Entry.ESCALATED not in await world.log()
    late = [one for one in [*world.direct(world.bob), *world.words(world.room())] if PAGED in one]
    assert "late" in late[0], late
    await world.passes(minutes=16)
    assert rung(world)["bob"] == 2, "the time for an answer runs from its delivery"


@pytest.mark.soak
async def test_a_sev0_declared_while_discord_is_away(world: World) -> None:
    with outage(world):
        await world.declare(world.alice, severity="SEV-0")
        await world.passes(minutes=10)
    await world.passes(minutes=3)
    assert set(rung(world).values()) == {1}, rung(world)


async def test_away_between_page_and_answer(world: World) -> None:
    """The page is out; its repeat falls into the outage."""
    room = await world.declare(world.alice)
    await world.passes(minutes=12)
    with outage(world):
        await world.passes(minutes=10)
    await world.passes(minutes=4)
    assert rung(world) == {"bob": 2}, world.words(room)
    await world.passes(minutes=16)
    assert rung(world) == {"bob": 2, "carol": 1}


async def test_reminders_come_once_with_how_late_they_are(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.click(world.find(room, PAGED), label="Acknowledge")
    await world.passes(minutes=27)
    with outage(world):
        await world.passes(minutes=10)
    await world.passes(minutes=3)
    (told,) = [one for one in pings(world, room) if one[0]]
    assert told[0] == ["alice"] and "was due <t:" in told[1] and ":R>" in told[1], told


@pytest.mark.soak
async def test_a_stuck_decoration_holds_up_no_page(world: World) -> None:
    operations = world.channels["operations"].id
    world.env.inject_error("PUT", "/channels/*/pins/*", status=503, times=None)
    world.env.inject_error("PUT", "/channels/*/messages/pins/*", status=503, times=None)
    world.env.inject_error("PATCH", "/channels/*", status=503, times=None)
    world.env.inject_error("POST", f"/channels/{operations}/messages", status=503, times=None)
    room = await world.declare(world.alice)
    assert rung(world) == {"bob": 1}, world.words(room)
    await world.passes(minutes=1)
    await world.alice.slash(room, "incident page", who=world.dave)
    assert rung(world) == {"bob": 1, "dave": 1}


@pytest.mark.soak
async def test_discord_is_slow_to_take_pages_for_one_person_only(world: World) -> None:
    """Others can be reached, so the next one is asked; and both are rung once when that ends."""
    dm = world.env.backend.get_dm_channel(world.bob.id).id
    world.env.inject_error("POST", "/guilds/*/channels", status=503, times=None)
    world.env.inject_error("POST", f"/channels/{dm}/messages", status=503, times=None)
    await world.declare(world.alice)
    await world.passes(minutes=4)
    assert rung(world) == {"carol": 1}
    told = [one for one in world.direct(world.alice) if "has not left" in one]
    assert len(told) == 1, world.direct(world.alice)
    world.env.backend.faults.clear()
    await world.passes(minutes=5)
    assert rung(world) == {"bob": 1, "carol": 1}
