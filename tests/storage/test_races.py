"""Several people press at the same instant, in two processes on one store: everything is done, and done once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.bootstrap import _listeners
from bot.incidents import log, store
from bot.incidents.models import Incident, LeadHandoff, Page, Participant
from bot.incidents.rules import Entry
from bot.incidents.service.context import Which
from bot.incidents.service.declaration import Declaration
from bot.incidents.service.declare import Declared
from bot.kernel.caller import Caller
from bot.kernel.errors import NotAllowed, UserFacingError, WrongState
from bot.oncall import store as oncall
from bot.policy.words import Severity, Standing
from bot.servers import store as servers
from bot.storage import UnitOfWork
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import Stage
from bot.updates.service import UpdateService
from cogs.incidents import IncidentServices
from tests.storage.rows import GUILD

ALICE, BOB, CAROL, DAVE = 11, 12, 13, 14
THIS = Which(incident_id=1)


class Process:
    """The services of one process."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.incidents = IncidentServices.of(uow)
        self.updates = UpdateService(uow)


class Presses:
    """Interactions, each with an id of its own."""

    def __init__(self) -> None:
        self.last = 100

    def by(self, user_id: int) -> Caller:
        """The next one, by this person."""
        self.last += 1
        return Caller(user_id, GUILD, interaction_id=self.last, channel_id=5)


@pytest.fixture
def presses() -> Presses:
    return Presses()


@pytest.fixture
async def two(uow: UnitOfWork, other: UnitOfWork) -> tuple[Process, Process]:
    """Two processes on a store in which a server is set up."""
    for one in (uow, other):
        one.listeners = _listeners()
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, operations_channel_id=2, updates_channel_id=3)
        for user_id in (ALICE, BOB, CAROL, DAVE):
            await servers.enrol(tx, GUILD, user_id, Standing.RESPONDER)
        await oncall.put_rotation(tx, GUILD, [BOB, CAROL], starts=tx.now - timedelta(days=1))
    return Process(uow), Process(other)


async def ends(*acts: Awaitable[Any]) -> list[Any]:
    """How each ended: what it gave, or the refusal that a person reads. Anything else fails the test."""

    async def end(act: Awaitable[Any]) -> Any:
        try:
            return await act
        except UserFacingError as error:
            return error

    return list(await asyncio.gather(*(end(act) for act in acts)))


async def declared(process: Process, caller: Caller, **more: Any) -> None:
    """An incident, and no effect is run: what is asked here is what is recorded."""
    found = await process.incidents.declare.declare(caller, Declaration("API times out", **more))
    assert isinstance(found, Declared)


async def rows(process: Process, table: type) -> int:
    """How many there are."""
    async with process.uow.read() as tx:
        return int(await tx.session.scalar(select(func.count()).select_from(table)) or 0)


async def lines(process: Process, incident_id: int = 1) -> Counter[Entry]:
    """The log by kinds."""
    async with process.uow.read() as tx:
        return Counter(one.kind for one in await log.entries(tx, incident_id))


async def test_the_first_two_declarations_of_a_server_at_once(two: tuple[Process, Process], presses: Presses) -> None:
    titles = ("API times out", "Login page is blank", "Mail is late", "Disk is full")
    await asyncio.gather(
        *(
            two[n % 2].incidents.declare.declare(presses.by(11 + n), Declaration(title))
            for n, title in enumerate(titles)
        )
    )
    async with two[0].uow.read() as tx:
        refs = set(await tx.session.scalars(select(Incident.ref)))
    assert refs == {f"inc-000{n}" for n in range(1, 5)}


async def test_one_declaration_that_came_twice_is_one(two: tuple[Process, Process], presses: Presses) -> None:
    same = presses.by(ALICE)
    await ends(*(one.incidents.declare.declare(same, Declaration("API times out")) for one in (*two, *two)))
    assert await rows(two[0], Incident) == 1


async def test_all_acknowledge_at_once(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    people = (BOB, CAROL, DAVE, BOB)
    found = await ends(
        *(two[n % 2].incidents.coordinate.acknowledge(presses.by(who), THIS) for n, who in enumerate(people))
    )
    assert [one for one in found if isinstance(one, UserFacingError)] == []
    assert [one.first for one in found].count(True) == 1
    assert (await lines(two[0]))[Entry.ACKNOWLEDGED] == 1


async def test_all_do_something_else_at_once_and_nothing_is_lost(
    two: tuple[Process, Process], presses: Presses
) -> None:
    await declared(two[0], presses.by(ALICE))
    first, second = (one.incidents for one in two)
    found = await ends(
        first.coordinate.add_log(presses.by(BOB), "One", THIS),
        second.coordinate.add_log(presses.by(CAROL), "Two", THIS),
        first.coordinate.join(presses.by(DAVE), THIS),
        second.coordinate.join(presses.by(DAVE), THIS),
        first.change.severity(presses.by(ALICE), Severity.SEV0, "All is down", THIS),
        second.change.impact(presses.by(ALICE), {"down": "The API"}, THIS),
        second.coordinate.tag_out(presses.by(CAROL), THIS),
        first.coordinate.add_person(presses.by(ALICE), 99, THIS, is_bot=False),
    )
    refused = [str(one) for one in found if isinstance(one, UserFacingError)]
    assert refused == []
    log_now = await lines(two[0])
    assert (log_now[Entry.NOTE], log_now[Entry.SEVERITY], log_now[Entry.IMPACT], log_now[Entry.ADDED]) == (2, 1, 1, 1)
    async with two[0].uow.read() as tx:
        people = [one.user_id for one in await store.participants(tx, 1)]
    assert len(people) == len(set(people)) and {BOB, CAROL, DAVE, 99} <= set(people)


async def test_two_take_an_open_lead_and_one_has_it(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    await two[0].incidents.coordinate.tag_out(presses.by(ALICE), THIS)
    found = await ends(
        two[0].incidents.lead.offer(presses.by(BOB), BOB, "", THIS, is_bot=False),
        two[1].incidents.lead.offer(presses.by(CAROL), CAROL, "", THIS, is_bot=False),
    )
    assert sorted(type(one).__name__ for one in found) == ["Handoff", "WrongState"]


async def test_an_offer_is_accepted_once(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    await two[0].incidents.lead.offer(presses.by(ALICE), BOB, "Next update at noon", THIS, is_bot=False)
    async with two[0].uow.read() as tx:
        offer = await tx.session.scalar(select(LeadHandoff.id))
    assert offer is not None
    before = (await lines(two[0]))[Entry.LEAD]
    found = await ends(*(one.incidents.lead.answer(presses.by(BOB), offer, accept=True) for one in (*two, *two)))
    assert sum(isinstance(one, WrongState) for one in found) == 3
    assert (await lines(two[0]))[Entry.LEAD] == before + 1


async def test_who_cannot_and_the_next_one_is_asked_once(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    await ends(*(one.incidents.coordinate.decline(presses.by(BOB), THIS) for one in (*two, *two)))
    assert (await lines(two[0]))[Entry.DECLINED] == 1
    assert await rows(two[0], Page) == 1


async def test_one_first_update_however_many_press(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    async with two[0].uow() as tx:
        (await store.row(tx, 1)).channel_id = 77
    first = [one.updates.first(presses.by(who), THIS) for one, who in zip((*two, *two), (11, 12, 13, 14), strict=True)]
    found = await ends(*first)
    assert sum(isinstance(one, WrongState) for one in found) == 3
    assert await rows(two[0], PublicUpdate) == 1


async def gap_asked(process: Process, presses: Presses) -> None:
    """An update that announces a longer gap waits for a second responder."""
    await declared(process, presses.by(ALICE), severity=Severity.SEV0)
    async with process.uow() as tx:
        row = PublicUpdate(
            guild_id=GUILD,
            incident_id=1,
            kind="update",
            state=Stage.WAITING,
            status="investigating",
            person_id=None,
            recorded_at=tx.now,
            next_at=tx.now + timedelta(hours=9),
            deviation=True,
            channel_id=3,
        )
        tx.session.add(row)


async def test_a_gap_is_agreed_to_while_another_update_overtakes_it(
    two: tuple[Process, Process], presses: Presses
) -> None:
    await gap_asked(two[0], presses)
    async with two[0].uow() as tx:
        await store.row(tx, 1, lock=True)
        agreeing = asyncio.create_task(ends(two[1].updates.confirm_gap(presses.by(BOB), 1)))
        await waits_for_a_lock(two[0])
        for earlier in await updates.waiting(tx, 1):
            earlier.state = Stage.FAILED
    (found,) = await agreeing
    assert isinstance(found, WrongState) and "settled already" in found.sentence


async def waits_for_a_lock(process: Process) -> None:
    """Until somebody does. On SQLite writers wait before they begin, so there is nothing to wait for."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not process.uow.engines.sqlite:
        async with process.uow.read() as tx:
            if await tx.session.scalar(waiting):
                return
        await asyncio.sleep(0.01)


async def test_a_gap_is_agreed_to_once(two: tuple[Process, Process], presses: Presses) -> None:
    await gap_asked(two[0], presses)
    found = await ends(*(one.updates.confirm_gap(presses.by(BOB), 1) for one in (*two, *two)))
    assert sum(isinstance(one, WrongState) for one in found) == 3, found
    async with two[0].uow.read() as tx:
        assert (await updates.row(tx, 1)).state == Stage.SENDING


async def test_resolved_by_one_while_another_cancels(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    found = await ends(
        *(
            one.incidents.close.cancel(presses.by(who), THIS)
            for one, who in zip((*two, *two), (ALICE, BOB, CAROL, DAVE), strict=True)
        )
    )
    assert sum(isinstance(one, WrongState | NotAllowed) for one in found) == 3
    assert (await lines(two[0]))[Entry.CANCELLED] == 1


async def test_a_person_is_in_an_incident_once(two: tuple[Process, Process], presses: Presses) -> None:
    await declared(two[0], presses.by(ALICE))
    await ends(*(one.incidents.coordinate.join(presses.by(DAVE), THIS) for one in (*two, *two)))
    async with two[0].uow.read() as tx:
        mine = select(func.count()).select_from(Participant).where(Participant.user_id == DAVE)
        assert await tx.session.scalar(mine) == 1
