"""Posting, editing and deleting messages, and whom they ping."""

from __future__ import annotations

import re
from typing import Any

from tests.wire.actors import Json, User
from tests.wire.bits import THREADS, P
from tests.wire.forms import CREATE, EDIT, IS_V2, check_message
from tests.wire.message import EPHEMERAL, LOADING, SILENT, Message, walk
from tests.wire.places import Channel
from tests.wire.refusals import Refusal
from tests.wire.world import World

Files = dict[str, bytes]
SETTABLE = EPHEMERAL | SILENT | (1 << 2) | IS_V2


def may_post(world: World, channel: Channel, author: User, body: Json, files: Files) -> None:
    """Refuse what the author may not write here. Raises Refusal (50001, 50007, 50013, 50278 …)."""
    if channel.recipient is not None:
        shared = any(channel.recipient.id in guild.members for guild in world.bot_guilds())
        if author.bot and not (channel.recipient.dms_open and shared):
            raise Refusal(50007 if shared else 50278)
        return
    held = channel.permissions(author)
    if not held & P.VIEW_CHANNEL:
        raise Refusal(50001)
    if channel.type not in (0, 2, 5, *THREADS):
        raise Refusal(50008)
    needed = P.SEND_MESSAGES_IN_THREADS if channel.type in THREADS else P.SEND_MESSAGES
    if author.bot and body.get("embeds"):
        needed |= P.EMBED_LINKS
    if files:
        needed |= P.ATTACH_FILES
    if body.get("message_reference"):
        needed |= P.READ_MESSAGE_HISTORY
    if held & needed != needed:
        raise Refusal(50013)
    if channel.type in THREADS and channel.locked and not held & P.MANAGE_THREADS:
        raise Refusal(50083)


def repeated(world: World, author: User, body: Json) -> Message | None:
    """What this author sent with the same enforced nonce a moment ago. Raises Refusal (10008) where it was deleted."""
    if body.get("nonce") is None or not body.get("enforce_nonce"):
        return None
    known = world.nonces.get((author.id, str(body["nonce"])))
    if known is None or world.clock() - known[0] > world.nonce_window:
        return None
    if known[1].id not in known[1].channel.messages:
        raise Refusal(10008)
    return known[1]


def check_body(body: Json, files: Files, allowed: set[str] = CREATE) -> None:
    """Refuse an invalid or empty body. Raises Refusal (50035, 50006)."""
    check_message(body, allowed)
    shown = (body.get("content") or "").strip() or body.get("embeds") or files or body.get("poll")
    if not shown and not (body.get("components") and (body.get("flags") or 0) & IS_V2):
        raise Refusal(50006)


def post(
    world: World,
    channel: Channel,
    author: User,
    body: Json,
    files: Files | None = None,
    *,
    ephemeral_to: int | None = None,
    interaction: Json | None = None,
) -> Message:
    """Store a checked message, remember its nonce, compute its pings and tell of it."""
    made = Message(world.snowflake(), channel, author, created_at=world.clock())
    made.flags = (body.get("flags") or 0) & SETTABLE
    made.ephemeral_to, made.interaction = ephemeral_to, interaction
    made.type = 20 if interaction else 19 if body.get("message_reference") else 0
    made.nonce = str(body["nonce"]) if body.get("nonce") is not None else None
    if body.get("message_reference"):
        made.reference = {"channel_id": str(channel.id), **body["message_reference"]}
    fill(world, made, body, files or {}, push=True)
    channel.messages[made.id] = made
    if made.nonce is not None:
        world.nonces[author.id, made.nonce] = (world.clock(), made)
    if channel.type in THREADS:
        channel.archived = False
    world.message_event("MESSAGE_CREATE", made)
    return made


def fill(world: World, message: Message, body: Json, files: Files, *, push: bool) -> None:
    """Put what `body` names into the message. With `push` the people whom it pings are told."""
    if "content" in body:
        message.content = (body["content"] or "").strip()
    if "embeds" in body:
        message.embeds = [{"type": "rich", **embed} for embed in body["embeds"] or []]
    if "components" in body:
        message.components = _numbered(body["components"] or [])
    if "attachments" in body and not push:
        kept = {str(one.get("id")) for one in body["attachments"] or []}
        message.attachments = [one for one in message.attachments if one["id"] in kept]
    for name, content in files.items():
        identity = str(world.snowflake())
        message.files[name] = content
        message.attachments.append(
            {"id": identity, "filename": name, "size": len(content), "content_type": "application/octet-stream",
             "url": f"https://cdn.invalid/{identity}/{name}", "proxy_url": f"https://cdn.invalid/{identity}/{name}"}
        )  # fmt: skip
    _ping(world, message, body.get("allowed_mentions"))
    if push:
        message.pushed_to = _pushes(world, message)


def edit(world: World, message: Message, body: Json, files: Files | None = None, allowed: set[str] = EDIT) -> None:
    """Change a message of the bot. Raises Refusal (50006, 50035)."""
    check_message(body, allowed)
    after = {"content": message.content, "embeds": message.embeds, "components": message.components, **body}
    after["flags"] = message.flags | (body.get("flags") or 0)
    kept = files or (message.attachments and body.get("attachments") != [])
    if not (after["content"] or after["embeds"] or kept or (after["components"] and after["flags"] & IS_V2)):
        raise Refusal(50006)
    message.versions.append((message.content, message.embeds))
    message.edited_at = world.clock()
    message.flags &= ~LOADING
    fill(world, message, body, files or {}, push=False)
    world.message_event("MESSAGE_UPDATE", message)


def delete(world: World, message: Message) -> None:
    message.channel.messages.pop(message.id, None)
    world.message_event("MESSAGE_DELETE", message)


def notice(world: World, channel: Channel, author: User, kind: int, about: Message) -> Message:
    """A message that Discord itself writes, such as 6: somebody pinned a message."""
    made = Message(world.snowflake(), channel, author, type=kind, created_at=world.clock())
    made.reference = {"channel_id": str(channel.id), "message_id": str(about.id)}
    channel.messages[made.id] = made
    world.message_event("MESSAGE_CREATE", made)
    return made


def _numbered(components: list[Json]) -> list[Json]:
    """The components as stored: each has an id of its own."""
    copies: list[Any] = [_copy(part) for part in components]
    for n, part in enumerate(walk(copies), 1):
        part.setdefault("id", n)
    return copies


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _ping(world: World, message: Message, allowed: Json | None) -> None:
    """Which mentions of the words count, given what was allowed and what the author may ping."""
    if allowed is None:
        parse = {"users"} if message.interaction else {"users", "roles", "everyone"}
    else:
        parse = set(allowed.get("parse") or ())
    named = {kind: {int(one) for one in (allowed or {}).get(kind) or ()} for kind in ("users", "roles")}
    words = message.content + "".join(part["content"] for part in message.parts() if part["type"] == 10)
    users = {int(one) for one in re.findall(r"<@!?(\d+)>", words)} & world.users.keys()
    users = users if "users" in parse else users & named["users"]
    guild, everyone, roles = message.channel.guild, False, set[int]()
    if guild is not None:
        anyone = bool(message.channel.permissions(message.author) & P.MENTION_EVERYONE)
        roles = {int(one) for one in re.findall(r"<@&(\d+)>", words)} & guild.roles.keys()
        roles = roles if "roles" in parse else roles & named["roles"]
        message.mention_roles = sorted(roles)
        roles = {one for one in roles if anyone or guild.roles[one].mentionable}
        everyone = anyone and "everyone" in parse and bool(re.search(r"@(everyone|here)\b", words))
    message.mentions = [world.users[one] for one in sorted(users)]
    message.mention_everyone = everyone
    message.pinged_users, message.pinged_roles = users, roles


def _pushes(world: World, message: Message) -> set[int]:
    channel, guild = message.channel, message.channel.guild
    if message.silent or message.ephemeral_to is not None:
        return set()
    if guild is None:
        return {channel.recipient.id} if channel.recipient and message.author.bot else set()
    reached = set(message.pinged_users)
    for member in guild.members.values():
        if message.mention_everyone or member.roles & message.pinged_roles:
            reached.add(member.user.id)
    people = [world.users[one] for one in reached if one != message.author.id]
    return {user.id for user in people if not user.bot and channel.can_see(user)}
