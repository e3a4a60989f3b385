"""What each person sees: the channels open to them, what they have not read, and the messages themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simcord import ChannelHandle
from simcord.backend import serializers
from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel, Message
from simcord.enums import ChannelType

from bot.rehearsal.stage import Player, Stage
from bot.rehearsal.words import Reader

_READABLE = (ChannelType.TEXT, ChannelType.NEWS, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)
_SUPPRESS_NOTIFICATIONS = 1 << 12


@dataclass(frozen=True)
class Room:
    """A channel, thread or direct message as a list shows it. `private`: not everybody sees it."""

    id: int
    name: str
    category: str
    direct: bool = False
    thread: bool = False
    private: bool = False


@dataclass(frozen=True)
class Seen:
    """A message as its readers see it. `answer_to`: the only person who sees it; `pings`: whose device it rings.

    `payload` is the message as Discord sends it; `files` are names and texts of what is attached.
    """

    id: int
    room_id: int
    at: datetime
    edited_at: datetime | None
    author: str
    by_vigil: bool
    lines: tuple[str, ...]
    pings: tuple[str, ...] = ()
    answer_to: str | None = None
    files: tuple[tuple[str, str], ...] = ()
    payload: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


class Rooms:
    """Reads a stage. Holds nothing but what each person has read."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._read: dict[tuple[str, int], int] = {}

    # ------------------------------------------------------------------ which

    def of(self, player: Player) -> list[Room]:
        """The rooms that this person sees now: direct messages first, then by category and position."""
        backend = self._stage.env.backend
        direct = Room(backend.get_dm_channel(player.id).id, "Vigil", "Direct messages", direct=True, private=True)
        guild = backend.get_guild(self._stage.guild.id)
        channels = [backend.channels[one] for one in (*guild.channel_ids, *guild.thread_ids)]
        open_to = [
            one
            for one in channels
            if one.type in _READABLE and channel_accessible(backend, one.id, player.id, history=True)
        ]
        return [direct, *(self._room(one) for one in sorted(open_to, key=self._place))]

    def who_sees(self, room_id: int) -> tuple[str, ...]:
        """The keys of those of the cast who see this room now."""
        backend = self._stage.env.backend
        return tuple(
            key
            for key, one in self._stage.players.items()
            if room_id in backend.channels and channel_accessible(backend, room_id, one.id, history=True)
        )

    def handle(self, room_id: int) -> ChannelHandle:
        """simcord's handle of the room. Raises LookupError when it is gone."""
        channel = self._stage.env.backend.channels.get(room_id)
        if channel is None:
            raise LookupError(f"no room {room_id}")
        return ChannelHandle(self._stage.env, None if channel.guild_id is None else self._stage.guild, channel)

    def all(self) -> Iterator[Room]:
        """Every room there is, direct messages included."""
        for channel in list(self._stage.env.backend.channels.values()):
            if channel.type in (*_READABLE, ChannelType.DM):
                yield self._room(channel)

    def _room(self, channel: Channel) -> Room:
        backend = self._stage.env.backend
        if channel.guild_id is None:
            return Room(channel.id, "Vigil", "Direct messages", direct=True, private=True)
        parent = backend.channels.get(channel.parent_id or 0)
        top = backend.channels.get(parent.parent_id or 0) if parent is not None and channel.is_thread else parent
        return Room(
            id=channel.id,
            name=channel.name or str(channel.id),
            category=(top.name if top else None) or "",
            thread=channel.is_thread,
            private=len(self.who_sees(channel.id)) < len(self._stage.players),
        )

    def _place(self, channel: Channel) -> tuple[int, int, int, int]:
        channels = self._stage.env.backend.channels
        parent = channels.get(channel.parent_id or 0)
        if channel.is_thread and parent is not None:
            category, position, thread = channels.get(parent.parent_id or 0), parent.position, channel.id
        else:
            category, position, thread = parent, channel.position, 0
        return (category.position if category else -1, position, thread, channel.id)

    # --------------------------------------------------------------- what

    def messages(self, room_id: int, viewer: Player | None = None) -> list[Seen]:
        """What stands in a room, oldest first; with a viewer only what they see, without one everything."""
        stored = sorted(self._stage.env.backend.messages.get(room_id, {}).values(), key=lambda one: one.id)
        return [self._seen(one) for one in stored if viewer is None or one.visible_to(viewer.id)]

    def _seen(self, message: Message) -> Seen:
        backend = self._stage.env.backend
        payload: dict[str, Any] = json.loads(json.dumps(serializers.message_payload(backend, message), default=str))
        answer_to = next((key for key, one in self._stage.players.items() if message.visible_to(one.id)), None)
        edited = message.edited_timestamp
        return Seen(
            id=message.id,
            room_id=message.channel_id,
            at=datetime.fromisoformat(message.timestamp),
            edited_at=datetime.fromisoformat(edited) if edited else None,
            author=self._name("@", message.author_id).removeprefix("@"),
            by_vigil=message.author_id == self._stage.bot_id,
            lines=self.lines(payload),
            pings=self._pings(message),
            answer_to=answer_to if message.is_ephemeral else None,
            files=tuple(self._file(one) for one in payload.get("attachments") or ()),
            payload=payload,
        )

    def lines(self, payload: dict[str, Any]) -> tuple[str, ...]:
        """A message of Discord's as somebody reads it now."""
        return tuple(Reader(self._name, self._stage.now()).message(payload))

    def _file(self, attachment: dict[str, Any]) -> tuple[str, str]:
        content = self._stage.env.backend.cdn.get(attachment["url"]) or b""
        return attachment["filename"], content.decode(errors="replace")

    def _pings(self, message: Message) -> tuple[str, ...]:
        """Whose device rings: named people and roles who see the room, and the other side of a direct message."""
        if message.is_ephemeral or message.flags & _SUPPRESS_NOTIFICATIONS:
            return ()
        backend = self._stage.env.backend
        channel = backend.channels[message.channel_id]
        named = set(message.ping_user_ids) | set(channel.recipient_ids)
        if channel.guild_id is not None:
            members = backend.get_guild(channel.guild_id).members
            named |= {key for key, one in members.items() if set(one.role_ids) & set(message.ping_role_ids)}
        sees = self.who_sees(message.channel_id)
        return tuple(
            key
            for key, one in self._stage.players.items()
            if key in sees and one.id != message.author_id and (one.id in named or message.mention_everyone)
        )

    def _name(self, kind: str, subject: int) -> str:
        backend = self._stage.env.backend
        if kind == "#":
            channel = backend.channels.get(subject)
            return f"#{channel.name}" if channel else "#deleted-channel"
        if kind == "@&":
            role = backend.get_guild(self._stage.guild.id).roles.get(subject)
            return f"@{role.name}" if role else "@deleted-role"
        user = backend.users.get(subject)
        return f"@{user.global_name or user.name}" if user else "@unknown-user"

    # ------------------------------------------------------------- unread

    def read(self, player: Player, room_id: int) -> None:
        """This person has the room before their eyes."""
        self._read[player.person.key, room_id] = self._newest(room_id)

    def read_all(self) -> None:
        """Everybody has read everything."""
        for player in self._stage.players.values():
            for room in self.of(player):
                self.read(player, room.id)

    def unread(self, player: Player, room: Room) -> tuple[int, int]:
        """How many messages by others this person has not read there, and how many of those ring for them."""
        mark = self._read.get((player.person.key, room.id), 0)
        stored = self._stage.env.backend.messages.get(room.id, {})
        fresh = [one for key, one in stored.items() if key > mark and one.author_id != player.id]
        fresh = [one for one in fresh if one.visible_to(player.id)]
        return len(fresh), sum(player.person.key in self._pings(one) for one in fresh)

    def _newest(self, room_id: int) -> int:
        return max(self._stage.env.backend.messages.get(room_id, {}), default=0)
