"""The gateway side: a discord.py client that hands everything to the cogs and keeps no truth of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands

log = structlog.get_logger(__name__)

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, moderation=True)
"""None of these is privileged."""


class CommandHash(Protocol):
    """Remembers what was registered last, so that the command tree is sent only when it changed."""

    async def load(self, application_id: int) -> str | None: ...
    async def save(self, application_id: int, digest: str) -> None: ...


OnInteraction = Callable[[discord.Interaction[Any]], Awaitable[None]]
OnMention = Callable[[discord.Message, Any], Awaitable[str | None]]
OnChannel = Callable[[discord.abc.GuildChannel], Awaitable[None]]
OnGuild = Callable[[discord.Guild], Awaitable[None]]
OnMemberGone = Callable[[int, int], Awaitable[None]]


class Tree(app_commands.CommandTree["VigilClient"]):
    """The command tree; its failures end in one place."""

    on_failure: Callable[[discord.Interaction[Any], BaseException], Awaitable[None]]

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        """Every failing command becomes a sentence."""
        await self.on_failure(interaction, error)


class VigilClient(commands.AutoShardedBot):
    """Wired by `bot.bootstrap`; every listener is handed in."""

    def __init__(
        self,
        *,
        start_work: Callable[[], Awaitable[None]],
        stop_work: Callable[[], Awaitable[None]],
        command_hash: CommandHash,
        tree_groups: Sequence[app_commands.Group | app_commands.Command[Any, ..., Any] | app_commands.ContextMenu],
        on_component: OnInteraction,
        on_failure: Callable[[discord.Interaction[Any], BaseException], Awaitable[None]],
        on_mention: OnMention,
        on_channel_gone: OnChannel,
        on_joined: OnGuild,
        on_removed: OnGuild,
        **options: Any,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=INTENTS,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            max_ratelimit_timeout=30.0,
            **options,
        )
        self._start_work, self._stop_work = start_work, stop_work
        self._command_hash = command_hash
        self._on_component, self._on_mention = on_component, on_mention
        self._on_channel_gone, self._on_joined, self._on_removed = on_channel_gone, on_joined, on_removed
        self.ready_once = False
        self._working = False
        self._unsynced = False
        assert isinstance(self.tree, Tree)
        self.tree.on_failure = on_failure
        for command in tree_groups:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        """Once, after login and before the gateway: the work that waited comes first, a page may be in it."""
        if not self._working:
            self._working = True
            await self._start_work()
        await self._sync()

    async def _sync(self) -> None:
        """Register the commands if they changed; when Discord cannot take them now, the next READY tries again."""
        assert self.application_id is not None
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands(type=None)]
        payload.sort(key=lambda one: (one["type"], one["name"]))
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        if await self._command_hash.load(self.application_id) == digest:
            return
        try:
            await self.tree.sync()
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            log.warning("commands.not_synced", why=type(error).__name__)
            self._unsynced = True
            return
        self._unsynced = False
        await self._command_hash.save(self.application_id, digest)
        log.info("commands.synced", count=len(payload))

    async def on_ready(self) -> None:
        """May fire many times."""
        self.ready_once = True
        if self._unsynced:
            await self._sync()
        log.info("gateway.ready", servers=len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Buttons, selects and forms."""
        await self._on_component(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """A mention is a log entry; there are no prefix commands."""
        if self.user is None or message.author.bot or self.user.id not in {one.id for one in message.mentions}:
            return
        mark = await self._on_mention(message, self.user)
        if mark is not None:
            try:
                await message.add_reaction(mark)
            except discord.HTTPException as error:
                log.info("mention.not_marked", status=error.status, code=error.code)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A room may have been deleted by hand."""
        await self._on_channel_gone(channel)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited."""
        await self._on_joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed; the record stays for the time that the docs state."""
        await self._on_removed(guild)

    async def close(self) -> None:
        """Stop the work first, so that nothing is half done, then the gateway."""
        if not self.is_closed():
            await self._stop_work()
        await super().close()
