"""What the page's buttons do, without HTTP: whose eyes, which room, how time passes, the restart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.rehearsal.rooms import Room, Rooms
from bot.rehearsal.stage import Player, Stage
from bot.rehearsal.window import Window
from bot.rehearsal.words import distance

DUE_SHOWN = 8
LONGEST = timedelta(days=31)


class CannotDo(Exception):
    """One calm sentence for whoever sits at the page."""


@dataclass
class Director:
    """Built over a stage that is up; `begin` opens the first room."""

    stage: Stage
    rooms: Rooms = field(init=False)
    window: Window = field(init=False)
    you: str = field(init=False)
    _at: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.stage)
        self.window = Window(self.stage, self.rooms)
        self.you = next(iter(self.stage.players))

    async def begin(self) -> None:
        """Everything so far is read, and the first person looks at the first open channel."""
        async with self.stage.turn():
            self.rooms.read_all()
            await self._look()

    async def end(self) -> None:
        """Close the chat."""
        async with self.stage.turn():
            await self.window.close()

    # ---------------------------------------------------------------- acts

    async def look(self, person: str | None = None, room_id: int | None = None) -> None:
        """Be somebody else, or go to another room. Raises CannotDo."""
        async with self.stage.turn():
            if person is not None:
                if person not in self.stage.players:
                    raise CannotDo("There is nobody of that name here.")
                self.you = person
            if room_id is not None:
                if all(one.id != room_id for one in self.rooms.of(self._me)):
                    raise CannotDo(f"{self._me.person.name} does not see that channel.")
                self._at[self.you] = room_id
            await self._look()

    async def wait(self, minutes: int) -> None:
        """Let minutes pass. Raises CannotDo."""
        if not 0 < minutes <= LONGEST // timedelta(minutes=1):
            raise CannotDo("Time moves forward here, by a month at most.")
        async with self.stage.turn():
            await self._pass(timedelta(minutes=minutes))

    async def wait_for_next(self) -> None:
        """Let time pass until the next deadline. Raises CannotDo when nothing is due."""
        async with self.stage.turn():
            try:
                due = await self.stage.advance_to_next()
            except TimeoutError as error:
                raise self._stuck() from error
            finally:
                await self.window.refresh()
            if due is None:
                raise CannotDo("Nothing is due. Declare an incident first, or let some time pass.")

    async def restart(self) -> None:
        """End Vigil as a crash would, and start it again on the same database."""
        async with self.stage.turn():
            await self.window.close()
            await self.stage.launch()
            await self._look()

    async def _pass(self, by: timedelta) -> None:
        try:
            await self.stage.advance(by)
        except TimeoutError as error:
            raise self._stuck() from error
        finally:
            await self.window.refresh()

    def _stuck(self) -> CannotDo:
        return CannotDo(f"Vigil was still busy; time stands at {self.stage.now():%H:%M}. Please try again.")

    # ---------------------------------------------------------------- view

    @property
    def _me(self) -> Player:
        return self.stage.players[self.you]

    def _room(self) -> Room:
        """Where this person is: where they were last, else the first channel that everybody sees."""
        rooms = self.rooms.of(self._me)
        here = next((one for one in rooms if one.id == self._at.get(self.you)), None)
        return here or next((one for one in rooms if not one.private), rooms[0])

    async def _look(self) -> None:
        room = self._room()
        self._at[self.you] = room.id
        try:
            await self.window.show(self._me, room)
        except LookupError as error:
            raise CannotDo(f"{self._me.person.name} cannot read that channel.") from error

    async def state(self) -> dict[str, Any]:
        """Everything that the page shows, as JSON."""
        here = self._at.get(self.you)
        if here is not None and here not in {one.id for one in self.rooms.of(self._me)}:
            async with self.stage.turn():
                await self._look()
        room = self._room()
        self.rooms.read(self._me, room.id)
        now = self.stage.now()
        return {
            "server": self.stage.guild.name,
            "now": now.isoformat(),
            "clock": f"{now:%H:%M}",
            "day": day(now),
            "people": [self._person(one) for one in self.stage.players.values()],
            "rooms": [self._listed(one, room) for one in self.rooms.of(self._me)],
            "due": await self._due(now),
            "frame": self.window.frame,
            "restarts": self.stage.restarts,
            "faults": len(self.stage.faults()),
        }

    def _person(self, player: Player) -> dict[str, Any]:
        counts = [self.rooms.unread(player, one) for one in self.rooms.of(player)]
        return {
            "key": player.person.key,
            "name": player.person.name,
            "part": player.person.part,
            "you": player.person.key == self.you,
            "unread": sum(count for count, _ in counts),
            "pings": sum(pings for _, pings in counts),
        }

    def _listed(self, room: Room, here: Room) -> dict[str, Any]:
        unread, pings = self.rooms.unread(self._me, room)
        return {**asdict(room), "id": str(room.id), "here": room.id == here.id, "unread": unread, "pings": pings}

    async def _due(self, now: datetime) -> list[dict[str, Any]]:
        return [
            {
                "at": f"{one.due_at:%H:%M}" if one.due_at.date() == now.date() else f"{one.due_at:%d %b %H:%M}",
                "in": distance(one.due_at - now),
                "late": one.overdue,
                "words": one.words,
                "reason": one.reason,
            }
            for one in (await self.stage.upcoming())[:DUE_SHOWN]
        ]


def day(at: datetime) -> str:
    """A date in words: "Wednesday 14 January 2026"."""
    return f"{at:%A} {at.day} {at:%B %Y}"
