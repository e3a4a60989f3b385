"""What Vigil may need on Discord, as data: capability, permission, why. Administrator is never asked for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

AUTHORIZE = "https://discord.com/oauth2/authorize"
SCOPES = "bot applications.commands"

ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_HISTORY = 1 << 16
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MENTION_EVERYONE = 1 << 17
MANAGE_ROLES = 1 << 28
PIN_MESSAGES = 1 << 51


@dataclass(frozen=True)
class Permission:
    """A right on Discord: its bit, and its name as Discord's settings show it in English."""

    bit: int
    name: str


@dataclass(frozen=True)
class Need:
    """One capability needs one permission, for this reason."""

    capability: str
    permission: Permission
    why: str


VIEW = Permission(VIEW_CHANNEL, "View Channels")
SEND = Permission(SEND_MESSAGES, "Send Messages")
EMBED = Permission(EMBED_LINKS, "Embed Links")
ATTACH = Permission(ATTACH_FILES, "Attach Files")
HISTORY = Permission(READ_HISTORY, "Read Message History")
REACT = Permission(ADD_REACTIONS, "Add Reactions")
CHANNELS = Permission(MANAGE_CHANNELS, "Manage Channels")
ROLES = Permission(MANAGE_ROLES, "Manage Roles")
PIN = Permission(PIN_MESSAGES, "Pin Messages")

NEEDS: tuple[Need, ...] = (
    Need("everything", VIEW, "see the channels in which it works"),
    Need("everything", SEND, "post pages, cards and public updates"),
    Need("everything", EMBED, "show cards with their parts set apart"),
    Need("everything", HISTORY, "find its own messages after a crash, so that nothing is posted twice"),
    Need("rooms", CHANNELS, "make a private room for each incident, and move it to the archive when it is closed"),
    Need("rooms", ROLES, "open a room to people one by one; Discord counts the rights of a channel as roles"),
    Need("rooms", PIN, "pin the incident card in its room"),
    Need("rooms", ATTACH, "let people share files in the room; Discord lets a bot grant only what it holds itself"),
    Need("log", REACT, "mark a message that went into the log"),
    Need("set-up", ROLES, "make the responders' role and give it to the people whom you choose"),
)
"""All that the capabilities of this version need; the invite link asks for exactly these."""

ALL: tuple[Permission, ...] = tuple(dict.fromkeys(need.permission for need in NEEDS))
POSTING: tuple[Permission, ...] = (VIEW, SEND, EMBED, HISTORY)
"""What it takes to post somewhere and to find it again."""


def wanted() -> int:
    """The bits of all permissions together."""
    bits = 0
    for permission in ALL:
        bits |= permission.bit
    return bits


def invite_link(application_id: int) -> str:
    """The address at which somebody with Manage Server adds the bot, with exactly the permissions that it needs."""
    query = {"client_id": application_id, "scope": SCOPES, "permissions": wanted()}
    return f"{AUTHORIZE}?{urlencode(query)}"


def missing(held: int, needed: tuple[Permission, ...] = ALL) -> tuple[Permission, ...]:
    """Those of `needed` that are not among the bits `held`; Administrator holds everything."""
    return () if held & ADMINISTRATOR else tuple(one for one in needed if not held & one.bit)


def reasons(permission: Permission) -> tuple[str, ...]:
    """Why it is asked for."""
    return tuple(need.why for need in NEEDS if need.permission == permission)
