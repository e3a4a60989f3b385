"""The stage and the rooms, with a toy bot: who sees what, time, restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.rehearsal.cast import LUMINOUS
from bot.rehearsal.rooms import Rooms
from bot.rehearsal.stage import Stage, raise_curtain
from tests.rehearsal.toy import Memory, Toy

MORNING = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)


def toys(memory: Memory, made: list[Toy] | None = None):
    """Makes a toy per start, on one memory."""

    def make(clock):
        toy = Toy(clock, memory)
        if made is not None:
            made.append(toy)
        return toy

    return make


def names(rooms: Rooms, stage: Stage, key: str) -> list[str]:
    return [one.name for one in rooms.of(stage.players[key])]


async def test_the_stage_opens_at_the_asked_instant_with_the_cast_in_place():
    async with raise_curtain(LUMINOUS, toys(Memory()), opens_at=MORNING) as stage:
        rooms = Rooms(stage)
        assert stage.now() == MORNING
        assert names(rooms, stage, "erin") == ["Vigil", "general", "support", "updates"]
        assert names(rooms, stage, "charlie") == ["Vigil", "general", "support", "updates", "operations"]
        assert "operations" in names(rooms, stage, "dana"), "the owner sees every channel"


async def test_a_room_a_page_and_a_private_answer_reach_only_whom_they_should():
    async with raise_curtain(LUMINOUS, toys(Memory()), opens_at=MORNING) as stage:
        rooms = Rooms(stage)
        alice, bob, erin = (stage.players[key] for key in ("alice", "bob", "erin"))
        general = next(one for one in rooms.of(alice) if one.name == "general")
        await alice.member.slash(rooms.handle(general.id), "declare", title="API down")

        room = next(one for one in rooms.of(bob) if one.name == "inc-0001")
        assert room.private
        assert "inc-0001" not in names(rooms, stage, "erin")
        assert rooms.unread(bob, room) == (1, 1)
        assert rooms.unread(bob, rooms.of(bob)[0]) == (1, 1), "the direct message rings too"
        (page,) = rooms.messages(room.id, bob)
        assert page.lines == ("@Bob please look", "API down", "Public update in 30 minutes", "[Acknowledge]")
        assert page.pings == ("bob",)
        (answer,) = rooms.messages(general.id, alice)
        assert answer.answer_to == "alice" and answer.lines == ("Declared in #inc-0001.",)
        assert rooms.messages(general.id, erin) == []
        rooms.read(bob, room.id)
        assert rooms.unread(bob, room) == (0, 0)


async def test_time_moves_to_the_next_deadline_and_a_restart_keeps_it():
    memory, made = Memory(), []
    async with raise_curtain(LUMINOUS, toys(memory, made), opens_at=MORNING) as stage:
        rooms = Rooms(stage)
        alice = stage.players["alice"]
        general = next(one for one in rooms.of(alice) if one.name == "general")
        await alice.member.slash(rooms.handle(general.id), "declare", title="API down")
        await stage.advance(timedelta(minutes=10))
        await stage.launch()
        assert stage.restarts == 1 and made[0].closed and not made[1].closed

        due = await stage.advance_to_next()

        assert due is not None and due.due_at == MORNING + timedelta(minutes=30)
        room = next(one for one in rooms.of(alice) if one.name == "inc-0001")
        assert [one.lines[0] for one in rooms.messages(room.id, alice)][1:] == [
            "Due now: public update. 30 min: outage SEV-1"
        ]
        assert await stage.advance_to_next() is None
        assert stage.faults() == []
    assert made[1].closed
