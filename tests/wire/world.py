"""The state of this Discord, how tests set it up, and what people change in it by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.wire.actors import EPOCH_MS, Json, Member, Role, User
from tests.wire.bits import BOT, EVERYONE, NONE, THREADS, Overwrite, P
from tests.wire.message import Message
from tests.wire.places import CHANNEL_KINDS, Channel, Guild

GUILDS, MEMBERS, MODERATION, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = (1 << n for n in (0, 1, 2, 9, 12, 15))
Rights = Mapping["Role | User", "tuple[P, P]"]


@dataclass(frozen=True)
class Event:
    """Something that the gateway tells. `intents`: any of them is needed (0: none); `build` gets the session's."""

    name: str
    build: Callable[[int], Json]
    guild_id: int | None = None
    intents: int = 0


class World:
    """Everybody and everything. `clock` gives Unix seconds; ids are made from it as Discord makes them."""

    def __init__(self, *, clock: Callable[[], float] = time.time, token: str = "wire.token.secret") -> None:
        self.clock = clock
        self.token = token
        self._count = 0
        self._last_ms = 0
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.commands: list[Json] = []
        self.nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self.nonce_window = 300.0
        self.tell: Callable[[Event], None] = lambda event: None
        self.bot = self.user("vigil", bot=True)

    def snowflake(self) -> int:
        """A new id, later ones larger."""
        now = max(int(self.clock() * 1000) - EPOCH_MS, self._last_ms)
        count = self._count & 0x3FFFFF
        self._count += 1
        if count == 0x3FFFFF:
            now += 1
        self._last_ms = now
        return now << 22 | count

    # Setting up ---------------------------------------------------------------------------------------------------

    def user(self, name: str, *, bot: bool = False) -> User:
        made = User(self.snowflake(), name, bot)
        self.users[made.id] = made
        return made

    def guild(self, name: str, *, owner: User | None = None, bot_permissions: P = BOT) -> Guild:
        """A server with an owner, @everyone and the bot, whose own role holds `bot_permissions`."""
        owner = owner or self.user(f"{name} owner".lower())
        guild = Guild(self.snowflake(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE, position=0)
        self.guilds[guild.id] = guild
        self.join(guild, owner)
        self.invite_bot(guild, bot_permissions)
        return guild

    def role(self, guild: Guild, name: str, permissions: P = NONE, *, mentionable: bool = False) -> Role:
        made = Role(self.snowflake(), name, permissions, 1, mentionable)
        for other in guild.roles.values():
            other.position += other.id != guild.id
        guild.roles[made.id] = made
        self._guild_event(guild, "GUILD_ROLE_CREATE", {"role": made.payload()})
        return made

    def join(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
        made = Member(user, {role.id for role in roles}, self.clock())
        guild.members[user.id] = made
        self._guild_event(guild, "GUILD_MEMBER_ADD", made.payload(), MEMBERS)
        return made

    def channel(
        self,
        guild: Guild,
        name: str,
        kind: str = "text",
        *,
        parent: Channel | None = None,
        topic: str | None = None,
        rights: Rights | None = None,
    ) -> Channel:
        """A channel made by hand; `rights` gives (allowed, denied) per role or person."""
        overwrites = [Overwrite(who.id, isinstance(who, User), *bits) for who, bits in (rights or {}).items()]
        made = Channel(self.snowflake(), CHANNEL_KINDS[kind], guild, name, topic, parent.id if parent else None)
        made.overwrites = {one.target_id: one for one in overwrites}
        self.add_channel(made)
        return made

    def dm(self, user: User) -> Channel:
        """The direct-message channel between the bot and a person."""
        for one in self.channels.values():
            if one.recipient is user:
                return one
        made = Channel(self.snowflake(), 1, recipient=user)
        self.channels[made.id] = made
        return made

    # What changes -------------------------------------------------------------------------------------------------

    def add_channel(self, channel: Channel) -> None:
        assert channel.guild is not None
        channel.created_at = self.clock()
        channel.position = channel.position or len(channel.guild.channels)
        channel.names.append(channel.name)
        self.channels[channel.id] = channel.guild.channels[channel.id] = channel
        self.channel_event("THREAD_CREATE" if channel.type in THREADS else "CHANNEL_CREATE", channel)

    def delete_channel(self, channel: Channel) -> None:
        """The channel, its threads and all that was said there are gone; a category's children lose their parent."""
        guild = channel.guild
        assert guild is not None
        for child in list(guild.channels.values()):
            if child.parent_id == channel.id and child.type in THREADS:
                self.delete_channel(child)
            elif child.parent_id == channel.id:
                child.parent_id = None
                self.channel_event("CHANNEL_UPDATE", child)
        self.channels.pop(channel.id, None)
        guild.channels.pop(channel.id, None)
        self.channel_event("THREAD_DELETE" if channel.type in THREADS else "CHANNEL_DELETE", channel)

    def set_rights(self, channel: Channel, who: Role | User, allow: P = NONE, deny: P = NONE) -> None:
        """Set the overwrite of a role or person by hand; with neither, take it away."""
        channel.overwrites.pop(who.id, None)
        if allow or deny:
            channel.overwrites[who.id] = Overwrite(who.id, isinstance(who, User), allow, deny)
        self.channel_event("CHANNEL_UPDATE", channel)

    def grant_bot(self, guild: Guild, permissions: P) -> None:
        """Give the bot's own role exactly these permissions."""
        role = guild.role(self.bot.name)
        role.permissions = permissions
        self._guild_event(guild, "GUILD_ROLE_UPDATE", {"role": role.payload()})
        for channel in guild.plain_channels:
            self.channel_event("CHANNEL_UPDATE", channel)

    def delete_role(self, guild: Guild, role: Role) -> None:
        guild.roles.pop(role.id)
        for member in guild.members.values():
            member.roles.discard(role.id)
        for channel in guild.channels.values():
            channel.overwrites.pop(role.id, None)
        self._guild_event(guild, "GUILD_ROLE_DELETE", {"role_id": str(role.id)})

    def set_roles(self, guild: Guild, user: User, roles: Iterable[Role]) -> None:
        member = guild.members[user.id]
        member.roles = {role.id for role in roles}
        own = user is self.bot
        self._guild_event(guild, "GUILD_MEMBER_UPDATE", member.payload(), 0 if own else MEMBERS)

    def leave(self, guild: Guild, user: User) -> None:
        """A person leaves, or is removed from, a server."""
        guild.members.pop(user.id)
        self._guild_event(guild, "GUILD_MEMBER_REMOVE", {"user": user.payload()}, MEMBERS)

    def kick_bot(self, guild: Guild) -> None:
        """The bot is removed from the server, and its role with it."""
        guild.members.pop(self.bot.id)
        for role in [one for one in guild.roles.values() if one.managed]:
            guild.roles.pop(role.id)
        self._event("GUILD_DELETE", lambda intents: {"id": str(guild.id)}, guild.id)

    def invite_bot(self, guild: Guild, permissions: P = BOT) -> None:
        """The bot joins with a role of its own above all others."""
        top = max(role.position for role in guild.roles.values()) + 1
        role = Role(self.snowflake(), self.bot.name, permissions, top, managed=True)
        guild.roles[role.id] = role
        guild.members[self.bot.id] = Member(self.bot, {role.id}, self.clock())
        self._event("GUILD_CREATE", lambda intents: self.guild_create(guild), guild.id, GUILDS)

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Discord's own outage of one server begins, or is over."""
        guild.available = over
        if over:
            self._event("GUILD_CREATE", lambda intents: self.guild_create(guild), guild.id, GUILDS)
        else:
            self._event("GUILD_DELETE", lambda intents: {"id": str(guild.id), "unavailable": True}, guild.id, GUILDS)

    # Looking ------------------------------------------------------------------------------------------------------

    def bot_guilds(self) -> list[Guild]:
        return [guild for guild in self.guilds.values() if self.bot.id in guild.members]

    def guild_create(self, guild: Guild) -> Json:
        """The JSON of GUILD_CREATE: without the members intent, only the bot itself; hidden channels obfuscated."""
        threads = [one for one in guild.channels.values() if one.type in THREADS and not one.archived]
        return guild.payload() | {
            "joined_at": guild.members[self.bot.id].payload()["joined_at"],
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [guild.members[self.bot.id].payload()],
            "channels": [one.payload(obfuscated=not one.can_see(self.bot)) for one in guild.plain_channels],
            "threads": [one.payload() for one in threads if one.can_see(self.bot)],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    # Telling ------------------------------------------------------------------------------------------------------

    def channel_event(self, name: str, channel: Channel) -> None:
        """Tell of a channel; what the bot may not view is told obfuscated, and a thread not at all."""
        assert channel.guild is not None
        if self.bot.id not in channel.guild.members:
            return
        hidden = not channel.can_see(self.bot)
        if hidden and channel.type in THREADS:
            return
        body = channel.payload(obfuscated=hidden)
        if name == "THREAD_CREATE":
            body["newly_created"] = True
        self._event(name, lambda intents: body, channel.guild.id, GUILDS)

    def message_event(self, name: str, message: Message) -> None:
        """Tell of a message that the bot can see, its words only where Discord lets the bot read them."""
        channel = message.channel
        if message.ephemeral_to is not None or not channel.can_see(self.bot):
            return
        own = channel.guild is None or message.author is self.bot or self.bot in message.mentions
        extra: Json = {}
        if channel.guild is not None:
            extra["guild_id"] = str(channel.guild.id)
            member = channel.guild.members.get(message.author.id)
            if member:
                extra["member"] = member.payload(user=False)
        shown, censored = message.payload() | extra, message.payload(censored=True) | extra
        if name == "MESSAGE_DELETE":
            shown = censored = {"id": str(message.id), "channel_id": str(channel.id), **extra}
        self._event(
            name,
            lambda intents: shown if own or intents & CONTENT else censored,
            channel.guild.id if channel.guild else None,
            GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES,
        )

    def _guild_event(self, guild: Guild, name: str, body: Json, intents: int = GUILDS) -> None:
        if self.bot.id in guild.members:
            self._event(name, lambda _: body | {"guild_id": str(guild.id)}, guild.id, intents)

    def _event(self, name: str, build: Callable[[int], Json], guild_id: int | None, intents: int = 0) -> None:
        self.tell(Event(name, build, guild_id, intents))
