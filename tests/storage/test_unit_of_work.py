"""One use case, one transaction: whole or not at all, once, and no update is lost to another writer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError

from bot.incidents import store as incidents
from bot.incidents.models import Incident
from bot.kernel.errors import Repeated, WrongState
from bot.servers import store as servers
from bot.servers import words
from bot.servers.models import Person, Server
from bot.storage import UnitOfWork
from bot.storage.uow import SeenRequest
from tests.storage.rows import GUILD, an_incident
from tests.stores import SetClock


async def count(uow: UnitOfWork, table: type) -> int:
    """Rows of a table."""
    async with uow.read() as tx:
        return int(await tx.session.scalar(select(func.count()).select_from(table)) or 0)


async def test_what_is_done_commits_and_what_fails_leaves_nothing(uow: UnitOfWork) -> None:
    async with uow() as tx:
        await an_incident(tx)
    with pytest.raises(RuntimeError):
        async with uow() as tx:
            await an_incident(tx, ref="inc-0002")
            raise RuntimeError
    assert await count(uow, Incident) == 1


async def test_the_same_request_again_does_nothing(uow: UnitOfWork) -> None:
    async with uow(once="1:declare") as tx:
        await an_incident(tx)
    with pytest.raises(Repeated):
        async with uow(once="1:declare") as tx:
            await an_incident(tx, ref="inc-0002")
    async with uow(once="1:log"):
        pass
    assert await count(uow, Incident) == 1
    assert await count(uow, SeenRequest) == 2


async def test_a_request_that_failed_may_come_again(uow: UnitOfWork) -> None:
    with pytest.raises(RuntimeError):
        async with uow(once="1:declare"):
            raise RuntimeError
    async with uow(once="1:declare") as tx:
        await an_incident(tx)
    assert await count(uow, Incident) == 1


async def test_of_two_processes_with_one_request_exactly_one_acts(uow: UnitOfWork, other: UnitOfWork) -> None:
    async def act(mine: UnitOfWork, ref: str) -> str:
        try:
            async with mine(once="1:declare") as tx:
                await an_incident(tx, ref=ref)
        except Repeated:
            return "repeated"
        return "acted"

    ended = await asyncio.gather(*(act(one, f"inc-{n}") for n, one in enumerate((uow, other, uow, other))))
    assert sorted(ended) == ["acted", "repeated", "repeated", "repeated"]
    assert await count(uow, Incident) == 1


async def test_two_writers_lose_no_update(uow: UnitOfWork, other: UnitOfWork) -> None:
    async with uow() as tx:
        await servers.server(tx, GUILD)

    async def take(mine: UnitOfWork) -> int:
        async with mine() as tx:
            row = await servers.server(tx, GUILD)
            row.next_number += 1
            return row.next_number

    numbers = await asyncio.gather(*(take(one) for one in (uow, other) * 6))
    assert sorted(numbers) == list(range(2, 14))


async def test_two_who_are_first_in_a_server_both_get_through(uow: UnitOfWork, other: UnitOfWork) -> None:
    async def first(mine: UnitOfWork, user_id: int) -> int:
        async with mine() as tx:
            row = await servers.server(tx, GUILD)
            row.next_number += 1
            await words.person(tx, GUILD, user_id)
            await words.person(tx, GUILD, 7)
            return row.next_number

    numbers = await asyncio.gather(*(first(one, 7) for one in (uow, other) * 4))
    assert sorted(numbers) == list(range(2, 10))
    assert (await count(uow, Server), await count(uow, Person)) == (1, 1)


async def test_two_who_meet_one_new_person_both_get_through(uow: UnitOfWork, other: UnitOfWork) -> None:
    async def meet(mine: UnitOfWork) -> int:
        async with mine() as tx:
            return await words.person(tx, GUILD, 7)

    assert len(set(await asyncio.gather(*(meet(one) for one in (uow, other) * 4)))) == 1


async def test_two_set_ups_at_once_are_two_versions(uow: UnitOfWork, other: UnitOfWork) -> None:
    async def change(mine: UnitOfWork, **what: int) -> None:
        async with mine() as tx:
            await servers.change_settings(tx, GUILD, person_id=None, **what)

    await asyncio.gather(
        change(uow, updates_channel_id=1),
        change(other, operations_channel_id=2),
        change(uow, category_id=3),
        change(other, updates_channel_id=1),
    )
    async with uow.read() as tx:
        found = await servers.settings(tx, GUILD)
    assert (found.updates_channel_id, found.operations_channel_id, found.category_id) == (1, 2, 3)
    assert found.version == 4


async def test_who_was_overtaken_is_told_calmly(uow: UnitOfWork, other: UnitOfWork) -> None:
    """Without a lock, what was read may be old by the time that it is written."""
    async with uow() as tx:
        await an_incident(tx)

    with pytest.raises(WrongState, match="at the same moment"):
        async with uow() as tx:
            row = await incidents.row(tx, 1)
            if uow.engines.sqlite:
                # One writer at a time: the other one cannot come between, so the version is moved by hand.
                await tx.session.execute(Incident.__table__.update().values(version=Incident.version + 1))
            else:
                async with other() as second:
                    (await incidents.row(second, 1)).lead_id = 12
            row.lead_id = 13
    async with uow.read() as tx:
        assert (await incidents.row(tx, 1)).lead_id == (None if uow.engines.sqlite else 12)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_row_that_was_read_before_it_was_locked_is_told_calmly_too(uow: UnitOfWork, other: UnitOfWork) -> None:
    """On SQLite nobody else writes while a writing transaction is open."""
    async with uow() as tx:
        await an_incident(tx)
    with pytest.raises(WrongState, match="at the same moment"):
        async with uow() as tx:
            held = await incidents.row(tx, 1)
            async with other() as second:
                (await incidents.row(second, 1)).lead_id = 12
            assert await incidents.row(tx, 1, lock=True) is held


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_two_who_wait_for_each_other_do_not_hang_and_one_is_told_calmly(
    uow: UnitOfWork, other: UnitOfWork
) -> None:
    async with uow() as tx:
        await an_incident(tx)
        await an_incident(tx, ref="inc-0002")
    met = asyncio.Barrier(2)

    async def lock(mine: UnitOfWork, first: int, then: int) -> str:
        try:
            async with mine() as tx:
                await incidents.row(tx, first, lock=True)
                await met.wait()
                await incidents.row(tx, then, lock=True)
        except WrongState as error:
            assert "at the same moment" in str(error)
            return "told"
        return "done"

    assert sorted(await asyncio.gather(lock(uow, 1, 2), lock(other, 2, 1))) == ["done", "told"]


async def test_a_fault_names_no_words_that_people_typed(uow: UnitOfWork) -> None:
    async with uow() as tx:
        await an_incident(tx)
    with pytest.raises(IntegrityError) as caught:
        async with uow() as tx:
            await an_incident(tx, title_key="tokens leak")
    assert "tokens leak" not in str(caught.value)


async def test_an_instant_has_a_zone_and_comes_back_in_utc(uow: UnitOfWork) -> None:
    half_past_five = timezone(timedelta(hours=5, minutes=30))
    given = datetime(2026, 3, 29, 7, 30, 0, 123456, tzinfo=half_past_five)
    async with uow() as tx:
        await an_incident(tx, started_at=given)
    async with uow.read() as tx:
        found = (await incidents.row(tx, 1)).started_at
    assert found == given and found.utcoffset() == timedelta(0)
    assert found.isoformat() == "2026-03-29T02:00:00.123456+00:00"
    with pytest.raises(StatementError, match="time zone"):
        async with uow() as tx:
            await an_incident(tx, ref="inc-0002", started_at=datetime(2026, 3, 29, 7, 30))


async def test_instants_of_other_zones_are_compared_as_instants(uow: UnitOfWork) -> None:
    early = datetime(2026, 3, 2, 23, tzinfo=timezone(timedelta(hours=12)))  # 11:00 UTC
    late = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=-8)))  # 20:00 UTC
    async with uow() as tx:
        await an_incident(tx, started_at=late)
        await an_incident(tx, ref="inc-0002", started_at=early)
    async with uow.read() as tx:
        query = select(Incident.ref).where(Incident.started_at < late).order_by(Incident.started_at)
        assert list(await tx.session.scalars(query)) == ["inc-0002"]


async def test_one_transaction_has_one_instant_and_wakes_only_when_it_commits(uow: UnitOfWork, clock: SetClock) -> None:
    woken: list[frozenset[str]] = []
    uow.on_commit.append(woken.append)
    async with uow() as tx:
        before = tx.now
        clock.passes(minutes=1)
        assert tx.now == before
        tx.wake("effects")
    assert woken == [frozenset({"effects"})]
    with pytest.raises(RuntimeError):
        async with uow() as tx:
            tx.wake("effects")
            raise RuntimeError
    assert len(woken) == 1


async def test_events_are_heard_in_the_same_transaction(uow: UnitOfWork, clock: SetClock) -> None:
    class Happened:
        pass

    async def listen(tx, event):  # type: ignore[no-untyped-def]
        await an_incident(tx, ref="inc-0009")

    heard = UnitOfWork(uow.engines, clock, listeners={Happened: [listen]})
    with pytest.raises(RuntimeError):
        async with heard() as tx:
            await tx.emit(Happened())
            raise RuntimeError
    assert await count(uow, Incident) == 0
    async with heard() as tx:
        await tx.emit(Happened())
    assert await count(uow, Incident) == 1
