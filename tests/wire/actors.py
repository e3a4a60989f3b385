"""Accounts, roles and members, with the JSON that real Discord would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.wire.bits import NONE, P

Json = dict[str, Any]
EPOCH_MS = 1_420_070_400_000


def iso(seconds: float) -> str:
    """An instant (Unix seconds) as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(eq=False)
class User:
    """An account. With `dms_open` false, bots cannot write to it."""

    id: int
    name: str
    bot: bool = False
    dms_open: bool = True

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """Discord's JSON."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0001" if self.bot else "0",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "flags": 0,
        }


@dataclass(eq=False)
class Role:
    """A role of a server; the one whose id is the server's is @everyone."""

    id: int
    name: str
    permissions: P = NONE
    position: int = 1
    mentionable: bool = False
    managed: bool = False
    colour: int = 0
    hoist: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    def payload(self) -> Json:
        """Discord's JSON."""
        colours = {"primary_color": self.colour, "secondary_color": None, "tertiary_color": None}
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": self.colour,
            "colors": colours,
            "hoist": self.hoist,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(eq=False)
class Member:
    """A person in a server."""

    user: User
    roles: set[int] = field(default_factory=set)
    joined_at: float = 0.0
    timed_out: bool = False

    def payload(self, *, user: bool = True) -> Json:
        """Discord's JSON."""
        body: Json = {
            "roles": [str(role) for role in sorted(self.roles)],
            "joined_at": iso(self.joined_at),
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "communication_disabled_until": iso(self.joined_at + 10**9) if self.timed_out else None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
        }
        return {**body, "user": self.user.payload()} if user else body
