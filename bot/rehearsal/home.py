"""Vigil itself on the simulated server, on a store in a temporary folder, set up as `/setup` leaves it."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import structlog

from bot.bootstrap import App, build
from bot.kernel.clock import Clock
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.rehearsal.cast import COMMS, CORE_TEAM, MODERATORS, RESPONDERS, SECURITY, Company
from bot.rehearsal.stage import Stage, raise_curtain
from bot.servers import store as servers
from bot.settings import load_settings
from bot.storage import UnitOfWork

STANDINGS = {
    RESPONDERS: Standing.RESPONDER,
    CORE_TEAM: Standing.CORE,
    MODERATORS: Standing.MODERATOR,
    SECURITY: Standing.SECURITY,
    COMMS: Standing.COMMS,
}
INCIDENTS, UPDATES, OPERATIONS = "Incidents", "updates", "operations"


def maker(folder: Path) -> Callable[[Clock], App]:
    """Builds Vigil as each new process would, on one SQLite file in this folder."""

    def make(clock: Clock) -> App:
        settings = load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'vigil.db'}"}, folder)
        return build(settings, clock=clock, safety_net=False, shard_count=1)

    return make


@asynccontextmanager
async def at_home(company: Company, *, opens_at: datetime) -> AsyncIterator[Stage]:
    """A stage at `opens_at` with Vigil set up on the company's server; the folder is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="vigil-rehearsal-") as folder:
        async with raise_curtain(company, maker(Path(folder)), opens_at=opens_at) as stage:
            await set_up(stage, company)
            yield stage


async def set_up(stage: Stage, company: Company) -> None:
    """The choices of `/setup`: channels, roles, roster, rotation."""
    app = stage.vigil
    assert isinstance(app, App), "the real Vigil"
    guild_id = stage.guild.id
    rooms = {one.name: one.id for one in stage.env.backend.channels.values() if one.guild_id == guild_id}
    roles = {standing: stage.guild.roles[name].id for name, standing in STANDINGS.items() if name in stage.guild.roles}
    # Without listeners: what was so before anybody came sets nothing going.
    async with UnitOfWork(app.engines, app.uow.clock)() as tx:
        await servers.server(tx, guild_id)
        await servers.change_settings(
            tx,
            guild_id,
            person_id=None,
            category_id=rooms[INCIDENTS],
            updates_channel_id=rooms[UPDATES],
            operations_channel_id=rooms[OPERATIONS],
            roles={str(standing): role_id for standing, role_id in roles.items()},
            zone="UTC",
        )
        for name, standing in STANDINGS.items():
            for person in company.with_role(name):
                await servers.enrol(tx, guild_id, stage.players[person.key].id, standing)
        turns = [stage.players[key].id for key in company.on_call]
        await oncall.put_rotation(tx, guild_id, turns)


def quiet() -> None:
    """Let a terminal show the rehearsal and not its machinery: warnings go nowhere, errors to stderr."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger().setLevel(logging.ERROR)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
