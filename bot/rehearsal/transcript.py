"""What everybody saw and did, in order: recorded while a play goes on, then told as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rehearsal.director import day
from bot.rehearsal.plays.script import Script
from bot.rehearsal.rooms import Room, Rooms, Seen
from bot.rehearsal.stage import Player, Stage

WIDTH = 100


@dataclass(frozen=True)
class Event:
    """Something that a person did (`act`) or that was to be seen: `said`, `edited`, `withdrawn`.

    `to`: the key of the only person who saw it; `sees`: whose room it is, None where everybody sees it.
    """

    at: datetime
    place: str
    kind: str
    who: str
    lines: tuple[str, ...]
    to: str | None = None
    sees: tuple[str, ...] | None = None
    pings: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


class Recorder:
    """Compares what stands on the server with what stood there at the last look."""

    def __init__(self, stage: Stage, rooms: Rooms) -> None:
        self._stage = stage
        self._rooms = rooms
        self._known: dict[tuple[int, int], Seen] = {}
        self.events: list[Event] = []

    def act(self, me: Player, room: Room, words: str, lines: Sequence[str] = ()) -> None:
        """Somebody is about to do something that leaves no message of its own."""
        self.events.append(
            Event(self._stage.now(), self._place(room), "act", me.person.name, (words, *lines), sees=self._sees(room))
        )

    def look(self) -> None:
        """Record what is new, what reads differently, and what was taken back.

        What happens at once in several places is told place by place: between them it has no order of its own.
        """
        found: list[tuple[str, int, int, Event]] = []
        stands: set[tuple[int, int]] = set()

        def add(number: int, message_id: int, event: Event) -> None:
            found.append((f"{event.at:%Y-%m-%d %H:%M}", number, message_id, event))

        for number, room in enumerate(self._rooms.all()):
            for seen in self._rooms.messages(room.id):
                key = (room.id, seen.id)
                stands.add(key)
                before = self._known.get(key)
                self._known[key] = seen
                event = self._new(room, seen) if before is None else self._changed(room, before, seen)
                if event is not None and event.lines:
                    add(number, seen.id, event)
            for key in [one for one in self._known if one[0] == room.id and one not in stands]:
                gone = self._known.pop(key)
                add(number, gone.id, self._event(room, gone, "withdrawn", gone.lines[:1], self._stage.now()))
        self.events += [event for *_, event in sorted(found, key=lambda one: one[:3])]

    def _new(self, room: Room, seen: Seen) -> Event:
        return self._event(room, seen, "said", seen.lines, seen.at, pings=seen.pings, files=seen.files)

    def _changed(self, room: Room, before: Seen, seen: Seen) -> Event | None:
        if _essence(before.payload) == _essence(seen.payload):
            return None
        # Read again now, so that a distance that only grew is no change.
        known = set(self._rooms.lines(before.payload))
        fresh = tuple(line for line in seen.lines if line not in known)
        # A private answer that is filled in later was never seen empty.
        kind = "edited" if before.lines else "said"
        return self._event(room, seen, kind, fresh, self._stage.now(), files=seen.files)

    def _event(
        self,
        room: Room,
        seen: Seen,
        kind: str,
        lines: tuple[str, ...],
        at: datetime,
        *,
        pings: tuple[str, ...] = (),
        files: tuple[tuple[str, str], ...] = (),
    ) -> Event:
        names = {key: one.person.name for key, one in self._stage.players.items()}
        return Event(
            at=at,
            place=self._place(room),
            kind=kind,
            who=seen.author,
            lines=lines,
            to=seen.answer_to,
            sees=self._sees(room),
            pings=tuple(names[key] for key in pings),
            files=files,
        )

    def _place(self, room: Room) -> str:
        if not room.direct:
            return f"#{room.name}"
        return "direct message " + " ".join(self._sees(room) or ())

    def _sees(self, room: Room) -> tuple[str, ...] | None:
        keys = self._rooms.who_sees(room.id)
        if len(keys) == len(self._stage.players):
            return None
        return tuple(self._stage.players[key].person.name for key in keys)


def _essence(payload: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(payload.get(part) for part in ("content", "embeds", "components", "attachments", "reactions"))


# ---------------------------------------------------------------------- told


def printed(script: Script, events: Sequence[Event]) -> Iterator[str]:
    """The transcript, line by line."""
    people = {one.key: one for one in script.company.people}
    yield f"{script.title}  ·  {script.company.name}, {day(script.begins)}, times in UTC"
    yield "People: " + ", ".join(f"{one.name} ({one.part})" for one in people.values())
    place, clock = "", ""
    for event in events:
        if event.place != place or f"{event.at:%H:%M}" != clock:
            place, clock = event.place, f"{event.at:%H:%M}"
            yield ""
            yield f"{clock}  {_heading(event)}"
        names = people[event.to].name if event.to else None
        yield from _told(event, names)


def _heading(event: Event) -> str:
    if event.sees is None:
        return event.place
    if event.place.startswith("direct message"):
        return f"Direct message to {event.sees[0]}" if event.sees else event.place
    return f"{event.place}  (seen by {', '.join(event.sees)} only)"


def _told(event: Event, to: str | None) -> Iterator[str]:
    if event.kind == "act":
        yield from _wrapped(f"› {event.who} {event.lines[0]}", "       ", "         ")
        for line in event.lines[1:]:
            yield from _wrapped(line, "           ", "             ")
        return
    who = event.who
    if to is not None:
        who += f", privately to {to}"
    if event.kind == "edited":
        who += ", on an earlier message"
    if event.kind == "withdrawn":
        who += " takes back"
    if event.pings:
        who += f"  🔔 rings for {' and '.join(event.pings)}"
    yield f"       {who}"
    for line in event.lines:
        yield from _wrapped(line, "       │ ", "       │ ")
    for name, text in event.files:
        if name.endswith(".md"):
            yield f"       │ {name} says:"
            for line in text.splitlines():
                yield f"       │   {line}"


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]
