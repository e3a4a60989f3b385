"""A server of this Discord, a small community in it, and a plain discord.py client that is connected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.wire.people import Person
from tests.wire.places import Channel
from tests.wire.server import Server

PEOPLE = ("ann", "ben")


class PlainBot(discord.Client):
    """A bot of a few lines, to see whether this Discord is like the one that discord.py knows."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, guild_ready_timeout=0.5, max_ratelimit_timeout=30.0)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.resumed = 0

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(message)

    async def on_resumed(self) -> None:
        self.resumed += 1


class Community:
    """A server with an open channel and two people; `bot` is a plain client in it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.world = server.world
        self.guild = self.world.guild("Plain")
        self.general = self.world.channel(self.guild, "general")
        users = [self.world.user(name) for name in PEOPLE]
        for user in users:
            self.world.join(self.guild, user)
        self.ann, self.ben = (server.person(user) for user in users)
        self.bot = PlainBot()
        self._running: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Start the client, unless it runs."""
        if self._running is None:
            self._running = asyncio.create_task(self.bot.start(self.world.token))
            await self.server.connected()
            await asyncio.wait_for(self.bot.wait_until_ready(), 30)

    async def close(self) -> None:
        await self.bot.close()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=10)

    def seen_by_bot(self, channel: Channel) -> discord.TextChannel:
        """A channel as the client has it."""
        found = self.bot.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        return found

    async def until(self, predicate: object, what: str) -> None:
        await self.server.pulse.until(predicate, what)  # type: ignore[arg-type]

    async def command(self, person: Person, name: str, **values: object):  # type: ignore[no-untyped-def]
        """A person sends a command of the client's tree in the open channel."""
        return await person.slash(self.general, name, **values)  # type: ignore[arg-type]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as made:
        made.answer_limit = 60.0
        yield made


@pytest.fixture
async def here(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Community]:
    """A community whose client is not connected yet."""
    monkeypatch.setattr(Route, "BASE", server.api_base)
    # A client without shards never asks where the gateway is.
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway.url))
    made = Community(server)
    yield made
    await made.close()


@pytest.fixture
async def plain(here: Community) -> Community:
    """A community whose client is ready."""
    await here.connect()
    return here
