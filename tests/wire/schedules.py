"""Several mishaps in one story, as data: drawn at random, made smaller when they fail, pasted into a test as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.wire import faults
from tests.wire.calls import Answer, Call
from tests.wire.faults import Action, Apply
from tests.wire.killing import PLAIN, Seen, agrees, arm, disarm, look_again, see, witness
from tests.wire.mischief import FAULTS, SLOW, Trouble
from tests.wire.organisation import Organisation
from tests.wire.scenes import SCENES
from tests.wire.snapshots import Prepared, Scene, Stores, prepared

CALLBACK = "POST /interactions/{}/{}/callback"
ROUTES = (
    CALLBACK,
    "PATCH /webhooks/{}/{}/messages/@original",
    "POST /channels/{}/messages",
    "PATCH /channels/{}/messages/{}",
    "GET /channels/{}/messages",
    "POST /guilds/{}/channels",
    "PUT /channels/{}/messages/pins/{}",
    "*",
)
KILLS = ("kill before", "kill after", "kill, late")
STORIES = (
    ("declare",),
    ("declare", "acknowledge", "publish", "resolve"),
    ("declare", "severity", "handoff", "resolve"),
    ("escalate",),
    ("resolve", "archive"),
    ("go private",),
)
MOST_LIVES = 12


@dataclass(frozen=True)
class Mishap:
    """What happens to the `nth` call of a route, or (route "commit", "before" or "after") at the nth commit of a life.

    `what`: one of `mischief.FAULTS`, or of `KILLS`.
    """

    route: str
    nth: int
    what: str


@dataclass(frozen=True)
class Schedule:
    """A story, scene by scene, and all that goes wrong in it."""

    story: tuple[str, ...]
    mishaps: tuple[Mishap, ...]


def schedules(most: int = 4) -> st.SearchStrategy[Schedule]:
    """Any story with up to `most` mishaps."""
    quick = [one for one in FAULTS if one not in SLOW]
    at_calls = st.builds(Mishap, st.sampled_from(ROUTES), st.integers(1, 6), st.sampled_from([*quick, *KILLS]))
    at_commits = st.builds(Mishap, st.just("commit"), st.integers(1, 12), st.sampled_from(("before", "after")))
    mishaps = st.lists(st.one_of(at_calls, at_commits), min_size=1, max_size=most, unique_by=_struck_once)
    return st.builds(Schedule, st.sampled_from(STORIES), mishaps.map(tuple))


def _struck_once(one: Mishap) -> object:
    """Each call has one fate; a first answer that is struck again and again is given up, as Discord gives it up."""
    return one.route if one.route == CALLBACK else (one.route, one.nth)


@dataclass
class Stories:
    """Stories at rest before they begin, each with what it leaves when nothing goes wrong."""

    stores: Stores
    _stack: AsyncExitStack
    _known: dict[tuple[str, ...], tuple[Prepared, Seen]] = field(default_factory=dict)

    async def of(self, story: tuple[str, ...]) -> tuple[Prepared, Seen]:
        """Played once, when it is first asked for."""
        if story not in self._known:
            ready = await self._stack.enter_async_context(prepared(SCENES[story[0]], self.stores))
            async with ready.begun() as (home, first, _):
                run = _Run(home, Schedule(story, ()))
                await run.through(first)
                self._known[story] = ready, await see(home)
        return self._known[story]


@asynccontextmanager
async def stories(stores: Stores) -> AsyncIterator[Stories]:
    """Stories on these stores."""
    async with AsyncExitStack() as stack:
        yield Stories(stores, stack)


async def play(known: Stories, schedule: Schedule) -> None:
    """Live through it, and find in the end what is there when nothing goes wrong. Raises AssertionError."""
    ready, wanted = await known.of(schedule.story)
    try:
        async with ready.begun() as (home, first, _):
            run = _Run(home, schedule)
            await run.through(first)
            await run.end()
            await agrees(home, wanted)
    except AssertionError as error:
        error.add_note(f"{schedule}")
        raise


class _Run:
    """One life of a story, over as many lives of the process as it takes."""

    def __init__(self, home: Organisation, schedule: Schedule) -> None:
        self.home = home
        self.story = schedule.story
        self.trouble = Trouble()
        self.armed = self.dying = False
        self.commits = [f"{one.what} {one.nth}" for one in schedule.mishaps if one.route == "commit"]
        for one in schedule.mishaps:
            if one.route != "commit":
                home.server.faults.on(one.route, self._action(one.what), nth=one.nth, when=self._strikes)

    def _strikes(self, call: Call) -> bool:
        return self.armed

    def _action(self, what: str) -> Action:
        if what not in KILLS:
            return FAULTS[what](self.home, self.trouble)
        if what == "kill, late":
            gate = faults.kill_late(self.home.bot)
            self.trouble.release.append(gate.release)
            self.trouble.hurry = True
            return self._deadly(gate)
        return self._deadly(faults.kill(self.home.bot, after=what == "kill after"))

    def _deadly(self, kill: Action) -> Action:
        """Note at once that this life is over, though it takes a moment until it is."""

        async def act(call: Call, apply: Apply) -> Answer:
            self.dying = True
            return await kill(call, apply)

        return act

    async def through(self, first: Scene) -> None:
        """Scene by scene; what a scene needs before it happens without mishaps."""
        for n, name in enumerate(self.story):
            scene = SCENES[name]() if n else first
            if n:
                await self._alive()
                await scene.lead_up(self.home)
                if self.home.bot.running:
                    await self.home.settled()
            await self._happens(scene)

    async def _happens(self, scene: Scene) -> None:
        home = self.home
        if not scene.asleep:
            await self._alive()
        self._next_life()
        home.bot.may_end()
        self._arm()
        await scene.act(home)
        for _ in range(MOST_LIVES):
            await home.server.pulse.until(lambda: self._rests(scene), "a death or the end")
            if home.bot.running and (scene.answer is None or await home.acted_on(scene.answer)):
                break
            if not home.bot.running:
                self._next_life()
                await home.bot.start(ready=False)
                home.bot.may_end()
                await home.server.pulse.until(self._back, "a death or a connection")
            if home.bot.running and scene.answer is not None and not await home.acted_on(scene.answer):
                await scene.act(home)
        else:
            raise AssertionError(f"in {MOST_LIVES} lives it was not done")
        self._disarm()

    def _arm(self) -> None:
        self.armed = True
        arm(self.home.bot.folder)

    def _disarm(self) -> None:
        self.armed = False
        disarm(self.home.bot.folder)

    async def _rests(self, scene: Scene) -> bool:
        """Dead, or done: nothing waits, and whoever asked has an answer, or the store has what they asked for."""
        if not self.home.bot.running:
            return True
        asked = scene.answer
        if asked is None:
            return scene.shown(self.home) and await self.home.is_settled()
        return (asked.finished or await self.home.acted_on(asked)) and await self.home.is_settled()

    async def _back(self) -> bool:
        if not self.home.bot.running:
            return True
        return bool(self.home.server.gateway.connected) and await self.home.is_settled()

    def _next_life(self) -> None:
        """The bot's next life ends at the next commit that the schedule names, if there is one."""
        home = self.home
        if home.bot.running:
            return
        self.dying = False
        if self.commits:
            witness(home, home.bot.folder, self.commits.pop(0))
        else:
            home.bot.command, home.bot.environment = PLAIN, {}

    async def _alive(self) -> None:
        """It runs, hears the gateway and rests."""
        self._disarm()
        await self.home.server.pulse.until(lambda: not (self.dying and self.home.bot.running), "the death")
        if not self.home.bot.running:
            self._next_life()
            await self.home.bot.start()
        await self.home.connected()
        await self.home.settled()

    async def end(self) -> None:
        """No more mishaps; what was late lands, and a minute passes."""
        self.commits.clear()
        await self._alive()
        for release in self.trouble.release:
            release()
        if self.trouble.hurry:
            await look_again(self.home)
