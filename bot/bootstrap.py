"""The composition root: the one place that builds and wires everything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from sqlalchemy import text, update

from bot import client as gateway
from bot.answers import Answers, LateAnswer
from bot.answers.service import LATE
from bot.backup.daily import before_upgrade, daily
from bot.deadlines import store as due_store
from bot.deadlines.engine import DeadlineEngine
from bot.discord_port import DiscordPort, Overwrite
from bot.effects import Handler
from bot.effects.messages import TWINS, MessageTwins
from bot.effects.runner import Runner
from bot.incidents import store as incident_store
from bot.incidents import wiring as incidents
from bot.incidents.cards.card import due_words
from bot.incidents.service.look import LookService
from bot.incidents.service.places import PlaceService
from bot.kernel.clock import Clock, SystemClock
from bot.kernel.errors import StoreTrouble
from bot.kernel.observer import NOBODY, Observer
from bot.oncall.service import OnCallService
from bot.safety_net import SafetyNet
from bot.servers.drafts import DraftService
from bot.settings import Settings
from bot.storage import Engines, UnitOfWork, checkup, open_engines, schema
from bot.storage.engine import room, sqlite_file
from bot.storage.remembered import CommandMemory, Remembered
from bot.storage.uow import Listener
from bot.updates import wiring as updates
from bot.updates.service import CorrectService, ResolveService, UpdateService
from cogs.incidents import IncidentsCog, IncidentServices
from cogs.oncall import OnCallCog
from cogs.present import at_once
from cogs.router import Route, Router
from cogs.setup import SetupCog
from cogs.updates import UpdatesCog

log = structlog.get_logger(__name__)

SYSTEM_CLOCK = SystemClock()
STOP_WORK_S, CLOSE_STORE_S = 6.0, 1.0
"""How long the work may take to end when the process stops; of that, what is kept for letting go of the store."""


@dataclass(frozen=True)
class Upcoming:
    """Something due: the instant (aware UTC), what it is, and which rule asks; `overdue`: its time came, it is owed."""

    due_at: datetime
    words: str
    reason: str
    overdue: bool = False


class Duty(StrEnum):
    """What a process does now, beside what is due."""

    STARTING = "starting"
    SERVING = "serving"  # it has the gateway connection of its shards
    WAITING = "waiting"  # another process has it; this one takes over when that one ends
    WORKING = "working"  # it is meant to have none


@dataclass
class App:
    """Everything that runs, wired. `client` is the gateway side; `start_work` and `stop_work` the rest."""

    settings: Settings
    engines: Engines
    uow: UnitOfWork
    runner: Runner
    deadlines: DeadlineEngine
    port: DiscordPort
    safety_net: SafetyNet | None
    answers: Answers
    client: gateway.VigilClient
    duty: Duty = Duty.STARTING
    _prepared: bool = False
    _taken_back: bool = False
    _stopped: bool = False

    async def prepare(self) -> None:
        """See that the store is whole and bring it to this version's schema. Raises bot.storage.schema.SchemaError."""
        if not self._prepared:
            if (file := sqlite_file(self.settings.database.url)) is not None:
                await asyncio.to_thread(checkup.check, file)
                await before_upgrade(self.settings, self.uow.clock)
            await schema.ensure(self.settings.database.url)
            self._prepared = True

    async def take_back(self, *, alone: bool) -> None:
        """Once, before any work: what an earlier life left half done.

        Where this process is not `alone` on the store, it may be another one's work, which is taken up when its lease
        has run out.
        """
        if self._taken_back:
            return
        await self.answers.catch_up(alone=alone)
        if alone:
            await self.runner.take_back()
            await self.deadlines.take_back()
        self._taken_back = True

    def heard(self, parts: frozenset[str]) -> None:
        """Look at "effects" or "deadlines": this process, or another one, committed something."""
        if "effects" in parts:
            self.runner.kick()
        if "deadlines" in parts:
            self.deadlines.kick()

    async def start_work(self) -> None:
        """Catch up with what waited, then keep going."""
        self._stopped = False
        await self.prepare()
        await self.take_back(alone=True)
        await self.runner.start()
        await self.deadlines.start()
        if self.safety_net is not None:
            self.safety_net.start()

    async def stop_work(self, within_s: float = STOP_WORK_S) -> None:
        """Let what is under way end, for `within_s` seconds in all; nothing is lost by stopping anywhere."""
        if self._stopped:
            return
        self._stopped = True
        end = asyncio.get_running_loop().time() + within_s
        if self.safety_net is not None:
            self.safety_net.stop()
        each = max(within_s - CLOSE_STORE_S, 0)
        await asyncio.gather(self.deadlines.stop(each), self.runner.stop(each))
        await self.answers.close()
        letting_go = asyncio.create_task(self.engines.close(), name="store")
        await asyncio.wait({letting_go}, timeout=max(end - asyncio.get_running_loop().time(), 0))

    async def upcoming(self, guild_id: int | None = None) -> list[Upcoming]:
        """What is owed, by its time; for an operator's eyes, so nothing of private incidents is in it."""
        async with self.uow.read() as tx:
            private = await incident_store.private_subjects(tx, guild_id)
            rows = await due_store.upcoming(tx, guild_id=guild_id, besides=private)
        return [Upcoming(row.due_at, due_words(row), row.reason, row.overdue) for row in rows]

    async def revision(self) -> str | None:
        """The store's schema; None for one without. Raises what the store raises when it does not answer."""
        async with self.uow.read() as tx:
            found: str | None = await tx.session.scalar(text(f"SELECT version_num FROM {schema.VERSIONS}"))
        return found

    async def writes(self) -> bool:
        """Whether the store takes what is written; tried only where it did not take the last that was."""
        if self.uow.trouble is not None and await asyncio.to_thread(room, self.settings.database.url):
            with suppress(StoreTrouble):
                async with self.uow() as tx:
                    await tx.session.execute(update(Remembered).values(at=Remembered.at))
        return self.uow.trouble is None

    async def close(self) -> None:
        """Let go of everything; safe after a crash of the client too."""
        await self.stop_work()


def build(
    settings: Settings,
    *,
    clock: Clock = SYSTEM_CLOCK,
    safety_net: bool = True,
    observer: Observer = NOBODY,
    **client_options: Any,
) -> App:
    """Wire one process. Connects to nothing yet. Tests and the rehearsal hand in another clock.

    `observer`: is told of what happens, for figures.
    """
    engines = open_engines(settings.database.url)
    uow = UnitOfWork(engines, clock, listeners=_listeners())
    port = DiscordPort(lambda: client.http)

    def own_id() -> int:
        assert client.user is not None, "logged in"
        return client.user.id

    handlers: Mapping[str, Handler] = {
        **incidents.effect_handlers(port, Overwrite, own_id),
        **updates.effect_handlers(port, own_id),
        **SetupCog.effect_handlers(port, own_id),
        TWINS: MessageTwins(port, own_id),
        LATE: LateAnswer(port),
    }
    answers = Answers(uow)
    runner = Runner(uow, handlers, urgent=incidents.URGENT, on_stuck=incidents.stuck, observer=observer)
    due = {**incidents.deadline_handlers(), **updates.deadline_handlers()}
    deadlines = DeadlineEngine(uow, due, observer=observer)
    incident_cog = IncidentsCog(IncidentServices.of(uow))
    update_cog = UpdatesCog(
        UpdateService(uow), CorrectService(uow), ResolveService(uow), LookService(uow), PlaceService(uow)
    )
    oncall_cog = OnCallCog(OnCallService(uow))
    setup_cog = SetupCog.build(uow)
    for command in update_cog.incident_commands():
        incident_cog.group.add_command(command)
    for command in setup_cog.oncall_commands():
        oncall_cog.group.add_command(command)
    routes: dict[str, Route] = {
        **incident_cog.routes,
        **update_cog.routes,
        **oncall_cog.routes,
        **setup_cog.routes,
    }
    parts: Sequence[Any] = (
        incident_cog.group,
        *incident_cog.menus,
        *update_cog.commands(),
        *oncall_cog.commands(),
        *setup_cog.commands(),
    )
    router = Router(routes, DraftService(uow), incident_cog.refills)
    app: App

    async def start_work() -> None:
        await app.start_work()

    async def stop_work() -> None:
        await app.stop_work()

    client = gateway.VigilClient(
        start_work=start_work,
        stop_work=stop_work,
        command_hash=CommandMemory(uow),
        answers=answers,
        tree_groups=parts,
        on_component=router.on_interaction,
        at_once=at_once,
        on_failure=router.command_failed,
        on_mention=incident_cog.on_mention,
        on_channel_gone=incident_cog.on_room_deleted,
        rooms=incident_cog.rooms,
        on_room_gone=incident_cog.on_gone,
        on_joined=setup_cog.on_joined,
        on_removed=setup_cog.on_removed,
        on_present=setup_cog.on_present,
        observer=observer,
        **client_options,
    )
    backup = daily(settings, clock)
    # On a SQLite file nobody else can have died; where others share the store, somebody must answer for them.
    left_waiting = None if engines.sqlite else partial(answers.catch_up, alone=False)
    look = backup.look if backup else None
    net = SafetyNet(runner.kick, deadlines.kick, uow, look, left_waiting) if safety_net else None
    app = App(settings, engines, uow, runner, deadlines, port, net, answers, client)
    uow.on_commit.append(app.heard)
    return app


def _listeners() -> Mapping[type, Sequence[Listener]]:
    """Event → who above listens."""
    return {**updates.listeners(), **SetupCog.listeners()}
