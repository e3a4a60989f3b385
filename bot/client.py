"""The gateway side: a discord.py client that hands everything to the cogs and keeps no truth of its own."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any, Protocol

import aiohttp
import discord
import structlog
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket

from bot.discord_port import tracing
from bot.kernel.errors import StoreTrouble
from bot.kernel.observer import NOBODY, Observer

log = structlog.get_logger(__name__)

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, moderation=True)
"""None of these is privileged."""
UNREACHABLE = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, ValueError)
MISSED_AT_MOST, READ_AT_MOST = timedelta(hours=6), 200
"""How far back a room is read after a session was lost."""
UNKNOWN_CHANNEL = 10003
KINDS = {
    discord.InteractionType.application_command: "command",
    discord.InteractionType.component: "component",
    discord.InteractionType.modal_submit: "form",
    discord.InteractionType.autocomplete: "autocomplete",
}
"""Interactions by what people did, and no more of it."""
SYNC_WITHIN_S = 20
SYNC_AGAIN_S, SYNC_AGAIN_AT_MOST_S = 5.0, 600.0


class CommandHash(Protocol):
    """Remembers what was registered last, so that the command tree is sent only when it changed."""

    async def load(self, application_id: int) -> str | None: ...
    async def save(self, application_id: int, digest: str) -> None: ...


OnInteraction = Callable[[discord.Interaction[Any]], Awaitable[None]]
OnMention = Callable[[discord.Message, Any], Awaitable[str | None]]
OnChannel = Callable[[discord.abc.GuildChannel], Awaitable[None]]
OnGuild = Callable[[discord.Guild], Awaitable[None]]


class FirstAnswers(Protocol):
    """First answers go first."""

    def under_way(self) -> AbstractContextManager[None]: ...
    async def gone(self) -> None: ...


class Answers(Protocol):
    """Notes who waits for an answer and who has it."""

    @property
    def first(self) -> FirstAnswers: ...
    async def asked(
        self, interaction_id: int, token: str, *, application_id: int, guild_id: int | None, user_id: int, quiet: bool
    ) -> None: ...
    async def answered(self, interaction_id: int) -> None: ...
    async def unanswered(self, interaction_id: int, *, ran: bool) -> None: ...


class Tree(app_commands.CommandTree["VigilClient"]):
    """The command tree; its failures end in one place."""

    on_failure: Callable[[discord.Interaction[Any], BaseException], Awaitable[None]]
    at_once: OnInteraction

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Before what was typed is even read: the first answer, where the command says so."""
        try:
            await self.at_once(interaction)
        except Exception as error:  # noqa: BLE001 - what a command raises becomes a sentence, and so does this
            await self.on_failure(interaction, error)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        """Every failing command becomes a sentence."""
        await self.on_failure(interaction, error)


class VigilClient(discord.AutoShardedClient):
    """Wired by `bot.bootstrap`; every listener is handed in."""

    def __init__(
        self,
        *,
        start_work: Callable[[], Coroutine[Any, Any, None]],
        stop_work: Callable[[], Awaitable[None]],
        command_hash: CommandHash,
        answers: Answers,
        tree_groups: Sequence[app_commands.Group | app_commands.Command[Any, ..., Any] | app_commands.ContextMenu],
        on_component: OnInteraction,
        at_once: OnInteraction,
        on_failure: Callable[[discord.Interaction[Any], BaseException], Awaitable[None]],
        on_mention: OnMention,
        on_channel_gone: OnChannel,
        rooms: Callable[[], Awaitable[Sequence[tuple[int, int]]]],
        on_room_gone: Callable[[int, int], Awaitable[None]],
        on_joined: OnGuild,
        on_removed: OnGuild,
        on_present: Callable[[Sequence[discord.Guild]], Awaitable[None]],
        observer: Observer = NOBODY,
        **options: Any,
    ) -> None:
        super().__init__(
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            max_ratelimit_timeout=30.0,
            http_trace=tracing(observer),
            **options,
        )
        self._start_work, self._stop_work = start_work, stop_work
        self._command_hash = command_hash
        self.answers = answers
        self._on_component, self._on_mention = on_component, on_mention
        self._on_channel_gone, self._on_joined, self._on_removed = on_channel_gone, on_joined, on_removed
        self._rooms, self._on_room_gone, self._on_present = rooms, on_room_gone, on_present
        self._observer = observer
        self.ready_once = False
        self._work: asyncio.Task[None] | None = None
        self._resync: asyncio.Task[None] | None = None
        self.tree = Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self.tree.on_failure, self.tree.at_once = on_failure, at_once
        for command in tree_groups:
            self.tree.add_command(command)

    async def launch_shards(self) -> None:
        """Ask where the gateway is, then connect.

        With a shard count the library would not ask, and whenever a session has to be begun afresh it goes to its
        built-in address: both would pass by a proxy.
        """
        if self.is_closed():
            return
        shards, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        if self.shard_count is None:
            self.shard_count = shards
        await super().launch_shards()

    async def setup_hook(self) -> None:
        """Once, after login and before the gateway: the work that waited comes first, a page may be in it."""
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._start_work(), name="start")
        await asyncio.shield(self._work)  # a login that takes too long is begun again; the work is not
        if not await self._sync():
            self._resync = asyncio.get_running_loop().create_task(self._sync_in_the_end(), name="commands")

    async def _sync(self) -> bool:
        """Register the commands if they changed. False when Discord did not take them: pages go on without them."""
        assert self.application_id is not None
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands(type=None)]
        payload.sort(key=lambda one: (one["type"], one["name"]))
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        if await self._command_hash.load(self.application_id) == digest:
            return True
        try:
            async with asyncio.timeout(SYNC_WITHIN_S):
                await self.tree.sync()
        except UNREACHABLE as error:
            log.error("commands.not_synced", why=type(error).__name__, words=str(error)[:300])
            return False
        with suppress(StoreTrouble):  # then they are registered once more at the next start
            await self._command_hash.save(self.application_id, digest)
        log.info("commands.synced", count=len(payload))
        return True

    async def _sync_in_the_end(self) -> None:
        wait = SYNC_AGAIN_S
        while not self.is_closed():
            await asyncio.sleep(wait)
            if await self._sync():
                return
            wait = min(wait * 2, SYNC_AGAIN_AT_MOST_S)

    @property
    def connected(self) -> tuple[int, int]:
        """How many shards have a connection now, and how many this process is to have."""
        own = list(self.shards.values()) if self.shard_count is not None else []
        return sum(not one.is_closed() for one in own), len(self.shard_ids or ()) or self.shard_count or 1

    @property
    def well(self) -> bool:
        """Whether all of its shards are connected and their servers known. A library that was ready once stays so."""
        now, wanted = self.connected
        return self.is_ready() and now == wanted

    async def on_ready(self) -> None:
        """May fire many times."""
        self.ready_once = True
        log.info("gateway.ready", servers=len(self.guilds))
        await self._on_present(self.guilds)
        await self._catch_up()

    async def on_socket_event_type(self, _name: str) -> None:
        """Anything that the gateway says."""
        self._observer.gateway_event()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Every interaction; commands are the tree's own, so buttons, selects and forms are handed on."""
        self._observer.interaction(interaction.id, KINDS.get(interaction.type, "other"))
        await self._on_component(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """A mention is a log entry; there are no prefix commands."""
        if self.user is None or message.author.bot or self.user.id not in {one.id for one in message.mentions}:
            return
        try:
            mark = await self._on_mention(message, self.user)
            if mark is not None:
                await message.add_reaction(mark)
        except StoreTrouble as error:
            with suppress(*UNREACHABLE):
                await message.reply(str(error), mention_author=False)
        except UNREACHABLE as error:
            log.info("mention.not_marked", why=type(error).__name__)

    async def _catch_up(self) -> None:
        """A new session tells nothing of what happened before it: look into the rooms for what was missed."""
        for guild_id, channel_id in await self._rooms():
            try:
                await self._read_again(guild_id, channel_id)
            except UNREACHABLE as error:
                if isinstance(error, discord.NotFound) and error.code == UNKNOWN_CHANNEL:
                    await self._on_room_gone(guild_id, channel_id)
                log.warning("room.not_read", channel=channel_id, why=type(error).__name__)

    async def _read_again(self, guild_id: int, channel_id: int) -> None:
        guild = self.get_guild(guild_id)
        if guild is None:
            return
        place = self.get_partial_messageable(channel_id, guild_id=guild_id)
        since = discord.utils.utcnow() - MISSED_AT_MOST
        async for message in place.history(limit=READ_AT_MOST, after=since, oldest_first=True):
            taken = any(one.me for one in message.reactions)
            if taken or message.author.bot or self.user not in message.mentions:
                continue
            message.author = await guild.fetch_member(message.author.id)
            await self.on_message(message)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A room may have been deleted by hand."""
        await self._on_channel_gone(channel)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """It is there: perhaps again, and nobody told that Vigil was invited back."""
        await self._on_present([guild])

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited."""
        await self._on_joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed; the record stays for the time that the docs state."""
        await self._on_removed(guild)

    async def close(self) -> None:
        """Stop the work first, so that nothing is half done, then the gateway."""
        if self._resync is not None:
            self._resync.cancel()
        if not self.is_closed():
            await self._stop_work()
        await super().close()
