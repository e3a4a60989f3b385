"""Kill the bot at a chosen point of what a person set going, start it again, and see what there is in the end."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.wire import faults
from tests.wire.calls import Answer, Call
from tests.wire.organisation import Organisation, named
from tests.wire.snapshots import Prepared, Scene, Stores, prepared

WITNESSED = ("-m", "tests.wire.commit_points", "run")
PLAIN = ("-m", "bot", "run")
TRIES = 6
# How many are played beside each other by one test process: each waits most of its time for its bot.
AT_ONCE = 3
# Of a commit, and of a call that only reads, there is no other side than these two.
SIDES = ("before", "after")
# Killed when the call was sent, which is applied when all is done again; of what makes something new also just before
# it is made once more. Any other call that lands so early is as if it had been on time.
LATE, LATE_FIRST = "late", "late, first"
MAKES = ("POST /guilds/", "POST /channels/")
# A role that lands late stays: Vigil deletes no roles, since it cannot see who has one.
NEVER_LATE = frozenset({"POST /guilds/{guild_id}/roles"})


@dataclass(frozen=True)
class Point:
    """An instant at which to kill: before or after the n-th REST call of a kind, or the n-th commit to these tables.

    `sure`: every play passes it. Several changes in a row need one edit of a card, so how many calls there are varies
    with the speed of the machine.
    """

    what: str
    side: str
    n: int
    label: str
    sure: bool = True

    def __str__(self) -> str:
        return f"{self.side} {self.what} {self.n} ({self.label})"


@dataclass(frozen=True)
class Seen:
    """All that is there in the end: messages for all to see, channels, roles, entries of the log."""

    messages: Counter[str]
    channels: Counter[str]
    roles: Counter[str]
    entries: Counter[str]


@dataclass(frozen=True)
class Reference:
    """Runs in which nothing was killed: every point that they passed, and what was there in the end."""

    ready: Prepared
    points: tuple[Point, ...]
    seen: Seen


@asynccontextmanager
async def referred(make: Callable[[], Scene], stores: Stores, *, plays: int = 2) -> AsyncIterator[Reference]:
    """Play the scene without harm and note its points; all plays must leave the same."""
    async with prepared(make, stores) as ready:
        played = [await _played(ready) for _ in range(plays)]
        for one in played[1:]:
            assert one[1] == played[0][1], difference(one[1], played[0][1])
        everywhere = set(played[0][0]).intersection(*(points for points, _ in played[1:]))
        passed = dict.fromkeys(point for points, _ in played for point in points)
        points = (Point(*one, sure=one in everywhere) for one in passed)
        yield Reference(ready, tuple(points), played[0][1])


async def _played(ready: Prepared) -> tuple[list[tuple[str, str, int, str]], Seen]:
    async with ready.begun() as (home, scene, folder):
        witness(home, folder)
        await begin(scene, home)
        calls = len(home.server.calls)
        arm(folder)
        await scene.act(home)
        await home.server.pulse.until(lambda: scene.shown(home), "the last answer")
        await home.settled()
        made = [call.key for call in home.server.calls[calls:]]
        points = [("call", side, made[: at + 1].count(key), key) for at, key in enumerate(made) for side in _sides(key)]
        lines = [line.split(" ", 2) for line in (folder / "trace").read_text().splitlines()]
        points += [("commit", side, int(n), tables) for side, n, tables in lines]
        return points, await see(home)


def _sides(key: str) -> tuple[str, ...]:
    if key in NEVER_LATE or key.startswith("GET "):
        return SIDES
    return (*SIDES, LATE, LATE_FIRST) if key.startswith(MAKES) else (*SIDES, LATE)


async def see(home: Organisation) -> Seen:
    """What is there, counted on this side of the wire."""
    channels = Counter(named(one) for one in home.guild.channels.values())
    roles = Counter(one.name for one in home.guild.roles.values())
    return Seen(home.picture(), channels, roles, await home.logged())


async def survive_all(reference: Reference, points: Iterable[tuple[Point, bool]]) -> None:
    """`survive` at each point, with or without the nonces. Raises AssertionError with all that went wrong."""
    await all_of([partial(survive, reference, point, nonces=nonces) for point, nonces in points])


async def all_of(plays: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Play a few beside each other. Raises AssertionError with all that went wrong, after the last."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(play: Callable[[], Awaitable[None]]) -> str | None:
        async with turn:
            try:
                await play()
            except AssertionError as error:
                return "\n".join([str(error), *getattr(error, "__notes__", ())])
        return None

    told = [words for words in await asyncio.gather(*(one(play) for play in plays)) if words]
    assert not told, f"{len(told)} of {len(plays)} went wrong\n" + "\n\n".join(told)


async def survive(reference: Reference, point: Point, *, nonces: bool) -> None:
    """Kill at `point`, start again, and find exactly what the reference run left. Without `nonces` this Discord has
    forgotten them by then, as it does after a few minutes. Raises AssertionError, also when a sure point is not hit."""
    try:
        for _ in range(TRIES if point.sure else 1):
            if await _struck(reference, point, nonces=nonces):
                return
        assert not point.sure, f"in {TRIES} runs the process never came to this point"
    except AssertionError as error:
        error.add_note(f"killed {point}, nonces {'kept' if nonces else 'forgotten'}")
        raise


async def _struck(reference: Reference, point: Point, *, nonces: bool) -> bool:
    async with reference.ready.begun() as (home, scene, folder):
        if point.what == "commit":
            witness(home, folder, f"{point.side} {point.n} {point.label}")
        await begin(scene, home)
        before = home.picture(), len(home.guild.channels)
        gate: faults.late | None = None
        if point.what == "call":
            gate = faults.kill_late(home.bot) if point.side in (LATE, LATE_FIRST) else None
            action = gate or faults.kill(home.bot, after=point.side == "after")
            home.server.faults.on(point.label, action, nth=point.n)
        home.bot.may_end()
        arm(folder)
        await scene.act(home)
        await home.server.pulse.until(lambda: not home.bot.running or scene.shown(home), "a death or an end")
        if home.bot.running:
            await home.server.pulse.until(lambda: _over(home), "a death or rest")
        if home.bot.running and not any(rule.struck for rule in home.server.faults.rules):
            return False
        assert await home.bot.ended() == -9
        if not nonces:
            home.world.nonces.clear()
        asked = scene.answer
        await _come_back(scene, home, before, gate, point)
        # Where not even the first sign of life came, the person's own client has told them so.
        assert asked is None or asked.answer is None or asked.finished, f"somebody still waits: {asked}"
        await agrees(home, reference.seen)
        return True


async def agrees(home: Organisation, wanted: Seen) -> None:
    """Everything is there once, nothing failed, and nothing is left to do for ever."""
    found = await see(home)
    assert found == wanted, difference(found, wanted)
    assert not await home.failures()
    assert not await home.stuck()
    assert not home.server.complaints and not home.server.unknown_routes
    assert "Traceback" not in home.bot.output, home.bot.output[-4000:]


async def _come_back(
    scene: Scene, home: Organisation, before: tuple[Counter[str], int], gate: faults.late | None, point: Point
) -> None:
    """Start the plain bot and let it reconcile; what was never recorded has left nothing, and is asked for again."""
    home.bot.command, home.bot.environment = PLAIN, {}
    if gate is not None and point.side == LATE_FIRST:
        home.server.faults.on(point.label, _after(gate))
    await home.bot.start()
    await home.settled()
    if scene.answer is not None and not await home.acted_on(scene.answer):
        assert (home.picture(), len(home.guild.channels)) == before, home.picture() - before[0]
        await scene.act(home)
        await home.server.pulse.until(lambda: scene.shown(home), "the last answer")
        await home.settled()
    if gate is not None:
        gate.release()
        await gate.landed.wait()
        await look_again(home)


async def look_again(home: Organisation) -> None:
    """A minute passes: the bot looks once more for what may have landed late."""
    assert await home.bot.stop() == 0
    await home.hurry()
    await home.bot.start()
    await home.settled()


def _after(gate: faults.late) -> faults.Action:
    """What was sent before lands just before this call."""

    async def act(call: Call, apply: faults.Apply) -> Answer:
        gate.release()
        await gate.landed.wait()
        return await apply()

    return act


async def _over(home: Organisation) -> bool:
    return not home.bot.running or await home.is_settled()


async def begin(scene: Scene, home: Organisation) -> None:
    """The bot is at rest and the scene may happen."""
    if not scene.asleep:
        await home.bot.start()
        await home.settled()


def witness(home: Organisation, folder: Path, kill_at: str = "") -> None:
    """From its next start on its commits are written down once `folder` is armed; it kills itself at `kill_at`."""
    home.bot.command = WITNESSED
    home.bot.environment = {
        "WIRE_ARMED": str(folder / "armed"),
        "WIRE_TRACE": str(folder / "trace"),
        "WIRE_KILL_AT": kill_at,
    }


def arm(folder: Path) -> None:
    """From now on commits count."""
    (folder / "armed").touch()


def disarm(folder: Path) -> None:
    """No more."""
    (folder / "armed").unlink(missing_ok=True)


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
