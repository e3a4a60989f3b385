"""A scene that is about to happen, played up to there once and then begun from copies: of the store, and of Discord."""

from __future__ import annotations

import copy
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from tests.stores import copy_on_postgresql
from tests.wire.interactions import Interaction
from tests.wire.organisation import Organisation, organisation, sqlite
from tests.wire.server import Server


class Scene(Protocol):
    """Something that a person, or time, sets going. `set_up`: whether the server is set up before; `asleep`: the bot is
    not running when it begins, and starting it is what sets it going."""

    set_up: bool
    asleep: bool
    answer: Interaction | None

    async def prepare(self, home: Organisation) -> None:
        """What comes before; nothing is killed yet."""

    async def lead_up(self, home: Organisation) -> None:
        """The part of it that comes after a declaration."""

    async def act(self, home: Organisation) -> None:
        """What the person does."""

    def shown(self, home: Organisation) -> bool:
        """Whether the person has the last answer, where nothing is killed."""


@dataclass
class Stores:
    """Stores with a folder each: copies of a migrated empty one, `template` on SQLite or `postgres`, or of another."""

    template: Path
    parent: Path
    postgres: str | None = None
    _made: int = field(default=0, init=False)

    @asynccontextmanager
    async def copy(self, original: str | None = None) -> AsyncIterator[tuple[Path, str]]:
        """A folder, and the address of a store: a copy of the one at this address, on which nobody works."""
        self._made += 1
        folder = self.parent / f"run{self._made}"
        folder.mkdir(parents=True)
        if self.postgres is None:
            file = self.template if original is None else Path(make_url(original).database or "")
            yield folder, sqlite(file, folder)
        else:
            name = self.postgres if original is None else make_url(original).database or ""
            async with copy_on_postgresql(name) as address:
                yield folder, address
        # What a test that failed leaves behind is kept for whoever looks into it.
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Prepared:
    """A scene at rest before it begins."""

    scene: Scene
    home: Organisation
    address: str
    stores: Stores

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[tuple[Organisation, Scene, Path]]:
        """A copy of everything, in which the bot does not run yet."""
        async with self.stores.copy(self.address) as (folder, address), Server() as server:
            made = Organisation(server, folder, address)
            before = self.home
            known = {
                id(before.server): server,
                id(before.server.pulse): server.pulse,
                id(before.server.gateway): server.gateway,
                id(before.bot): made.bot,
                id(before.uow): made.uow,
            }
            parts = (before.world, before.server.interactions, before.server.renames, vars(before), self.scene)
            world, interactions, renames, state, scene = copy.deepcopy(parts, known)
            server.world = server.gateway.world = world
            server.interactions, server.renames, server.answer_limit = interactions, renames, before.server.answer_limit
            vars(made).update(state)
            made.bot.forked = True
            async with made.at_work():
                yield made, scene, folder


@asynccontextmanager
async def prepared(make: Callable[[], Scene], stores: Stores) -> AsyncIterator[Prepared]:
    """Play what comes before the scene, and leave everything at rest."""
    scene = make()
    async with stores.copy() as (folder, address):
        async with organisation(folder, address, set_up=scene.set_up) as home:
            await home.bot.start()
            await home.settled()
            await scene.prepare(home)
            if home.bot.running:
                await home.settled()
                assert await home.bot.stop() == 0
        yield Prepared(scene, home, address, stores)
