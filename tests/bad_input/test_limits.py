"""Fair limits: a flood gets a kind sentence that says when it goes again; who needs help in earnest never does."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.deadlines import store as due_store
from bot.incidents.models import Incident, LogEntry, Page, Report
from bot.incidents.service.paging import ESCALATE
from bot.incidents.service.report import ReportService
from bot.kernel.caller import Caller
from bot.kernel.errors import TooMany
from bot.policy.fairness import ANYBODY, DRAFTS_KEPT, REPORTS_TOGETHER, RESPONDERS, WHO_IS_ON_CALL, Act, rates
from bot.policy.words import Standing
from bot.servers import words
from bot.servers.models import Draft
from tests.bad_input.pressing import edits_again, refusal, sends
from tests.storage.rows import an_incident
from tests.world import World, said

MOST = RESPONDERS[Act.DECLARE][0].times
STAMP = re.compile(r"<t:(\d+):R>")


def nobody() -> str:
    """A title that is like no other: each word stands once."""
    nobody.count += 1  # type: ignore[attr-defined]
    return f"thing{nobody.count} breaks{nobody.count}"  # type: ignore[attr-defined]


nobody.count = 0  # type: ignore[attr-defined]


async def declares(world: World, who: Any, **more: Any) -> Any:
    await world.declare(who, nobody(), **{"severity": "SEV-3", **more})
    return world.answer


async def declared_lately(world: World, who: Any, times: int, **more: Any) -> None:
    """This person has declared so many just now; of each only its row is there."""
    async with world.app.uow() as tx:
        for number in range(times):
            ref = f"past-{who.id}-{number}"[-20:]
            incident = await an_incident(tx, guild_id=world.guild.id, ref=ref, declared_by=who.id, **more)
            incident.closed_at = tx.now


async def test_a_flood_of_declarations_ends_with_a_kind_sentence(world: World) -> None:
    for _ in range(MOST):
        assert "Declared" in said(await declares(world, world.alice))
    refused = await declares(world, world.alice, summary="The last words")
    sentence = refusal(refused, "SEV-0", "somebody else", "/incident log")
    assert await world.count(Incident) == MOST
    assert int(STAMP.search(sentence)[1]) > world.env.now().timestamp()  # type: ignore[index]

    form = await edits_again(world.alice, refused)
    assert "The last words" in str(form.modal), "what was typed is there"
    await world.passes(minutes=10, seconds=2)
    assert "Declared" in said(await sends(world, world.alice, form))


async def test_a_sev0_goes_through_where_the_next_sev1_would_not(world: World) -> None:
    await declared_lately(world, world.alice, MOST)
    refusal(await declares(world, world.alice, severity="SEV-1"))
    assert "Declared" in said(await declares(world, world.alice, severity="SEV-0"))


async def test_even_sev0s_end_and_the_form_says_so_before_it_is_filled_in(world: World) -> None:
    most = MOST + RESPONDERS[Act.DECLARE_SEV0][0].times
    await declared_lately(world, world.alice, most)
    sentence = refusal(await declares(world, world.alice, severity="SEV-0"), "somebody else")
    assert "as SEV-0" not in sentence
    refusal(await world.alice.slash(world.channels["general"], "incident declare"), "somebody else", kept=False)


async def test_what_one_did_is_no_matter_for_another_nor_for_who_is_on_call(world: World) -> None:
    await declared_lately(world, world.alice, MOST)
    refusal(await declares(world, world.alice))
    assert "Declared" in said(await declares(world, world.dave))
    await declared_lately(world, world.bob, MOST + 1)
    assert "Declared" in said(await declares(world, world.bob))


async def test_neither_a_restart_nor_another_process_forgets_it(world: World) -> None:
    await declared_lately(world, world.alice, MOST)
    await world.restart()
    refusal(await declares(world, world.alice))


async def test_practice_is_counted_apart(world: World) -> None:
    for _ in range(ANYBODY[Act.PRACTISE][0].times):
        await declares(world, world.alice, practice=True)
    refusal(await declares(world, world.alice, practice=True), "practise")
    assert "Declared" in said(await declares(world, world.alice))


async def test_the_sentence_tells_nothing_of_private_cases(world: World) -> None:
    """Sam's own private cases count for sam; what others declared in private changes no word for anybody else."""
    await declared_lately(world, world.sam, MOST, kind="security", visibility="participants")
    await declared_lately(world, world.alice, MOST)
    shown = refusal(await declares(world, world.alice))
    assert "case-" not in shown and str(MOST) in shown
    assert "Declared" in said(await declares(world, world.dave))


async def test_where_nothing_is_set_up_a_stranger_reaches_the_limit_soon_and_the_owner_is_told_once(
    bare_world: World,
) -> None:
    world = bare_world
    for _ in range(ANYBODY[Act.DECLARE][0].times):
        assert "Declared" in said(await declares(world, world.erin))
    refusal(await declares(world, world.erin))
    assert "Declared" in said(await declares(world, world.erin, severity="SEV-0"))
    assert "Declared" in said(await declares(world, world.vera))
    told = world.words(world.guild.owner.dm_channel)
    assert len([one for one in told if "/setup" in one]) == 1, told


async def reported(world: World, who: Any, about: str, text: str) -> Any:
    form = await who.slash(world.channels["general"], "incident report")
    return await world.fills(who, form, about=about, text=text)


async def test_a_flood_of_reports_keeps_its_words(world: World) -> None:
    for number in range(ANYBODY[Act.REPORT][0].times):
        assert "Thank you" in said(await reported(world, world.erin, "person", f"Rude again {number}"))
    refused = await reported(world, world.erin, "person", "Rhubarb writes at night")
    refusal(refused, "Thank you", "directly")
    assert "Rhubarb writes at night" in str((await edits_again(world.erin, refused)).modal)
    assert "Thank you" in said(await reported(world, world.alice, "person", "Rude to me too"))


async def test_reports_that_nobody_read_yet_do_not_shut_the_door(world: World) -> None:
    for day in range(8):
        assert "Thank you" in said(await reported(world, world.erin, "person", f"Day {day}"))
        await world.passes(hours=13)


async def test_many_members_report_the_same_outage(world: World) -> None:
    """The first word of each always arrives; more of the same waits, and private reports are no part of it."""
    service = ReportService(world.app.uow)
    for number in range(REPORTS_TOGETHER.times + 1):
        await service.report(
            Caller(5000 + number, world.guild.id, interaction_id=9000 + number), "system", "It is slow"
        )
    assert await world.count(Report) == REPORTS_TOGETHER.times + 1
    with pytest.raises(TooMany, match="responders know"):
        await service.report(Caller(5000, world.guild.id, interaction_id=1), "system", "Still slow")
    await service.report(Caller(5000, world.guild.id, interaction_id=2), "person", "Rude in general")
    await service.report(Caller(9999, world.guild.id, interaction_id=3), "system", "The shop is empty")


async def test_a_person_is_not_rung_without_end_by_hand(world: World) -> None:
    room = await world.declare(world.alice)
    for _ in range(ANYBODY[Act.PAGE_AGAIN][0].times):
        assert "Paged" in said(await world.alice.slash(room, "incident page", who=world.dave))
    refused = await world.alice.slash(room, "incident page", who=world.dave)
    refusal(refused, "somebody else", kept=False)
    assert "Paged" in said(await world.alice.slash(room, "incident page", who=world.erin))
    await world.passes(minutes=11)
    assert "Paged" in said(await world.alice.slash(room, "incident page", who=world.dave))


async def test_the_hundredth_hourly_page_of_a_sev0_is_followed_by_the_next(world: World) -> None:
    """Its step must not be taken for one by hand, after which nothing comes."""
    room = await world.declare(world.alice, severity="SEV-0")
    incident = await world.incident()
    async with world.app.uow() as tx:
        for row in await due_store.open_rows(tx, incident.subject, [ESCALATE]):
            row.sequence, row.params = 99, {"step": 99}
    await world.passes(hours=4)
    paged = [one for one in world.words(room) if "paged" in one]
    assert len(paged) > 4, paged


async def test_lines_of_a_log_are_many_but_not_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.policy.fairness import Rate

    monkeypatch.setattr(
        "bot.policy.fairness.ANYBODY", {**ANYBODY, Act.LOG: (Rate(3, timedelta(minutes=10)),)}, raising=True
    )
    room = await world.declare(world.alice)
    for number in range(3):
        assert "In the log" in said(await world.alice.slash(room, "incident log", entry=f"Line {number}"))
    refusal(await world.alice.slash(room, "incident log", entry="The last words"), "one entry")
    for number in range(4):
        assert "In the log" in said(await world.bob.slash(room, "incident log", entry=f"On call {number}"))


async def test_drafts_of_one_person_are_kept_up_to_a_number(world: World) -> None:
    for number in range(DRAFTS_KEPT + 5):
        async with world.app.uow() as tx:
            await words.save_draft(
                tx, guild_id=world.guild.id, user_id=7, purpose="incident.log_form", subject=str(number), data={}
            )
    assert await world.count(Draft) == DRAFTS_KEPT


def test_the_limits_stand_above_what_people_need() -> None:
    """Two declared just now, and a third that is real; a whole team paged by hand; acknowledging has no limit."""
    for held in (frozenset({Standing.ANYONE}), frozenset({Standing.RESPONDER}), frozenset({Standing.ON_CALL})):
        assert rates(Act.DECLARE, held)[0].times >= 3
        assert rates(Act.PAGE, held)[0].times >= 20
    assert not WHO_IS_ON_CALL[Act.LOG]
    assert {str(act) for act in Act}.isdisjoint({"acknowledge", "join", "update", "resolve", "tag_out", "severity"})


async def test_counting_costs_no_more_with_the_years(world: World, tmp_path: Path) -> None:
    if not world.app.engines.sqlite:
        pytest.skip("the plan of a SQLite file is read; tests/storage/test_plans.py looks at PostgreSQL's")
    asked: list[tuple[str, Any]] = []

    def seen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "OFFSET" in statement:
            asked.append((statement, parameters))

    event.listen(world.app.engines.write.sync_engine, "before_cursor_execute", seen)
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident page", who=world.dave)
    await world.alice.slash(room, "incident log", entry="One line")
    await reported(world, world.erin, "system", "It is slow")
    await reported(world, world.erin, "system", "It is slower")
    with sqlite3.connect(tmp_path / "vigil.db") as connection:
        plans = {
            row[3]
            for statement, parameters in asked
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    assert {table for table in ("incident", "report", "page", "log_entry") if f"SEARCH {table} " in str(plans)} == {
        table.__tablename__ for table in (Incident, Report, Page, LogEntry)
    }
    assert not [plan for plan in plans if plan.startswith("SCAN")], plans
