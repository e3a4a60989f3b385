"""Every call of a scene under every fault of the wire; in the end this Discord holds what it holds without one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.wire import faults
from tests.wire.calls import Call
from tests.wire.faults import Action, Apply
from tests.wire.killing import TRIES, Reference, agrees, all_of, begin, look_again
from tests.wire.organisation import Organisation


@dataclass
class Trouble:
    """What a fault left behind: `release` what still hangs or lands late. `hurry`: look at what waits for later."""

    release: list[Callable[[], None]] = field(default_factory=list)
    hurry: bool = False


Maker = Callable[[Organisation, Trouble], Action]


def _late(home: Organisation, trouble: Trouble) -> Action:
    gate = faults.late()
    trouble.release.append(gate.release)
    trouble.hurry = True
    return gate


def _hung(*, applied: bool) -> Maker:
    def make(home: Organisation, trouble: Trouble) -> Action:
        gate = faults.hold(applied=applied)
        trouble.release.append(gate.release)
        trouble.hurry = True
        return gate

    return make


def _on_the_gateway(what: Callable[[Organisation], object]) -> Maker:
    """The call works; then something happens to the gateway connection."""

    def make(home: Organisation, trouble: Trouble) -> Action:
        async def act(call: Call, apply: Apply) -> faults.Answer:
            answer = await apply()
            done = what(home)
            if hasattr(done, "__await__"):
                await done
            return answer

        return act

    return make


async def _without_the_server(home: Organisation) -> None:
    """The session is lost, and the next one tells of the server only after a while."""
    home.server.gateway.withheld.add(home.guild.id)
    home.server.gateway.invalidate()
    asyncio.get_running_loop().call_later(A_WHILE, home.server.gateway.release, home.guild.id)


def _outage(home: Organisation) -> None:
    """Discord's own outage of this server, for a while."""
    home.world.outage(home.guild)
    asyncio.get_running_loop().call_later(A_WHILE, lambda: home.world.outage(home.guild, over=True))


def _always(action: Callable[[], Action]) -> Maker:
    return lambda home, trouble: action()


TROUBLE = (500, 502, 503, 504, 520)
A_WHILE = 1.0
FAULTS: dict[str, Maker] = {
    "reset before": _always(faults.reset_before),
    "reset after": _always(faults.reset_after),
    "closed before": _always(lambda: faults.reset_before(clean=True)),
    "closed after": _always(lambda: faults.reset_after(clean=True)),
    **{f"{code}": _always(partial(faults.status, code)) for code in TROUBLE},
    **{f"{code} applied": _always(partial(faults.status, code, applied=True)) for code in TROUBLE},
    "429": _always(lambda: faults.rate_limited(0.3)),
    "429 shared": _always(lambda: faults.rate_limited(0.3, scope="shared")),
    "429 global": _always(lambda: faults.rate_limited(0.3, everywhere=True)),
    "429 at the edge": _always(faults.blocked),
    "garbage": _always(faults.garbage),
    "slow": _always(lambda: faults.slow(before=0.3, after=0.3)),
    "late": _late,
    "hung": _hung(applied=False),
    "hung applied": _hung(applied=True),
    "resumed": _on_the_gateway(lambda home: home.server.gateway.drop()),
    "reconnect": _on_the_gateway(lambda home: home.server.gateway.reconnect()),
    "invalid session": _on_the_gateway(lambda home: home.server.gateway.invalidate()),
    "closed 4000": _on_the_gateway(lambda home: home.server.gateway.close(4000)),
    "closed 4009": _on_the_gateway(lambda home: home.server.gateway.close(4009)),
    "without the server": _on_the_gateway(_without_the_server),
    "outage of the server": _on_the_gateway(_outage),
}
SLOW = frozenset({"hung", "hung applied"})


@dataclass(frozen=True)
class Case:
    """The n-th call of its kind in a scene, under a fault."""

    scene: str
    n: int
    label: str
    fault: str

    def __str__(self) -> str:
        return f"{self.scene}: {self.fault} at call {self.n} ({self.label})"


def cases(scene: str, reference: Reference) -> list[Case]:
    """The product of a scene's calls and the faults."""
    calls = [(point.n, point.label) for point in reference.points if point.what == "call" and point.side == "before"]
    return [Case(scene, n, label, fault) for n, label in calls for fault in FAULTS]


def sampled(found: Sequence[Case], count: int, seed: int) -> list[Case]:
    """`count` cases, the same for the same seed, without those that take long."""
    quick = [one for one in found if one.fault not in SLOW]
    return random.Random(seed).sample(quick, min(count, len(quick)))


async def weather_all(reference: Reference, found: Iterable[Case]) -> None:
    """`weather` for each case. Raises AssertionError with all that went wrong."""
    await all_of([partial(weather, reference, case) for case in found])


async def weather(reference: Reference, case: Case) -> None:
    """Play the scene under the fault; the person has an answer, and what is there is what `reference` left."""
    try:
        for _ in range(TRIES):
            if await _weather(reference, case):
                return
        raise AssertionError(f"in {TRIES} runs the call was not made")
    except AssertionError as error:
        error.add_note(str(case))
        raise


async def _weather(reference: Reference, case: Case) -> bool:
    async with reference.ready.begun() as (home, scene, _):
        await begin(scene, home)
        trouble = Trouble()
        rule = home.server.faults.on(case.label, FAULTS[case.fault](home, trouble), nth=case.n)
        await scene.act(home)
        await home.server.pulse.until(lambda: scene.shown(home), "the last answer")
        await home.settled()
        for release in trouble.release:
            release()
        await home.connected()
        await home.settled()
        if trouble.hurry:
            await look_again(home)
        if not rule.struck:
            return False
        await agrees(home, reference.seen)
        return True
