"""What is due: put, moved, met, ended; claimed by one process at a time, and never forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.deadlines import store
from bot.deadlines.engine import DeadlineEngine
from bot.deadlines.models import Deadline, DeadlineState
from bot.deadlines.store import DueView
from bot.storage import Tx, UnitOfWork
from tests.stores import MONDAY, SetClock

GUILD = 4_100_000_000_000_000_001
ONE, OTHER = "incident:1", "incident:2"
LEASE = timedelta(seconds=30)


async def put(uow: UnitOfWork, kind: str = "duty.fix", *, subject: str = ONE, minutes: float = 0, **more: Any) -> int:
    """Something due so many minutes after ten."""
    async with uow() as tx:
        at = MONDAY + timedelta(minutes=minutes)
        row = await store.put(tx, kind, guild_id=GUILD, subject=subject, due_at=at, rule="a", reason="b", **more)
        return row.id


async def claim(uow: UnitOfWork, token: str = "mine", *, limit: int = 10) -> list[int]:
    """Ids that this claimer got."""
    async with uow() as tx:
        return [one.id for one in await store.claim(tx, limit=limit, lease=LEASE, token=token)]


async def get(uow: UnitOfWork, deadline_id: int) -> Deadline:
    """The row."""
    async with uow.read() as tx:
        return await tx.session.get_one(Deadline, deadline_id)


async def earliest_minute(uow: UnitOfWork) -> float | None:
    """When the scan must wake, in minutes after ten."""
    async with uow.read() as tx:
        at = await store.earliest(tx)
    return None if at is None else (at - MONDAY).total_seconds() / 60


async def test_put_again_moves_it_and_begins_it_anew(uow: UnitOfWork, clock: SetClock) -> None:
    first = await put(uow, minutes=0, owner="11")
    assert await claim(uow) == [first]
    async with uow() as tx:
        await store.end(tx, ONE, ["duty.fix"], "moved")
    assert await put(uow, minutes=30) == first
    row = await get(uow, first)
    assert (row.state, row.due_at, row.owner, row.lease_token, row.attempts, row.ended_why) == (
        DeadlineState.OPEN,
        MONDAY + timedelta(minutes=30),
        None,
        None,
        0,
        None,
    )
    assert await put(uow, minutes=30, sequence=1) != first
    async with uow.read() as tx:
        assert await store.next_sequence(tx, ONE, "duty.fix") == 2
        assert await store.next_sequence(tx, ONE, "archive") == 0


async def test_putting_wakes_the_scan(uow: UnitOfWork) -> None:
    woken: list[frozenset[str]] = []
    uow.on_commit.append(woken.append)
    await put(uow)
    assert woken == [frozenset({"deadlines"})]


async def test_only_what_is_due_is_claimed_earliest_first(uow: UnitOfWork, clock: SetClock) -> None:
    late, soon, now = [await put(uow, f"k{n}", minutes=n) for n in (20, 10, 0)]
    assert await claim(uow) == [now]
    assert await claim(uow) == [], "what is claimed is not claimed again"
    clock.passes(minutes=10)
    assert await claim(uow, limit=1) == [now], "its lease ran out"
    assert await claim(uow) == [soon]
    assert (await get(uow, late)).attempts == 0


async def test_two_claimers_never_get_one_row(uow: UnitOfWork, other: UnitOfWork) -> None:
    ids = [await put(uow, f"k{n}") for n in range(30)]
    got = await asyncio.gather(*(claim(one, f"t{n}", limit=7) for n, one in enumerate((uow, other) * 4)))
    taken = [one for some in got for one in some]
    assert len(taken) == len(set(taken)), "no row went to two"
    rest = await claim(uow, "last", limit=50)
    assert sorted(taken + rest) == sorted(ids), "and none is lost"


async def test_a_lease_that_ran_out_frees_it_and_the_old_holder_is_refused(uow: UnitOfWork, clock: SetClock) -> None:
    one = await put(uow)
    assert await claim(uow, "first") == [one]
    clock.passes(seconds=31)
    assert await claim(uow, "second") == [one]
    async with uow() as tx:
        assert await store.hold(tx, one, "first") is None
        assert await store.hold(tx, one, "second") is not None
    assert (await get(uow, one)).attempts == 2


async def test_what_was_met_meanwhile_is_not_held(uow: UnitOfWork) -> None:
    one = await put(uow)
    await claim(uow)
    async with uow() as tx:
        assert [due.id for due in await store.meet(tx, ONE, ["duty.fix"])] == [one]
    async with uow() as tx:
        assert await store.hold(tx, one, "mine") is None


async def test_a_process_that_is_alone_takes_its_own_leases_back(uow: UnitOfWork) -> None:
    one = await put(uow)
    await claim(uow, "of the life before")
    async with uow() as tx:
        await store.take_back(tx)
    assert await claim(uow, "of this life") == [one]


async def test_met_stays_met_and_ended_stays_ended(uow: UnitOfWork, clock: SetClock) -> None:
    first, second = await put(uow, "duty.fix"), await put(uow, "duty.assess")
    await put(uow, "duty.fix", subject=OTHER, minutes=5)
    clock.passes(minutes=3)
    async with uow() as tx:
        await store.meet(tx, ONE, ["duty.fix"])
        await store.end(tx, ONE, ["duty.fix", "duty.assess"], "resolved")
    met, ended = await get(uow, first), await get(uow, second)
    assert (met.state, met.met_at) == (DeadlineState.MET, MONDAY + timedelta(minutes=3))
    assert (ended.state, ended.ended_why) == (DeadlineState.ENDED, "resolved")
    async with uow.read() as tx:
        assert await store.met_kinds(tx, ONE) == {"duty.fix"}
        assert [row.subject for row in await store.upcoming(tx)] == [OTHER]
    async with uow() as tx:
        await store.end_all(tx, OTHER, "cancelled")
    assert await earliest_minute(uow) is None


async def test_the_scan_wakes_for_the_earliest_or_for_the_end_of_a_lease(uow: UnitOfWork, clock: SetClock) -> None:
    assert await earliest_minute(uow) is None
    await put(uow, "k20", minutes=20)
    assert await earliest_minute(uow) == 20
    await put(uow, "k0")
    assert await earliest_minute(uow) == 0
    await claim(uow)
    assert await earliest_minute(uow) == 0.5
    clock.passes(seconds=31)
    assert await earliest_minute(uow) == 0


async def test_what_people_read_is_shown_owed_and_theirs(uow: UnitOfWork, clock: SetClock) -> None:
    await put(uow, "shown", minutes=10)
    await put(uow, "inner", minutes=1, shown=False)
    await put(uow, "stays", minutes=2, until_met=True)
    await put(uow, "passes", minutes=3)
    await put(uow, "elsewhere", subject=OTHER, minutes=4)
    clock.passes(minutes=5)

    async def nothing(tx: Tx, due: DueView) -> None:
        return None

    engine = DeadlineEngine(uow, dict.fromkeys(("shown", "inner", "stays", "passes", "elsewhere"), nothing))
    engine._stopped = False
    assert await engine.tick() == 4
    async with uow.read() as tx:
        found = await store.upcoming(tx, subject=ONE)
        assert [(one.kind, one.overdue) for one in found] == [("stays", True), ("shown", False)]
        assert [one.kind for one in await store.upcoming(tx, guild_id=GUILD, limit=1)] == ["stays"]
        assert await store.upcoming(tx, guild_id=GUILD + 1) == []
        assert [one.kind for one in await store.owed_rows(tx, ONE, ["stays", "shown", "passes"])] == [
            "stays",
            "passes",
            "shown",
        ]


async def test_a_handler_that_fails_leaves_nothing_behind_and_is_tried_again(
    uow: UnitOfWork, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    one = await put(uow)
    tries: list[int] = []

    async def fails_once(tx: Tx, due: DueView) -> None:
        tries.append(due.attempts)
        await store.put(tx, "made", guild_id=GUILD, subject=ONE, due_at=MONDAY, rule="a", reason="b", shown=False)
        if len(tries) == 1:
            raise RuntimeError("the words of somebody")

    async def nothing(tx: Tx, due: DueView) -> None:
        return None

    engine = DeadlineEngine(uow, {"duty.fix": fails_once, "made": nothing})
    engine._stopped = False
    await engine.tick()
    row = await get(uow, one)
    assert (row.state, row.last_error) == (DeadlineState.OPEN, "RuntimeError")
    async with uow.read() as tx:
        assert await store.open_rows(tx, ONE, ["made"]) == []
    caplog.clear()  # that it was logged is right, and not what this test is about
    clock.passes(seconds=25)
    await engine.tick()
    assert (await get(uow, one)).state == DeadlineState.FIRED
    assert tries == [1, 2]
