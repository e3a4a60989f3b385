"""Servers, channels, threads and direct messages, with the JSON that real Discord would send."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.wire.actors import Json, Member, Role, User, iso
from tests.wire.bits import NONE, THREADS, Overwrite, P, in_channel, in_guild
from tests.wire.message import Message

# A channel that the bot may not view shows itself over the gateway like this.
OBFUSCATED_NAME, OBFUSCATED_FLAG = "___hidden___", 1 << 17
CHANNEL_KINDS = {"text": 0, "voice": 2, "category": 4, "news": 5, "thread": 11, "private thread": 12}
# What both sides may do in direct messages.
BASIC = P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY | P.PIN_MESSAGES


@dataclass(eq=False)
class Channel:
    """A channel, category, thread (`parent_id` is its channel) or direct-message channel (`recipient`, no guild)."""

    id: int
    type: int
    guild: Guild | None = None
    name: str = ""
    topic: str | None = None
    parent_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    recipient: User | None = None
    slowmode: int = 0
    owner_id: int = 0
    thread_members: dict[int, float] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    created_at: float = 0.0
    names: list[str] = field(default_factory=list)

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def posts(self) -> list[Message]:
        """What people wrote or the bot posted for all to see, the oldest first: no private answers, no notices."""
        return [one for one in self.messages.values() if one.is_post]

    @property
    def pins(self) -> list[Message]:
        return [one for one in self.messages.values() if one.pinned_at is not None]

    @property
    def last_id(self) -> str | None:
        return str(max(self.messages)) if self.messages else None

    def permissions(self, user: User) -> P:
        """What a person may do here; nothing for one who is not in the server."""
        if self.guild is None:
            own = self.recipient is not None and (user.bot or user.id == self.recipient.id)
            return BASIC if own else NONE
        member = self.guild.members.get(user.id)
        return in_channel(self, member) if member else NONE

    def can_see(self, user: User) -> bool:
        return bool(self.permissions(user) & P.VIEW_CHANNEL)

    def payload(self, *, obfuscated: bool = False) -> Json:
        """Discord's JSON; `obfuscated` as the gateway shows a channel that the bot may not view."""
        if self.recipient is not None:
            return {"id": str(self.id), "type": 1, "last_message_id": self.last_id, "flags": 0,
                    "recipients": [self.recipient.payload()]}  # fmt: skip
        assert self.guild is not None
        body: Json = {
            "id": str(self.id),
            "type": self.type,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "rate_limit_per_user": self.slowmode,
            "last_message_id": self.last_id,
            "flags": 0,
        }
        if self.type in THREADS:
            return body | self._thread()
        overwrites = [one.payload() for one in self.overwrites.values()]
        body |= {"position": self.position, "nsfw": False, "topic": self.topic, "permission_overwrites": overwrites}
        if obfuscated:
            hidden = Overwrite(self.guild.id, member=False, deny=P.VIEW_CHANNEL).payload()
            body |= {"name": OBFUSCATED_NAME, "topic": None, "permission_overwrites": [hidden],
                     "flags": OBFUSCATED_FLAG, "last_message_id": None}  # fmt: skip
        return body

    def _thread(self) -> Json:
        metadata = {
            "archived": self.archived,
            "locked": self.locked,
            "auto_archive_duration": 10080,
            "archive_timestamp": iso(self.created_at),
            "create_timestamp": iso(self.created_at),
            "invitable": False,
        }
        return {
            "owner_id": str(self.owner_id),
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": len(self.thread_members),
            "thread_metadata": metadata,
        }


@dataclass(eq=False)
class Guild:
    """A server. `available` false: Discord's own outage of this server; `gone`: the bot was removed from it."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    available: bool = True

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    @property
    def plain_channels(self) -> list[Channel]:
        """All channels and categories, without threads."""
        return [one for one in self.channels.values() if one.type not in THREADS]

    def channel(self, name: str) -> Channel:
        """The one channel of this name. Raises AssertionError when there is none, or more than one."""
        found = [one for one in self.channels.values() if one.name == name]
        assert len(found) == 1, (
            f"{len(found)} channels are named {name!r} among {[c.name for c in self.plain_channels]}"
        )
        return found[0]

    def channels_like(self, beginning: str) -> list[Channel]:
        return [one for one in self.channels.values() if one.name.startswith(beginning)]

    def role(self, name: str) -> Role:
        """The one role of this name. Raises AssertionError when there is none, or more than one."""
        found = [one for one in self.roles.values() if one.name == name]
        assert len(found) == 1, f"{len(found)} roles are named {name!r} among {[r.name for r in self.roles.values()]}"
        return found[0]

    def permissions(self, user: User) -> P:
        member = self.members.get(user.id)
        return in_guild(self, member) if member else NONE

    def top(self, member: Member) -> int:
        """The position of a member's highest role."""
        return max((self.roles[role].position for role in member.roles if role in self.roles), default=0)

    def payload(self) -> Json:
        """The JSON of `GET /guilds/{id}`."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "owner_id": str(self.owner_id),
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": ["COMMUNITY"],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "system_channel_id": None,
            "system_channel_flags": 0,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "description": None,
            "banner": None,
            "vanity_url_code": None,
        }
