"""(a) How long somebody who declares waits for the first answer, against a bare discord.py bot that defers.

Waves of one and of fifty at the same instant, each side's in turn, in pairs. Both have open connections to this
Discord; between waves Vigil does what was declared and comes to rest. Every declaration is of its own, by a responder.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from benchmarks.measure import Result, Scale, at
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.storage import migrate
from tests.wire.interactions import Interaction
from tests.wire.organisation import Organisation
from tests.wire.people import Person
from tests.wire.server import Server

DECLARE, BARE = "incident declare", "bare"
REACH = 1.2
AGAINST = "a bare discord.py bot that defers"


async def acknowledging(folder: Path, scale: Scale) -> list[Result]:
    """p50 and p99, at one and at many in flight."""
    found = []
    async with side(folder / "vigil", DECLARE) as vigil, side(folder / "bare", BARE) as bare:
        for one in (vigil, bare):
            for _ in range(3):
                await one.wave(1)
        await vigil.wave(scale.crowd)
        for together in (1, scale.crowd):
            waves = scale.single if together == 1 else 1
            pairs = [await _pair(vigil, bare, together, waves, turn) for turn in range(scale.pairs)]
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                mine, theirs = ([at(share, pair[which]) for pair in pairs] for which in (0, 1))
                times = median(one / other for one, other in zip(mine, theirs, strict=True))
                what = f"acknowledgement of /incident declare, {together} in flight, {name}"
                found.append(Result(what, median(mine), AGAINST, median(theirs), reach=REACH, times=times))
    return found


async def _pair(vigil: Side, bare: Side, together: int, waves: int, turn: int) -> tuple[list[float], list[float]]:
    """What each one waited: for Vigil, for the bare bot."""
    waited: dict[str, list[float]] = {DECLARE: [], BARE: []}
    for wave in range(waves):
        for one in (vigil, bare) if (turn + wave) % 2 else (bare, vigil):
            if one is bare and together > 1:
                await bare.wave(together)  # it has nothing else to do, and would else have let its connections go
            waited[one.command] += await one.wave(together)
    return waited[DECLARE], waited[BARE]


class Side:
    """A bot in a server of its own, and the people who press at once."""

    def __init__(self, home: Organisation, command: str, crowd: list[Person]) -> None:
        self.home, self.command = home, command
        self._turn = itertools.cycle(crowd)

    async def wave(self, many: int) -> list[float]:
        """So many at the same instant; seconds until each had a first answer. Ends when the bot is at rest."""
        asked = [await self._ask(next(self._turn)) for _ in range(many)]
        for one in asked:
            await one.answered()
        if self.command != BARE:
            await self.home.settled()
        return [one.answered_after or 0.0 for one in asked]

    async def _ask(self, person: Person) -> Interaction:
        if self.command == BARE:
            return await person.slash(self.home.general, BARE)
        title = f"{secrets.token_hex(4)} {secrets.token_hex(4)} out"
        return await person.slash(self.home.general, self.command, title=title, severity="SEV-1", kind="outage")


@asynccontextmanager
async def side(folder: Path, command: str, crowd: int = 60) -> AsyncIterator[Side]:
    """Vigil, set up, or the bare bot; it runs."""
    folder.mkdir()
    url = f"sqlite+aiosqlite:///{folder}/vigil.db"
    await migrate.upgrade(url)
    async with Server() as server:
        home = Organisation(server, folder, url)
        people = []
        for number in range(crowd):
            user = server.world.user(f"person{number}")
            server.world.join(home.guild, user)
            people.append(server.person(user))
        if command == BARE:
            home.bot.command = ("-m", "benchmarks.bare_bot")
        else:
            await home.seed()
            async with home.uow() as tx:
                for one in people:
                    await servers.enrol(tx, home.guild.id, one.user.id, Standing.RESPONDER)
        async with home.at_work():
            await home.bot.start()
            yield Side(home, command, people)
