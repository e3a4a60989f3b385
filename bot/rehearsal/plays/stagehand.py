"""Performs a play on the simulated server: each act as that person would do it, time moving between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from simcord import ChannelHandle, SetupError
from simcord.backend.errors import BackendError
from simcord.components import walk_components
from simcord.results import InteractionResult, ResponseMessage

from bot.rehearsal import home
from bot.rehearsal.plays.forms import Form, option_values
from bot.rehearsal.plays.script import (
    DIRECT,
    THE_ROOM,
    VIGIL,
    Act,
    Choose,
    Fill,
    Pick,
    Press,
    Say,
    Script,
    Step,
    Type,
)
from bot.rehearsal.rooms import Room, Rooms, Seen
from bot.rehearsal.stage import Player, Stage
from bot.rehearsal.transcript import Event, Recorder

EARLY = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
BUTTON = 2
Between = Callable[[Stage], Awaitable[None]]
OpenStage = Callable[[Script], AbstractAsyncContextManager[Stage]]


class PlayError(Exception):
    """A play that cannot go on, or that did not end as the guide has it: one sentence."""


def at_home(script: Script) -> AbstractAsyncContextManager[Stage]:
    """Vigil itself, set up, a few minutes before the play begins."""
    return home.at_home(script.company, opens_at=script.begins - EARLY)


async def perform(
    script: Script, *, between: Between | None = None, stage_for: OpenStage = at_home
) -> tuple[Event, ...]:
    """Play it through and tell what everybody saw, in order. `between` is called after every step.

    Raises PlayError where an act cannot be done, Vigil failed, or the guide's lines are not where they belong.
    """
    async with stage_for(script) as stage:
        hand = Stagehand(script, stage)
        for step in script.steps:
            await hand.until(step.minute)
            await hand.do(step)
            if between is not None:
                await between(stage)
                hand.recorder.look()
        if faults := stage.faults():
            raise PlayError(f"Vigil failed during the play: {faults[0]!r}")
        hand.check()
        return tuple(hand.recorder.events)


@dataclass
class Stagehand:
    """Does the acts of one script on one stage."""

    script: Script
    stage: Stage
    rooms: Rooms = field(init=False)
    recorder: Recorder = field(init=False)
    _forms: dict[str, tuple[Room, InteractionResult]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.stage)
        self.recorder = Recorder(self.stage, self.rooms)

    async def until(self, minute: int) -> None:
        """Let time pass, a minute at a time, so that everything is seen when it happens."""
        end = self.script.at(minute)
        while self.stage.now() < end:
            await self.stage.advance(min(MINUTE, end - self.stage.now()))
            self.recorder.look()

    async def do(self, step: Step) -> None:
        """One act; what came of it is recorded. Raises PlayError."""
        act = step.act
        try:
            await self._do(act, self.stage.players[act.who])
        except (SetupError, BackendError, LookupError) as error:
            reason = error.args[0] if error.args else error
            raise PlayError(f"{self.stage.now():%H:%M}: {act.who} could not do {act}: {reason}") from error
        self.recorder.look()

    async def _do(self, act: Act, me: Player) -> None:
        match act:
            case Fill():
                await self._fill(act, me)
            case Say():
                words = act.words.replace(VIGIL, f"<@{self.stage.bot_id}>")
                room = self._room(act.where, me)
                if room.direct:
                    await me.user.send_dm(words)
                else:
                    await me.member.send(self.rooms.handle(room.id), words)
            case Type():
                options = {name: self._value(text) for name, text in act.options.items()}
                room = self._room(act.where, me)
                typed = [f"{name}: {self._name(text)}" for name, text in act.options.items()]
                self.recorder.act(me, room, f"types /{act.command}", typed)
                self._answered(me, room, await me.member.slash(self._handle(room), act.command, **options))
            case Press():
                room, message = self._with_button(act, me)
                self.recorder.act(me, room, f"presses [{act.label}]")
                actor = me.user if room.direct else me.member
                self._answered(me, room, await actor.click(self._message(message), label=act.label))
            case Choose():
                room, message, menu, values = self._with_options(act, me)
                self.recorder.act(me, room, f"chooses {', '.join(act.options)}")
                actor = me.user if room.direct else me.member
                self._answered(me, room, await actor.select(self._message(message), values, custom_id=menu))
            case Pick():
                room = self._room(act.where, me)
                message = self._newest(room, me, lambda one: any(act.words in line for line in one.lines))
                self.recorder.act(me, room, f"picks “{act.entry}” on “{message.lines[0]}”")
                target = self._message(message).message
                self._answered(me, room, await me.member.context_menu(self._handle(room), act.entry, target))

    async def _fill(self, act: Fill, me: Player) -> None:
        if act.who not in self._forms:
            raise LookupError("no form is open")
        room, shown = self._forms.pop(act.who)
        assert shown.modal is not None
        form = Form(shown.modal)
        values = form.values({label: self._value(text) for label, text in act.fields.items()})
        stood = [line for text in form.texts for line in self.rooms.lines({"content": text})]
        told = form.told({label: self._name(text) for label, text in act.fields.items()})
        self.recorder.act(me, room, f"fills in “{form.title}”", [*(f"({line})" for line in stood), *told])
        actor = me.user if room.direct else me.member
        self._answered(me, room, await actor.submit_modal(shown, values))

    def _answered(self, me: Player, room: Room, result: InteractionResult) -> None:
        if not result.acknowledged:
            raise LookupError("Vigil did not answer")
        if result.modal is not None:
            self._forms[me.person.key] = (room, result)

    # ------------------------------------------------------------ finding

    def _value(self, text: str) -> Any:
        """A person where `@` and their key stand, else the words."""
        named = self.stage.players.get(text.removeprefix("@")) if text.startswith("@") else None
        return named.member if named else text

    def _name(self, text: str) -> str:
        named = self.stage.players.get(text.removeprefix("@")) if text.startswith("@") else None
        return f"@{named.person.name}" if named else text

    def _room(self, where: str, me: Player) -> Room:
        """The newest room of that name that this person sees. Raises LookupError."""
        seeded = {one.name for one in self.script.company.rooms}
        for room in sorted(self.rooms.of(me), key=lambda one: -one.id):
            if where == DIRECT and room.direct:
                return room
            if not room.direct and (room.name == where or (where == THE_ROOM and room.name not in seeded)):
                return room
        raise LookupError(f"{me.person.name} sees no room {where!r}")

    def _handle(self, room: Room) -> ChannelHandle:
        return self.rooms.handle(room.id)

    def _message(self, seen: Seen) -> ResponseMessage:
        env = self.stage.env
        return ResponseMessage(env, env.backend.get_message(seen.room_id, seen.id))

    def _newest(self, room: Room, me: Player, fits: Callable[[Seen], bool]) -> Seen:
        found = [one for one in self.rooms.messages(room.id, me) if fits(one)]
        if not found:
            raise LookupError(f"nothing of that kind stands in {room.name}")
        return found[-1]

    def _with_button(self, act: Press, me: Player) -> tuple[Room, Seen]:
        def has(one: Seen) -> bool:
            parts = walk_components(one.payload.get("components") or [])
            return any(
                part.get("type") == BUTTON and part.get("label") == act.label and not part.get("disabled")
                for part in parts
            )

        room = self._room(act.where, me)
        return room, self._newest(room, me, has)

    def _with_options(self, act: Choose, me: Player) -> tuple[Room, Seen, str, list[str]]:
        room = self._room(act.where, me)
        for one in reversed(self.rooms.messages(room.id, me)):
            for part in walk_components(one.payload.get("components") or []):
                values = option_values(part.get("options") or [], act.options)
                if values is not None:
                    return room, one, str(part["custom_id"]), values
        raise LookupError(f"nothing in {room.name} offers {', '.join(act.options)}")

    # ------------------------------------------------------------ the end

    def check(self) -> None:
        """Whether the guide's lines stand in the log and in public, at their times and in order. Raises PlayError."""
        shown = [one for one in self.recorder.events if one.to == self.script.reader]
        files = "\n".join(text for one in shown for name, text in one.files if name.endswith(".md"))
        position = 0
        for minute, words in self.script.log:
            at = f"{self.script.at(minute):%Y-%m-%d %H:%M}"
            found = next((index for index, line in enumerate(files.split("\n")) if at in line and words in line), None)
            if found is None or found < position:
                raise PlayError(f"The log that {self.script.reader} is shown lacks {at} {words!r} in its place.")
            position = found
        public = [one for one in self.recorder.events if one.place == "#updates" and one.kind == "said"]
        for minute, words in self.script.posts:
            if not any(one.at == self.script.at(minute) and words in " ".join(one.lines) for one in public):
                raise PlayError(f"Nothing public at {self.script.at(minute):%H:%M} says {words!r}.")
