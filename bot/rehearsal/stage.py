"""A simulated Discord server with Vigil on it, in a time that stands still until somebody moves it.

The only module that arranges simcord's world; the page and the plays stand on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import discord
import simcord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, RoleHandle, UserHandle

from bot.kernel.clock import Clock
from bot.rehearsal import faces
from bot.rehearsal.cast import Company, Person
from bot.rehearsal.clock import VirtualClock

SETTLE_S = 60.0
# One move of the clock is made in steps, so that the budget of simcord holds for each and not for a whole day.
STEP = timedelta(minutes=15)

log = logging.getLogger(__name__)


class Due(Protocol):
    """What is owed: when, in what words, and why; `overdue`: its time came, and nobody did it yet."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def words(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def overdue(self) -> bool: ...


class Vigil(Protocol):
    """The bot as a rehearsal needs it."""

    @property
    def client(self) -> discord.Client: ...

    async def prepare(self) -> None:
        """What takes its time and needs no Discord, such as the schema; called before each start."""
        ...

    async def upcoming(self, guild_id: int) -> Sequence[Due]:
        """What is owed in that server, earliest first."""
        ...

    async def close(self) -> None:
        """Let go of the database and of everything else. Called when simcord has ended its tasks, as a crash would."""
        ...


MakeVigil = Callable[[Clock], Vigil]


class _Curtain(discord.Client):
    """Stands in for Vigil while the server is being arranged."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))


@dataclass(frozen=True)
class Player:
    """A person of the cast with the handles by which they act, on the server and in direct messages."""

    person: Person
    member: MemberActor
    user: UserHandle

    @property
    def id(self) -> int:
        """Their Discord id."""
        return self.user.id


class Stage:
    """Built by `raise_curtain`. Whoever acts on it holds `turn()`: simcord does one thing at a time."""

    def __init__(self, env: Env, guild: GuildHandle, players: dict[str, Player], make: MakeVigil) -> None:
        self.env = env
        self.guild = guild
        self.players = players
        self.vigil: Vigil | None = None
        self.restarts = 0
        self._make = make
        self._clock = VirtualClock(env.now)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One act at a time."""
        async with self._turn:
            yield

    def now(self) -> datetime:
        """The simulated instant, aware, in UTC."""
        return self.env.now()

    @property
    def bot_id(self) -> int:
        """Vigil's Discord id."""
        return self.env.backend.bot_user.id

    def player(self, user_id: int) -> Player | None:
        """Who has this Discord id; None: nobody of the cast."""
        return next((one for one in self.players.values() if one.id == user_id), None)

    async def launch(self) -> None:
        """Start Vigil as a new process would, after the crash of the one before it, on the same database."""
        before, self.vigil = self.vigil, self._make(self._clock)
        await self.vigil.prepare()
        await self.env.restart_bot(self.vigil.client)
        if before is not None:
            self.restarts += 1
            await before.close()

    async def advance(self, by: timedelta) -> None:
        """Let this much time pass; everything that falls due meanwhile happens, in order.

        Raises TimeoutError where Vigil does not come to rest; the clock then stands where it stopped.
        """
        end = self.now() + by
        while (left := end - self.now()) > timedelta(0):
            await self.env.advance_time(min(left, STEP).total_seconds())

    async def advance_to(self, at: datetime) -> None:
        """Let time pass until `at`; an instant that has passed changes nothing."""
        await self.advance(max(timedelta(0), at - self.now()))

    async def upcoming(self) -> Sequence[Due]:
        """What is owed on this server, earliest first."""
        return await self.vigil.upcoming(self.guild.id) if self.vigil else ()

    async def advance_to_next(self) -> Due | None:
        """Let time pass until the next deadline has fallen due; None: nothing is due, and time stands."""
        due = next((one for one in await self.upcoming() if not one.overdue), None)
        if due is not None:
            await self.advance_to(due.due_at)
            await self._over_the_edge(due)
        return due

    async def _over_the_edge(self, due: Due) -> None:
        # Timers count in floating seconds and may wake a hair after the instant itself.
        if any(one.due_at == due.due_at and not one.overdue for one in await self.upcoming()):
            await self.advance(timedelta(seconds=1))

    def faults(self) -> list[BaseException]:
        """What Vigil raised and did not handle, since the start."""
        return self.env.errors


@asynccontextmanager
async def raise_curtain(company: Company, make: MakeVigil, *, opens_at: datetime) -> AsyncIterator[Stage]:
    """A stage with the company's server and people at `opens_at`, and Vigil started there.

    `make` is called for each start of Vigil. Whatever it raised stays readable in `Stage.faults`.
    """
    stage: Stage | None = None
    try:
        async with simcord.run(_Curtain(), check_errors=False, settle_timeout=SETTLE_S) as env:
            await env.advance_time(max(0.0, (opens_at - env.now()).total_seconds()))
            env.backend.edit_bot_profile("Vigil").avatar = faces.MARK
            guild, players = _arrange(env, company)
            stage = Stage(env, guild, players, make)
            await stage.launch()
            yield stage
    finally:
        if stage is not None and stage.vigil is not None:
            await stage.vigil.close()


def _arrange(env: Env, company: Company) -> tuple[GuildHandle, dict[str, Player]]:
    users = {one.key: env.create_user(one.key, global_name=one.name, avatar=faces.MARK) for one in company.people}
    owner = next((users[one.key] for one in company.people if one.owner), None)
    guild = env.create_guild(company.name, owner=owner)
    roles = {seed.name: guild.create_role(seed.name, color=seed.colour) for seed in company.roles}
    players = {}
    for one in company.people:
        member = _seat(env, guild, users[one.key], [roles[name] for name in one.roles], owner=one.owner)
        players[one.key] = Player(one, member, users[one.key])
        env.backend.get_dm_channel(users[one.key].id)
    _rooms(guild, company, roles)
    return guild, players


def _seat(env: Env, guild: GuildHandle, user: UserHandle, roles: list[RoleHandle], *, owner: bool) -> MemberActor:
    # The owner is a member from the first instant; seating them again would lose their roles.
    if not owner:
        return guild.add_member(user, roles=roles)
    env.backend.get_guild(guild.id).members[user.id].role_ids.extend(role.id for role in roles)
    return MemberActor(env, guild, user)


def _rooms(guild: GuildHandle, company: Company, roles: dict[str, RoleHandle]) -> None:
    categories: dict[str, ChannelHandle] = {}
    hidden, shown = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    for seed in company.rooms:
        if seed.category not in categories:
            categories[seed.category] = guild.create_category(seed.category)
        room = partial(
            guild.create_text_channel, seed.name, category=categories[seed.category], topic=seed.topic or None
        )
        if seed.only is None:
            room()
        else:
            assert guild.me is not None, "Vigil is a member"
            room(overwrites={guild.default_role: hidden, roles[seed.only]: shown, guild.me: shown})
