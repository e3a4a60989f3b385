"""Routes of channels: look, change, delete, rights, direct messages, threads, typing."""

from __future__ import annotations

from typing import Any

from tests.wire.actors import Json
from tests.wire.bits import ALL, THREADS, Overwrite, P, in_guild
from tests.wire.calls import Answer
from tests.wire.faults import too_many
from tests.wire.form import Form
from tests.wire.places import Channel, Guild
from tests.wire.refusals import Refusal
from tests.wire.rest import At, Handler
from tests.wire.routes_guilds import (
    CHANNEL_FIELDS,
    check_channel,
    check_held,
    check_parent,
    check_room,
    normal_name,
    read_overwrites,
)

THREAD_FIELDS = {"name", "archived", "locked", "auto_archive_duration", "rate_limit_per_user", "invitable", "flags"}
NEW_THREAD = {"name", "type", "auto_archive_duration", "invitable", "rate_limit_per_user"}


def channel_of(at: At, needed: P = P.VIEW_CHANNEL) -> Channel:
    """The channel of the path. Raises Refusal: 10003 for none, 50001 for a hidden one, 50013 for too few rights."""
    channel = at.world.channels.get(at.id("channel_id"))
    if channel is None:
        raise Refusal(10003)
    if channel.guild is not None and not channel.guild.available:
        raise Refusal(0, status=503, message="Guild is unavailable")
    held = channel.permissions(at.world.bot)
    if not held & P.VIEW_CHANNEL:
        raise Refusal(50001)
    if held & needed != needed:
        raise Refusal(50013)
    return channel


def get_channel(at: At) -> Json:
    return channel_of(at).payload()


def patch_channel(at: At) -> Json | Answer:
    channel, body = channel_of(at), at.body
    if channel.guild is None:
        raise Refusal(50003)
    if channel.type in THREADS:
        return _patch_thread(at, channel, body)
    form = Form()
    form.known("", body, CHANNEL_FIELDS | {"flags"})
    check_channel(form, body, channel.type)
    form.done()
    held = channel.permissions(at.world.bot)
    if not held & P.MANAGE_CHANNELS or (body.get("permission_overwrites") is not None and not held & P.MANAGE_ROLES):
        raise Refusal(50013)
    parent_id = int(body["parent_id"]) if body.get("parent_id") else None
    if "parent_id" in body and parent_id != channel.parent_id:
        check_room(channel.guild, check_parent(channel.guild, parent_id, P.MANAGE_CHANNELS, at))
    overwrites = channel.overwrites
    if body.get("permission_overwrites") is not None:
        overwrites = read_overwrites(channel.guild, body["permission_overwrites"], set(at.world.users))
        gone = {one: Overwrite(one, old.member) for one, old in channel.overwrites.items() if one not in overwrites}
        check_held(_grantable(at, channel), overwrites | gone, channel.overwrites)
    limited = _renamed(at, channel, body)
    if limited is not None:
        return limited
    channel.overwrites = overwrites
    channel.parent_id = parent_id if "parent_id" in body else channel.parent_id
    channel.position = body.get("position") or channel.position
    channel.slowmode = body.get("rate_limit_per_user", channel.slowmode) or 0
    at.world.channel_event("CHANNEL_UPDATE", channel)
    return channel.payload()


def _grantable(at: At, channel: Channel) -> P:
    """What the bot may grant here: what it holds in this channel."""
    assert channel.guild is not None
    base = in_guild(channel.guild, channel.guild.members[at.world.bot.id])
    return ALL if base & P.ADMINISTRATOR else channel.permissions(at.world.bot)


def _renamed(at: At, channel: Channel, body: Json) -> Answer | None:
    """Change name and topic; more than a few such changes in ten minutes are refused by 429."""
    name = normal_name(body["name"], channel.type) if "name" in body else channel.name
    topic = (body["topic"] or None) if "topic" in body else channel.topic
    if (name, topic) == (channel.name, channel.topic):
        return None
    most, seconds = at.server.rename_limit
    changes = at.server.renames.setdefault(channel.id, [])
    now = at.world.clock()
    changes[:] = [one for one in changes if now - one < seconds]
    if len(changes) >= most:
        return too_many(changes[0] + seconds - now)
    changes.append(now)
    if name != channel.name:
        channel.names.append(name)
    channel.name, channel.topic = name, topic
    return None


def _patch_thread(at: At, thread: Channel, body: Json) -> Json:
    form = Form()
    form.known("", body, THREAD_FIELDS)
    if "name" in body:
        form.text("name", body["name"], 100, 1)
    form.done()
    held = thread.permissions(at.world.bot)
    if not held & P.MANAGE_THREADS and thread.owner_id != at.world.bot.id:
        raise Refusal(50013)
    if thread.archived and body.get("archived") is not False:
        raise Refusal(50083)
    thread.name = body.get("name", thread.name)
    thread.archived = bool(body.get("archived", thread.archived))
    thread.locked = bool(body.get("locked", thread.locked))
    at.world.channel_event("THREAD_UPDATE", thread)
    return thread.payload()


def delete_channel(at: At) -> Json:
    channel = channel_of(at)
    if channel.guild is None:
        return channel.payload()
    needed = P.MANAGE_THREADS if channel.type in THREADS else P.MANAGE_CHANNELS
    shown = channel_of(at, needed).payload()
    at.world.delete_channel(channel)
    return shown


# Rights -----------------------------------------------------------------------------------------------------------


def put_permissions(at: At) -> None:
    channel = channel_of(at, P.MANAGE_ROLES)
    if channel.guild is None or channel.type in THREADS:
        raise Refusal(50024)
    form = Form()
    form.known("", at.body, {"id", "allow", "deny", "type"}, {"type"})
    form.number("type", at.body.get("type"), 0, 1)
    form.done()
    target, member = at.id("target_id"), at.body["type"] == 1
    if target not in (at.world.users if member else channel.guild.roles):
        raise Refusal(10009)
    allow, deny = (P(int(at.body.get(side) or 0) & int(ALL)) for side in ("allow", "deny"))
    made = {target: Overwrite(target, member, allow, deny)}
    if len(channel.overwrites) >= 1000 and target not in channel.overwrites:
        raise Refusal(30060)
    check_held(_grantable(at, channel), made, channel.overwrites)
    channel.overwrites |= made
    at.world.channel_event("CHANNEL_UPDATE", channel)


def delete_permissions(at: At) -> None:
    channel = channel_of(at, P.MANAGE_ROLES)
    if at.id("target_id") not in channel.overwrites:
        raise Refusal(10009)
    del channel.overwrites[at.id("target_id")]
    at.world.channel_event("CHANNEL_UPDATE", channel)


# Direct messages, typing, threads ---------------------------------------------------------------------------------


def open_dm(at: At) -> Json:
    form = Form()
    form.known("", at.body, {"recipient_id"}, {"recipient_id"})
    form.done()
    user = at.world.users.get(int(at.body["recipient_id"]))
    if user is None:
        raise Refusal(10013)
    if user.bot:
        raise Refusal(50007)
    return at.world.dm(user).payload()


def typing(at: At) -> None:
    channel_of(at, P.SEND_MESSAGES)


def _thread(at: At, parent: Channel, kind: int, identity: int) -> Answer:
    form = Form()
    form.known("", at.body, NEW_THREAD, {"name"})
    form.text("name", at.body.get("name"), 100, 1)
    if at.body.get("auto_archive_duration") not in (None, 60, 1440, 4320, 10080):
        form.wrong("auto_archive_duration", "must be 60, 1440, 4320 or 10080")
    form.done()
    if parent.guild is None or parent.type not in (0, 5) or (kind == 12 and parent.type == 5):
        raise Refusal(50024)
    channel_of(at, P.CREATE_PRIVATE_THREADS if kind == 12 else P.CREATE_PUBLIC_THREADS)
    made = Channel(identity, kind, parent.guild, at.body["name"], parent_id=parent.id, owner_id=at.world.bot.id)
    made.thread_members[at.world.bot.id] = at.world.clock()
    at.world.add_channel(made)
    return Answer(201, made.payload())


def post_thread(at: At) -> Answer:
    kind = at.body.get("type", 12)
    return _thread(at, channel_of(at), kind if kind in THREADS else 12, at.world.snowflake())


def post_message_thread(at: At) -> Answer:
    channel = channel_of(at)
    if at.id("message_id") not in channel.messages:
        raise Refusal(10008)
    return _thread(at, channel, 10 if channel.type == 5 else 11, at.id("message_id"))


def _thread_of(at: At) -> tuple[Channel, Guild]:
    thread = channel_of(at)
    if thread.type not in THREADS or thread.guild is None:
        raise Refusal(50024)
    return thread, thread.guild


def join_thread(at: At) -> None:
    _thread_of(at)[0].thread_members[at.world.bot.id] = at.world.clock()


def put_thread_member(at: At) -> None:
    """Add a person: needs the right to send there, and that the person can see the channel of the thread."""
    thread, guild = _thread_of(at)
    if thread.archived:
        raise Refusal(50083)
    channel_of(at, P.SEND_MESSAGES_IN_THREADS)
    user, parent = at.world.users.get(at.id("user_id")), guild.channels[thread.parent_id or 0]
    if user is None or user.id not in guild.members:
        raise Refusal(10007)
    if not parent.can_see(user):
        raise Refusal(50001)
    thread.thread_members[user.id] = at.world.clock()


def delete_thread_member(at: At) -> None:
    thread, _ = _thread_of(at)
    if thread.owner_id != at.world.bot.id:
        channel_of(at, P.MANAGE_THREADS)
    if thread.thread_members.pop(at.id("user_id"), None) is None:
        raise Refusal(10007)


def get_thread_members(at: At) -> list[Any]:
    thread, _ = _thread_of(at)
    return [{"id": str(thread.id), "user_id": str(one), "flags": 0} for one in thread.thread_members]


ROUTES: dict[str, Handler] = {
    "GET /channels/{channel_id}": get_channel,
    "PATCH /channels/{channel_id}": patch_channel,
    "DELETE /channels/{channel_id}": delete_channel,
    "PUT /channels/{channel_id}/permissions/{target_id}": put_permissions,
    "DELETE /channels/{channel_id}/permissions/{target_id}": delete_permissions,
    "POST /users/@me/channels": open_dm,
    "POST /channels/{channel_id}/typing": typing,
    "POST /channels/{channel_id}/threads": post_thread,
    "POST /channels/{channel_id}/messages/{message_id}/threads": post_message_thread,
    "PUT /channels/{channel_id}/thread-members/@me": join_thread,
    "PUT /channels/{channel_id}/thread-members/{user_id}": put_thread_member,
    "DELETE /channels/{channel_id}/thread-members/{user_id}": delete_thread_member,
    "GET /channels/{channel_id}/thread-members": get_thread_members,
}
