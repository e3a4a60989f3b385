"""The outbox: recorded once, in its order, by one process at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from bot.effects import Effect, State, record, store
from bot.kernel.request import following
from bot.storage import UnitOfWork
from tests.stores import MONDAY, SetClock

GUILD = 4_100_000_000_000_000_001
SUBJECT = "incident:1"
LEASE = timedelta(seconds=90)


async def put(uow: UnitOfWork, key: str, **more: Any) -> int:
    """An effect under this key."""
    async with uow() as tx:
        return await record(tx, more.pop("kind", "say"), guild_id=GUILD, subject=SUBJECT, key=key, **more)


async def claim(uow: UnitOfWork, token: str = "mine", *, limit: int = 10) -> list[int]:
    """Ids that this claimer got."""
    async with uow() as tx:
        picked = await store.pick(tx, store.Turns(), limit=limit)
        return [one.id for one in await store.take(tx, picked, limit=limit, lease=LEASE, token=token)]


async def finish(uow: UnitOfWork, effect_id: int, state: State = State.DONE) -> None:
    """It ended."""
    async with uow() as tx:
        row = await tx.session.get_one(Effect, effect_id)
        row.state, row.ended_at = state, tx.now


async def get(uow: UnitOfWork, effect_id: int) -> Effect:
    """The row."""
    async with uow.read() as tx:
        return await tx.session.get_one(Effect, effect_id)


async def test_one_key_is_one_effect(uow: UnitOfWork) -> None:
    first = await put(uow, "page:1")
    assert await put(uow, "page:1") == first
    await finish(uow, first)
    assert await put(uow, "page:1") == first, "also when it is done: it must not happen twice"
    assert await put(uow, "page:2") != first


async def test_it_is_recorded_with_the_state_or_not_at_all(uow: UnitOfWork) -> None:
    try:
        async with uow() as tx:
            await record(tx, "say", guild_id=GUILD, subject=SUBJECT, key="page:1")
            raise RuntimeError
    except RuntimeError:
        pass
    assert await claim(uow) == []


async def test_it_waits_for_what_it_needs_and_goes_on_however_that_ends(uow: UnitOfWork) -> None:
    room = await put(uow, "room")
    page = await put(uow, "page", needs=[room, None])
    card = await put(uow, "card", needs=[room, page])
    assert await claim(uow) == [room]
    await finish(uow, room, State.FAILED)
    assert await claim(uow) == [page], "a page must go another way where no room could be made"
    await finish(uow, page, State.DROPPED)
    assert await claim(uow) == [card]


async def test_a_lane_is_one_after_the_other_and_holds_up_no_other_lane(uow: UnitOfWork) -> None:
    first = await put(uow, "one", lane="updates:1")
    second = await put(uow, "two", lane="updates:1")
    elsewhere = await put(uow, "three", lane="updates:2")
    alone = await put(uow, "four")
    assert await claim(uow) == [first, elsewhere, alone]
    await finish(uow, elsewhere)
    assert await claim(uow) == []
    await finish(uow, first)
    assert await claim(uow) == [second]


async def test_of_what_is_rendered_late_one_waiting_effect_is_enough(uow: UnitOfWork) -> None:
    first = await put(uow, "card:1", latest_wins=True)
    assert await put(uow, "card:1", latest_wins=True) == first
    assert await claim(uow) == [first]
    second = await put(uow, "card:1", latest_wins=True)
    assert second != first, "that one has begun, so it may have looked already"
    assert await put(uow, "card:1", latest_wins=True) == second
    assert await claim(uow) == [], "and they do not overtake each other"
    await finish(uow, first)
    assert await claim(uow) == [second]


async def test_two_claimers_never_get_one_effect(uow: UnitOfWork, other: UnitOfWork) -> None:
    ids = [await put(uow, f"k{n}") for n in range(24)] + [await put(uow, f"l{n}", lane="lane") for n in range(3)]
    got = await asyncio.gather(*(claim(one, f"t{n}", limit=5) for n, one in enumerate((uow, other) * 4)))
    taken = [one for some in got for one in some]
    assert len(taken) == len(set(taken)), "no effect went to two"
    rest = await claim(uow, "last", limit=50)
    assert sorted(taken + rest) == sorted(ids[:25]), "none is lost, and of the lane only the first may go"


async def test_a_result_under_an_old_lease_is_refused(uow: UnitOfWork, clock: SetClock) -> None:
    one = await put(uow, "page:1")
    assert await claim(uow, "first") == [one]
    clock.passes(seconds=91)
    assert await claim(uow, "second") == [one]
    async with uow() as tx:
        assert await store.hold(tx, one, "first") is None
        assert await store.hold(tx, one, "second") is not None
        assert await store.hold(tx, one + 1, "second") is None
    await finish(uow, one)
    async with uow() as tx:
        assert await store.hold(tx, one, "second") is None, "done is done"


async def test_a_process_that_is_alone_takes_its_own_leases_back(uow: UnitOfWork) -> None:
    one, two = await put(uow, "one"), await put(uow, "two")
    await claim(uow, "of the life before", limit=1)
    async with uow() as tx:
        assert await store.take_back(tx) == 1
    assert sorted(await claim(uow, "of this life")) == [one, two]
    assert (await get(uow, one)).attempts == 2, "so the second try looks for what the first may have done"


async def test_not_before_its_time(uow: UnitOfWork, clock: SetClock) -> None:
    one = await put(uow, "later", not_before=MONDAY + timedelta(minutes=1))
    assert await claim(uow) == []
    async with uow.read() as tx:
        assert await store.next_ready(tx, tx.now) == MONDAY + timedelta(minutes=1)
    clock.passes(minutes=1)
    assert await claim(uow) == [one]
    async with uow.read() as tx:
        assert await store.next_ready(tx, tx.now) == clock.now() + LEASE, "a lease that runs out is looked at again"


async def test_what_was_overtaken_is_dropped_unless_it_has_begun(uow: UnitOfWork) -> None:
    begun = await put(uow, "one", kind="remind")
    await claim(uow)
    waiting, of_another_kind = await put(uow, "two", kind="remind"), await put(uow, "three", kind="card")
    async with uow() as tx:
        await store.cancel(tx, SUBJECT, ["remind"])
        assert await store.unfinished(tx, SUBJECT, "remind") == begun
    states = [(await get(uow, one)).state for one in (begun, waiting, of_another_kind)]
    assert states == [State.RUNNING, State.DROPPED, State.PENDING]


async def test_it_carries_the_request_and_a_mark_of_its_own(uow: UnitOfWork) -> None:
    with following("4711"):
        one = await put(uow, "one")
    two = await put(uow, "two")
    first, second = await get(uow, one), await get(uow, two)
    assert (first.request, second.request) == ("4711", None)
    assert first.mark != second.mark and len(first.mark) == 8


PAGES, ROOMS = frozenset({"page"}), frozenset({"room"})
TURNS = store.Turns((PAGES, ROOMS), per_server=8)


async def flood(uow: UnitOfWork, kind: str, many: int, *, guild_id: int) -> list[int]:
    """So many of one kind in one server, all ready."""
    async with uow() as tx:
        return [
            await record(tx, kind, guild_id=guild_id, subject=SUBJECT, key=f"{kind}:{guild_id}:{number}")
            for number in range(many)
        ]


async def order(uow: UnitOfWork, turns: store.Turns, *, limit: int = 10) -> list[int]:
    """Ids in the order in which they should go."""
    async with uow.read() as tx:
        return list(await store.pick(tx, turns, limit=limit))


async def test_a_server_that_floods_does_not_hold_up_the_page_of_another(uow: UnitOfWork, clock: SetClock) -> None:
    rooms = await flood(uow, "room", 40, guild_id=1)
    lines = await flood(uow, "line", 40, guild_id=1)
    clock.passes(minutes=5)
    (room,) = await flood(uow, "room", 1, guild_id=2)
    (page,) = await flood(uow, "page", 1, guild_id=2)
    (line,) = await flood(uow, "line", 1, guild_id=2)
    first = await order(uow, TURNS, limit=100)
    assert first[:3] == [page, rooms[0], room], "urgent ones first, each server's first before any server's second"
    assert first[3:10] == rooms[1:8], "no more of one server and class at once"
    assert first[10:12] == [lines[0], line]


async def test_what_is_under_way_counts_as_a_turn(uow: UnitOfWork) -> None:
    rooms = await flood(uow, "room", 20, guild_id=1)
    (late,) = await flood(uow, "room", 1, guild_id=2)
    busy = store.Turns((PAGES, ROOMS), per_server=3, busy=(((1, 1), 2),))
    assert await order(uow, busy) == [late, rooms[0]]
    hanging = store.Turns((PAGES, ROOMS), per_server=3, busy=(((1, 1), 3),))
    (page,) = await flood(uow, "page", 1, guild_id=1)
    assert await order(uow, hanging) == [page, late], "its own page waits for none of its rooms"


async def test_two_who_picked_the_same_take_it_once(uow: UnitOfWork, other: UnitOfWork) -> None:
    both = await flood(uow, "room", 2, guild_id=1)
    picked = await order(uow, TURNS)
    assert picked == await order(other, TURNS) == both
    async with uow() as tx:
        first = [one.id for one in await store.take(tx, picked, limit=1, lease=LEASE, token="mine")]
    async with other() as tx:
        second = [one.id for one in await store.take(tx, picked, limit=5, lease=LEASE, token="yours")]
    assert (first, second) == (both[:1], both[1:])
