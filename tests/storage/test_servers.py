"""A server's set-up keeps its history, its people their standings, and what was typed stays with who typed it."""

from __future__ import annotations

import pytest

from bot.incidents.service.context import standings_in_server
from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound
from bot.oncall import store as oncall
from bot.policy.clocks import Pace
from bot.policy.words import Duty, Kind, Severity, Standing
from bot.servers import store as servers
from bot.servers import words
from bot.servers.drafts import DraftService
from bot.storage import UnitOfWork
from tests.storage.rows import GUILD
from tests.stores import SetClock

ELSEWHERE = GUILD + 1


async def test_a_server_that_nobody_set_up_has_the_defaults(uow: UnitOfWork) -> None:
    async with uow.read() as tx:
        found = await servers.settings(tx, GUILD)
    assert (found.version, found.is_set_up, found.zone.key, found.updates_channel_id) == (0, False, "UTC", None)


async def test_every_change_is_a_version_and_the_earlier_ones_stay(uow: UnitOfWork, clock: SetClock) -> None:
    async with uow() as tx:
        by = await words.person(tx, GUILD, 11)
        await servers.change_settings(tx, GUILD, person_id=by, operations_channel_id=1, zone="Europe/Berlin")
    clock.passes(days=1)
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, operations_channel_id=2)
        await servers.change_settings(tx, ELSEWHERE, person_id=None, operations_channel_id=9)
    async with uow.read() as tx:
        first, now = await servers.settings(tx, GUILD, 1), await servers.settings(tx, GUILD)
        other = await servers.settings(tx, ELSEWHERE)
    assert (first.version, first.operations_channel_id, first.zone.key) == (1, 1, "Europe/Berlin")
    assert (now.version, now.operations_channel_id, now.zone.key) == (2, 2, "Europe/Berlin")
    assert (other.version, other.operations_channel_id, other.zone.key) == (1, 9, "UTC")


async def test_an_old_version_keeps_its_own_clocks(uow: UnitOfWork) -> None:
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, operations_channel_id=1)
        await servers.change_settings(tx, GUILD, person_id=None, policy={"public_update.first.outage.SEV-1": 20})
    async with uow.read() as tx:
        terms = []
        for version in (1, 2):
            policy = (await servers.settings(tx, GUILD, version)).policy
            choice = policy.strictest(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE, pace=Pace.FIRST)
            assert choice is not None
            terms.append(choice.sentence().split(":")[0])
    assert terms == ["30 min", "20 min"]


async def test_standings_come_from_roster_role_right_and_rotation(uow: UnitOfWork, clock: SetClock) -> None:
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=None, roles={"moderator": 77})
        await servers.enrol(tx, GUILD, 11, Standing.CORE)
        await servers.enrol(tx, ELSEWHERE, 11, Standing.SECURITY)
        await oncall.put_rotation(tx, GUILD, [12])

    async def of(user_id: int, **more: object) -> set[str]:
        async with uow.read() as tx:
            caller = Caller(user_id, GUILD, **more)  # type: ignore[arg-type]
            return {str(one) for one in await standings_in_server(tx, await servers.settings(tx, GUILD), caller)}

    assert await of(11) == {"anyone", "core"}
    assert await of(12) == {"anyone", "responder", "on_call"}
    assert await of(13) == {"anyone"}
    assert await of(13, role_ids=frozenset({77})) == {"anyone", "moderator"}
    assert await of(13, manager=True) == {"anyone", "manager"}
    clock.passes(minutes=1)
    async with uow() as tx:
        await servers.discharge(tx, GUILD, 11)
    assert await of(11) == {"anyone"}
    async with uow.read() as tx:
        assert await servers.roster(tx, ELSEWHERE, [Standing.SECURITY]) == [11], "another server is another matter"


async def test_the_roster_is_in_the_order_of_joining_and_nobody_is_twice(uow: UnitOfWork) -> None:
    async with uow() as tx:
        for user_id in (13, 11, 12):
            assert await servers.enrol(tx, GUILD, user_id, Standing.RESPONDER)
        assert not await servers.enrol(tx, GUILD, 11, Standing.RESPONDER)
        await servers.enrol(tx, GUILD, 11, Standing.CORE)
    async with uow.read() as tx:
        assert await servers.roster(tx, GUILD, [Standing.CORE, Standing.RESPONDER]) == [13, 11, 12]


async def test_words_are_read_back_and_the_newest_of_a_field_holds(uow: UnitOfWork) -> None:
    async with uow() as tx:
        first = await words.write(tx, "one", guild_id=GUILD, subject="incident:1", field="title")
        await words.write(tx, "two", guild_id=GUILD, subject="incident:1", field="title")
        await words.write(tx, "other", guild_id=GUILD, subject="incident:10", field="title")
    async with uow.read() as tx:
        assert await words.latest(tx, "incident:1") == {"title": "two"}
        assert await words.read(tx, [first, None, 999]) == {first: "one"}


async def test_a_draft_belongs_to_one_person_in_one_server(uow: UnitOfWork) -> None:
    drafts = DraftService(uow)
    mine, other = Caller(11, GUILD), Caller(12, GUILD)
    kept = await drafts.keep(mine, "incident.log_form", "5", {"fields": {"entry": "one"}})
    again = await drafts.keep(mine, "incident.log_form", "5", {"fields": {"entry": "two"}})
    assert kept == again and kept is not None
    assert (await drafts.get(mine, kept))[2] == {"fields": {"entry": "two"}}
    sentences = set()
    for who, draft_id in ((other, kept), (Caller(11, ELSEWHERE), kept), (mine, kept + 1)):
        with pytest.raises(NotFound) as refused:
            await drafts.get(who, draft_id)
        sentences.add(str(refused.value))
    assert len(sentences) == 1, "a draft of somebody else is like one that never was"
