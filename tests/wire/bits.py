"""Permissions as Discord computes them: roles, then overwrites, with the owner and administrators above both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.wire.actors import Member
    from tests.wire.places import Channel, Guild


class P(IntFlag):
    """The permission bits of Discord's reference."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


NONE = P(0)
ALL = P(sum(one.value for one in P))
# What @everyone may do in a new server.
EVERYONE = (
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.CREATE_PRIVATE_THREADS
    | P.SEND_MESSAGES_IN_THREADS
    | P.CONNECT
    | P.SPEAK
    | P.CHANGE_NICKNAME
)
# What a bot is usually granted when no test says otherwise: all that moderates, never ADMINISTRATOR.
BOT = ALL & ~P.ADMINISTRATOR
# What a timed-out member keeps.
TIMED_OUT = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY
THREADS = frozenset({10, 11, 12})


@dataclass(frozen=True)
class Overwrite:
    """Rights of one role (`member` false) or one member in one channel."""

    target_id: int
    member: bool
    allow: P = NONE
    deny: P = NONE

    def payload(self) -> dict[str, object]:
        """Discord's JSON."""
        return {
            "id": str(self.target_id),
            "type": int(self.member),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }


def in_guild(guild: Guild, member: Member) -> P:
    """What a member may do in the server as a whole."""
    if member.user.id == guild.owner_id:
        return ALL
    held = guild.everyone.permissions
    for role_id in member.roles:
        if role_id in guild.roles:
            held |= guild.roles[role_id].permissions
    return ALL if held & P.ADMINISTRATOR else held


def in_channel(channel: Channel, member: Member) -> P:
    """What a member may do in a channel or thread of the server; nothing without the right to view it."""
    guild = channel.guild
    if guild is None:
        return ALL
    held = in_guild(guild, member)
    if held & P.ADMINISTRATOR or member.user.id == guild.owner_id:
        return ALL
    place = guild.channels[channel.parent_id] if channel.type in THREADS and channel.parent_id else channel
    held = _overwritten(place, member, held)
    if member.timed_out:
        held &= TIMED_OUT
    if not held & P.VIEW_CHANNEL:
        return NONE
    if channel.type == 12 and member.user.id not in channel.thread_members and not held & P.MANAGE_THREADS:
        return NONE
    speak = P.SEND_MESSAGES_IN_THREADS if channel.type in THREADS else P.SEND_MESSAGES
    if not held & speak:
        held &= ~(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS)
    return held


def _overwritten(channel: Channel, member: Member, held: P) -> P:
    assert channel.guild is not None
    everyone = channel.overwrites.get(channel.guild.id)
    if everyone:
        held = held & ~everyone.deny | everyone.allow
    allow = deny = NONE
    for role_id in member.roles:
        if role_id != channel.guild.id and role_id in channel.overwrites:
            allow |= channel.overwrites[role_id].allow
            deny |= channel.overwrites[role_id].deny
    held = held & ~deny | allow
    own = channel.overwrites.get(member.user.id)
    return held & ~own.deny | own.allow if own else held
