"""A server's channels and roles as Discord has them at one moment, and what they allow; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.setup.permissions import ADMINISTRATOR, VIEW_CHANNEL

TEXT, CATEGORY, NEWS = 0, 4, 5
EVERYTHING = (1 << 60) - 1


@dataclass(frozen=True)
class Right:
    """What a channel allows and denies one role or member."""

    target_id: int
    allow: int
    deny: int


@dataclass(frozen=True)
class SeenChannel:
    """A channel or category; `rights` are its own overwrites."""

    id: int
    name: str
    kind: int
    parent_id: int | None = None
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True)
class SeenRole:
    """A role. `managed`: it belongs to a bot or an integration and can be given to nobody; `bot_id`: that bot."""

    id: int
    name: str
    position: int = 0
    permissions: int = 0
    managed: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(frozen=True)
class Seen:
    """The server as the bot sees it. `hidden`: channels that exist and that the bot may not view."""

    guild_id: int
    name: str
    owner_id: int
    own_id: int
    own_roles: frozenset[int]
    channels: Mapping[int, SeenChannel] = field(default_factory=dict)
    roles: Mapping[int, SeenRole] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    @property
    def own_role_name(self) -> str:
        """The role that Discord made for the bot; where its rights are granted."""
        names = [role.name for role in self.roles.values() if role.bot_id == self.own_id]
        return names[0] if names else "Vigil"

    @property
    def held(self) -> int:
        """The bot's rights in the whole server."""
        bits = self._everyone
        for role_id in self.own_roles & self.roles.keys():
            bits |= self.roles[role_id].permissions
        return EVERYTHING if bits & ADMINISTRATOR else bits

    @property
    def _everyone(self) -> int:
        role = self.roles.get(self.guild_id)
        return role.permissions if role else 0

    def held_in(self, channel: SeenChannel) -> int:
        """The bot's rights in this channel. Source: Discord's documented algorithm for overwrites."""
        base = self.held
        if base & ADMINISTRATOR:
            return base
        rights = {one.target_id: one for one in channel.rights}
        if everyone := rights.get(self.guild_id):
            base = base & ~everyone.deny | everyone.allow
        mine = [rights[one] for one in self.own_roles if one in rights and one != self.guild_id]
        for one in mine:
            base &= ~one.deny
        for one in mine:
            base |= one.allow
        if own := rights.get(self.own_id):
            base = base & ~own.deny | own.allow
        return base if base & VIEW_CHANNEL else 0

    def open_to_everyone(self, channel: SeenChannel) -> bool:
        """Whether every member sees this channel."""
        base = self._everyone
        for one in channel.rights:
            if one.target_id == self.guild_id:
                base = base & ~one.deny | one.allow
        return bool(base & (VIEW_CHANNEL | ADMINISTRATOR))

    @property
    def top(self) -> int:
        """How high the bot's highest role stands."""
        return max((self.roles[one].position for one in self.own_roles & self.roles.keys()), default=0)

    def can_give(self, role: SeenRole) -> bool:
        """Whether the bot may give this role to people, its own rights apart."""
        return not role.managed and role.id != self.guild_id and role.position < self.top

    def administrators(self) -> tuple[SeenRole, ...]:
        """Roles with Administrator, the bot's own apart: Discord shows them every private room."""
        return tuple(
            role
            for role in sorted(self.roles.values(), key=lambda one: -one.position)
            if role.permissions & ADMINISTRATOR and role.bot_id != self.own_id
        )

    def inside(self, category_id: int) -> int:
        """How many channels a category holds, as far as the bot sees them."""
        return sum(1 for one in self.channels.values() if one.parent_id == category_id)


def server_of(
    guild: Mapping[str, Any],
    channels: list[dict[str, Any]],
    member: Mapping[str, Any],
    *,
    own_id: int,
    hidden: frozenset[int] = frozenset(),
) -> Seen:
    """From Discord's JSON of a server, its channels and the bot's own membership."""
    guild_id = int(guild["id"])
    return Seen(
        guild_id=guild_id,
        name=str(guild.get("name") or ""),
        owner_id=int(guild["owner_id"]),
        own_id=own_id,
        own_roles=frozenset({guild_id, *(int(one) for one in member.get("roles", ()))}),
        channels={int(one["id"]): _channel(one) for one in channels},
        roles={int(one["id"]): _role(one) for one in guild.get("roles", ())},
        hidden=hidden,
    )


def _channel(data: Mapping[str, Any]) -> SeenChannel:
    return SeenChannel(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        kind=int(data.get("type") or 0),
        parent_id=int(data["parent_id"]) if data.get("parent_id") else None,
        rights=tuple(
            Right(int(one["id"]), int(one["allow"]), int(one["deny"])) for one in data.get("permission_overwrites", ())
        ),
    )


def _role(data: Mapping[str, Any]) -> SeenRole:
    bot_id = (data.get("tags") or {}).get("bot_id")
    return SeenRole(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        position=int(data.get("position") or 0),
        permissions=int(data.get("permissions") or 0),
        managed=bool(data.get("managed")),
        mentionable=bool(data.get("mentionable")),
        bot_id=int(bot_id) if bot_id else None,
    )
