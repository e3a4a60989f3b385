"""Rotations as they are kept: a change holds from now, the past stays, and a page goes to whom `/oncall who` names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.incidents.service.paging import people_for
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed
from bot.oncall import store
from bot.oncall.models import RotationRow
from bot.oncall.service import OnCallService
from bot.policy.words import Kind, Standing, Target
from bot.servers import store as servers
from bot.storage import UnitOfWork
from tests.stores import MONDAY, SetClock

GUILD = 4_100_000_000_000_000_001
ALICE, BOB, CAROL, DAVE = 11, 12, 13, 14
WEEK = timedelta(days=7)


async def enter(uow: UnitOfWork, *people: int, **more: object) -> None:
    """Put a rotation."""
    async with uow() as tx:
        await store.put_rotation(tx, GUILD, people, **more)  # type: ignore[arg-type]


async def on_call(uow: UnitOfWork, when: datetime) -> tuple[int | None, int | None]:
    """Primary and secondary at an instant."""
    async with uow.read() as tx:
        shift = await store.on_call_at(tx, GUILD, when)
    return shift.primary, shift.secondary


async def test_the_first_one_is_primary_from_now_also_before_the_hour_of_the_handoff(
    uow: UnitOfWork, clock: SetClock
) -> None:
    clock.at = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)  # Monday, before nine
    await enter(uow, ALICE, BOB)
    assert await on_call(uow, clock.at) == (ALICE, BOB)
    assert await on_call(uow, datetime(2026, 3, 2, 9, tzinfo=UTC)) == (BOB, ALICE), "and hands over at nine"


async def test_a_change_in_mid_week_holds_from_now_and_the_past_stays(uow: UnitOfWork, clock: SetClock) -> None:
    await enter(uow, ALICE, BOB)
    clock.passes(days=2)
    await enter(uow, CAROL, ALICE, BOB)
    assert await on_call(uow, clock.at) == (CAROL, ALICE)
    assert await on_call(uow, MONDAY + timedelta(days=1)) == (ALICE, BOB), "who had it then, had it"
    assert await on_call(uow, MONDAY + WEEK) == (ALICE, BOB)
    async with uow.read() as tx:
        rows = list(await tx.session.scalars(select(RotationRow).order_by(RotationRow.id)))
    assert rows[0].valid_until == rows[1].valid_from == clock.at and rows[1].valid_until is None


async def test_hour_day_and_zone_stay_unless_said_otherwise(uow: UnitOfWork, clock: SetClock) -> None:
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, zone="Europe/Berlin")
    await enter(uow, ALICE, BOB, weekday=4, hour=17)
    await enter(uow, BOB, ALICE)
    async with uow.read() as tx:
        found = await store.rotation_at(tx, GUILD, clock.at)
    assert found is not None and (found.weekday, found.hour, found.zone.key) == (4, 17, "Europe/Berlin")
    assert await on_call(uow, datetime(2026, 3, 6, 15, 59, tzinfo=UTC)) == (BOB, ALICE)
    assert await on_call(uow, datetime(2026, 3, 6, 16, 0, tzinfo=UTC)) == (ALICE, BOB)


async def test_somebody_named_twice_has_one_turn_and_all_are_on_the_roster(uow: UnitOfWork) -> None:
    await enter(uow, ALICE, BOB, ALICE)
    async with uow.read() as tx:
        found = await store.rotation_at(tx, GUILD, MONDAY)
        assert found is not None and found.people == (ALICE, BOB)
        assert set(await servers.roster(tx, GUILD, [Standing.RESPONDER])) == {ALICE, BOB}


@pytest.mark.parametrize(("gone", "then"), [(ALICE, (BOB, CAROL)), (BOB, (ALICE, CAROL)), (CAROL, (ALICE, BOB))])
async def test_who_left_is_out_and_the_others_move_up(
    uow: UnitOfWork, clock: SetClock, gone: int, then: tuple[int, int]
) -> None:
    await enter(uow, ALICE, BOB, CAROL)
    clock.passes(days=1)
    async with uow() as tx:
        assert await store.drop_person(tx, GUILD, gone)
        assert not await store.drop_person(tx, GUILD, DAVE)
    assert await on_call(uow, clock.at) == then


async def test_without_a_rotation_nobody_is_on_call(uow: UnitOfWork) -> None:
    assert await on_call(uow, MONDAY) == (None, None)
    await enter(uow, ALICE)
    assert await on_call(uow, MONDAY - timedelta(seconds=1)) == (None, None), "before it was entered there was none"
    await enter(uow)
    assert await on_call(uow, MONDAY) == (None, None)


async def test_whom_it_shows_is_whom_a_page_reaches(uow: UnitOfWork, clock: SetClock) -> None:
    """By construction: both ask the same question, at instants over half a year and across two changes of the clock."""
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, zone="Europe/Berlin")
    await enter(uow, ALICE, BOB, CAROL, hour=2, weekday=6)
    service = OnCallService(uow)
    seen = set()
    for _ in range(60):
        clock.passes(hours=76, minutes=17)
        shown = (await service.look(Caller(99, GUILD))).shifts[0]
        async with uow.read() as tx:
            targets = {Target.PRIMARY, Target.SECONDARY}
            paged = await people_for(tx, GUILD, Kind.OUTAGE, targets)
            for who in (ALICE, BOB, CAROL):
                assert await store.is_on_call(tx, GUILD, who, tx.now) == (who in paged)
        assert list(paged) == [shown.primary, shown.secondary]
        seen.add(shown.primary)
    assert seen == {ALICE, BOB, CAROL}


async def test_only_the_core_team_or_a_manager_enters_it_and_only_people(uow: UnitOfWork) -> None:
    service = OnCallService(uow)
    with pytest.raises(NotAllowed, match="core team"):
        await service.rotate(Caller(ALICE, GUILD), [ALICE, BOB])
    manager = Caller(ALICE, GUILD, manager=True)
    for people, bots in (([], []), ([ALICE, 66], [66]), (list(range(1, 27)), [])):
        with pytest.raises(BadInput):
            await service.rotate(manager, people, bots=bots)
    found = await service.rotate(manager, [ALICE, BOB], weekday=2, hour=8)
    assert [one.primary for one in found.shifts[:3]] == [ALICE, BOB, ALICE]
    with pytest.raises(BadInput):
        await service.look(Caller(ALICE, None))
