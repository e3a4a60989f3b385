"""What `status` tells of a store: what is open, due and not done, and nothing of what is private."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.effects import Effect, State
from bot.incidents.rules import Entry
from bot.inspection import lines
from bot.inspection.status import Status, Undone, span, status
from tests.visibility.attacker import REFERENCE, SECRETS, arrange_hidden, outsiders
from tests.world import World


async def look(world: World) -> Status:
    return await status(world.app.uow, world.url, schema="0001")


async def a_line_that_waits(world: World, room: Any) -> Undone:
    """Nothing is done on Discord for the moment, and a line for the room waits."""
    await world.app.runner.stop()
    await world.alice.slash(room, "incident log", entry="The database is restarted.")
    (found,) = [one for one in (await look(world)).waiting if one.kind == "incident.line"]
    return found


async def change(world: World, one: Undone, **at: timedelta) -> None:
    """It was tried three times, and these instants are so far from now."""
    async with world.app.uow() as tx:
        tried = {"attempts": 3, "last_error": "Discord answered 503/0", **{key: tx.now + by for key, by in at.items()}}
        await tx.session.execute(update(Effect).where(Effect.id == one.id).values(tried))


async def test_it_tells_what_is_open_due_and_why_something_waits(world: World) -> None:
    room = await world.declare(world.alice, "API times out")
    well = await look(world)
    assert [(one.reference, one.severity, one.kind) for one in well.incidents] == [("inc-0001", "SEV-1", "outage")]
    assert [one.due_at for one in well.due] == sorted(one.due_at for one in well.due) and all(
        one.reference == "inc-0001" and one.reason for one in well.due
    )
    assert not well.stuck and not well.waiting and not well.failed

    waits = await a_line_that_waits(world, room)
    assert waits.reference == "inc-0001" and waits.state == "pending"
    assert not (await look(world)).stuck, "seconds are no reason to wake anybody"

    await change(world, waits, created_at=timedelta(minutes=-12), not_before=timedelta(minutes=1))
    stuck = await look(world)
    shown = lines.text(stuck)
    assert stuck.stuck and "STUCK: the oldest effect that waits could be done 12 min ago." in shown
    assert (
        f"{waits.id} · incident.line · inc-0001 · since 12 min · tried 3 times · again in 1 min: Discord answered 503/0"
        in shown
    )
    assert "API times out" not in shown and "restarted" not in shown, "people's words are for people in Discord"


async def test_nothing_of_a_private_case_is_told_apart(world: World) -> None:
    await outsiders(world)
    await arrange_hidden(world)
    await world.passes(minutes=10)
    async with world.app.uow() as tx:
        await tx.session.execute(update(Effect).values(state=State.PENDING, attempts=3, last_error="Discord said no"))
    now = await look(world)
    told = [lines.text(now), lines.as_json(now)]

    assert not any(SECRETS.search(one) or REFERENCE.search(one) for one in told)
    assert now.incidents == [] and now.due == [] and now.waiting
    assert {(one.kind, one.reference) for one in (*now.waiting, *now.failed)} == {("other", "")}
    assert "case" not in json.dumps(json.loads(told[1]))


async def test_what_is_given_up_is_told_in_the_room_and_may_be_tried_again(world: World) -> None:
    room = await world.declare(world.alice, "API times out")
    waits = await a_line_that_waits(world, room)
    assert await world.app.runner.give_up(waits.id)
    assert not await world.app.runner.give_up(waits.id), "it has ended"
    assert not await world.app.runner.give_up(999_999)
    await world.restart()

    told = world.find(room, "It could not post a log line")
    assert "whoever runs Vigil ended the tries" in str(world.words(room)) and Entry.PROBLEM in await world.log()
    (failed,) = (await look(world)).failed
    assert failed.id == waits.id and failed.last_error == "0/-1 given up by whoever runs Vigil"
    await world.alice.click(told, label="Try again")
    assert not (await look(world)).failed and world.find(room, "The database is restarted.")


async def test_a_deadline_that_no_process_fires_is_stuck(world: World) -> None:
    await world.declare(world.alice, "API times out")
    await world.app.stop_work()
    await world.env.advance_time(timedelta(hours=2).total_seconds())
    now = await look(world)
    assert now.stuck and "a deadline was to fire" in now.stuck_why[-1]
    assert any("since 1 h" in one for one in lines.text(now).splitlines())


def test_spans_are_told_in_two_units() -> None:
    cases = {0: "0 s", 59: "59 s", 60: "1 min", 3599: "59 min", 3600: "1 h", 11_100: "3 h 5 min", 187_200: "2 d 4 h"}
    assert {seconds: span(timedelta(seconds=seconds)) for seconds in cases} == cases
