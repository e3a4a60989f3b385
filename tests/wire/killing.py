"""Kill the bot at a chosen point of what a person set going, start it again, and see what there is in the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.wire import faults
from tests.wire.interactions import Interaction
from tests.wire.organisation import Organisation, organisation, sqlite

WITNESSED = ("-m", "tests.wire.commit_points", "run")
PLAIN = ("-m", "bot", "run")
TRIES = 6
SIDES = ("before", "after")


@dataclass(frozen=True)
class Point:
    """An instant at which to kill: before or after the n-th REST call of a kind, or the n-th commit to these tables."""

    what: str
    side: str
    n: int
    label: str

    def __str__(self) -> str:
        return f"{self.side} {self.what} {self.n} ({self.label})"


class Scene(Protocol):
    """Something that a person, or time, sets going. `set_up`: whether the server is set up before."""

    set_up: bool
    answer: Interaction | None

    async def prepare(self, home: Organisation) -> None:
        """What comes before; nothing is killed yet."""

    async def act(self, home: Organisation) -> None:
        """What the person does."""

    def shown(self, home: Organisation) -> bool:
        """Whether the person has the last answer, where nothing is killed."""

    async def recorded(self, home: Organisation) -> bool:
        """Whether the store has it."""

    def nothing(self, home: Organisation) -> bool:
        """Whether nothing of it can be seen in this Discord."""


@dataclass(frozen=True)
class Seen:
    """All that is there in the end: messages for all to see, channels, roles, entries of the log as exported."""

    messages: Counter[str]
    channels: Counter[str]
    roles: Counter[str]
    entries: Counter[str]


@dataclass(frozen=True)
class Reference:
    """A run in which nothing was killed: every point that it passed, and what was there in the end."""

    points: tuple[Point, ...]
    seen: Seen


class Folders:
    """Fresh folders, each with a copy of a migrated empty store."""

    def __init__(self, template: Path, parent: Path) -> None:
        self._template = template
        self._parent = parent
        self._made = 0

    def fresh(self) -> tuple[Path, str]:
        """A folder, and the address of the store in it."""
        self._made += 1
        folder = self._parent / f"run{self._made}"
        folder.mkdir()
        return folder, sqlite(self._template, folder)


async def refer(make: Callable[[], Scene], folders: Folders, *, plays: int = 2) -> Reference:
    """Play the scene without harm and note its points.

    Several changes in a row need one edit of a card, so how many calls there are varies with the speed of the machine;
    the points are those that every play passed.
    """
    played = [await _refer(make(), folders) for _ in range(plays)]
    for one in played[1:]:
        assert one.seen == played[0].seen, difference(one.seen, played[0].seen)
    passed = set(played[0].points).intersection(*(one.points for one in played[1:]))
    return Reference(tuple(one for one in played[0].points if one in passed), played[0].seen)


async def _refer(scene: Scene, folders: Folders) -> Reference:
    folder, store = folders.fresh()
    async with organisation(folder, store, set_up=scene.set_up) as home:
        _witness(home, folder)
        await _begin(scene, home)
        calls = len(home.server.calls)
        _arm(folder)
        await scene.act(home)
        await home.server.pulse.until(lambda: scene.shown(home), "the last answer")
        await home.settled()
        made = [call.key for call in home.server.calls[calls:]]
        lines = [line.split(" ", 2) for line in (folder / "trace").read_text().splitlines()]
        numbered = [(made[: at + 1].count(key), key) for at, key in enumerate(made)]
        points = [Point("call", side, n, key) for n, key in numbered for side in SIDES]
        points += [Point("commit", side, int(n), tables) for side, n, tables in lines]
        return Reference(tuple(points), await see(home))


async def see(home: Organisation) -> Seen:
    """What is there, counted on this side of the wire."""
    channels = Counter(one.name for one in home.guild.channels.values())
    roles = Counter(one.name for one in home.guild.roles.values())
    return Seen(home.picture(), channels, roles, await home.entries() if home.rooms() else Counter())


async def survive(scene: Scene, folders: Folders, point: Point, reference: Reference, *, nonces: bool) -> None:
    """Kill at `point`, start again, and find exactly what the reference run left. Without `nonces` this Discord has
    forgotten them by then, as it does after a few minutes. Raises AssertionError, also when the point is not hit."""
    try:
        for _ in range(TRIES):
            if await _struck(scene, folders, point, reference, nonces=nonces):
                return
        raise AssertionError(f"in {TRIES} runs the process never came to this point")
    except AssertionError as error:
        error.add_note(f"killed {point}, nonces {'kept' if nonces else 'forgotten'}")
        raise


async def _struck(scene: Scene, folders: Folders, point: Point, reference: Reference, *, nonces: bool) -> bool:
    folder, store = folders.fresh()
    async with organisation(folder, store, set_up=scene.set_up) as home:
        if point.what == "commit":
            _witness(home, folder, f"{point.side} {point.n} {point.label}")
        await _begin(scene, home)
        if point.what == "call":
            action = faults.kill(home.bot, after=point.side == "after")
            home.server.faults.on(point.label, action, nth=point.n)
        home.bot.may_end()
        _arm(folder)
        await scene.act(home)
        await home.server.pulse.until(lambda: not home.bot.running or scene.shown(home), "a death or an end")
        if home.bot.running:
            await home.server.pulse.until(lambda: _over(home), "a death or rest")
        if home.bot.running and not any(rule.struck for rule in home.server.faults.rules):
            return False
        assert await home.bot.ended() == -9
        asked = scene.answer
        await _come_back(scene, home, nonces=nonces)
        # Where not even the first sign of life came, the person's own client has told them so.
        assert asked is None or asked.answer is None or asked.finished, f"somebody still waits: {asked}"
        found = await see(home)
        assert found == reference.seen, difference(found, reference.seen)
        assert not await home.failures()
        assert not home.server.complaints and not home.server.unknown_routes
        return True


async def _come_back(scene: Scene, home: Organisation, *, nonces: bool) -> None:
    """Start the plain bot and let it reconcile; what was never recorded has left nothing, and is asked for again."""
    if not nonces:
        home.world.nonces.clear()
    home.bot.command, home.bot.environment = PLAIN, {}
    await home.bot.start()
    await home.settled()
    if not await scene.recorded(home):
        assert scene.nothing(home), home.picture()
        await scene.act(home)
        await home.server.pulse.until(lambda: scene.shown(home), "the last answer")
        await home.settled()


async def _over(home: Organisation) -> bool:
    return not home.bot.running or await home.is_settled()


async def _begin(scene: Scene, home: Organisation) -> None:
    await home.bot.start()
    await home.settled()
    await scene.prepare(home)
    if home.bot.running:
        await home.settled()


def _witness(home: Organisation, folder: Path, kill_at: str = "") -> None:
    home.bot.command = WITNESSED
    home.bot.environment = {
        "WIRE_ARMED": str(folder / "armed"),
        "WIRE_TRACE": str(folder / "trace"),
        "WIRE_KILL_AT": kill_at,
    }


def _arm(folder: Path) -> None:
    (folder / "armed").touch()


def difference(found: Seen, wanted: Seen) -> str:
    """What is too many and what is missing."""
    lines: list[str] = []
    for title, have, want in (
        ("messages", found.messages, wanted.messages),
        ("channels", found.channels, wanted.channels),
        ("roles", found.roles, wanted.roles),
        ("entries", found.entries, wanted.entries),
    ):
        lines += [f"{title}, too many: {one!r} ({count})" for one, count in (have - want).items()]
        lines += [f"{title}, missing: {one!r} ({count})" for one, count in (want - have).items()]
    return "\n".join(lines)


def sample(points: Sequence[Point], count: int, seed: int) -> list[Point]:
    """`count` points, the same for the same seed: of calls and commits in equal parts."""
    chance = random.Random(seed)
    picked: list[Point] = []
    for what in ("call", "commit"):
        of_kind = [point for point in points if point.what == what]
        picked += chance.sample(of_kind, min(count // 2, len(of_kind)))
    return picked
