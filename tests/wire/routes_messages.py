"""Routes of messages: post, read, edit, delete, pin, crosspost."""

from __future__ import annotations

from tests.wire import messages
from tests.wire.actors import Json, iso
from tests.wire.bits import P
from tests.wire.message import CROSSPOSTED, Message
from tests.wire.places import Channel
from tests.wire.refusals import Refusal
from tests.wire.rest import At, Handler
from tests.wire.routes_channels import channel_of

PINS = 250


def message_of(at: At, channel: Channel) -> Message:
    """The message of the path, as the bot may fetch it. Raises Refusal (10008)."""
    found = channel.messages.get(at.id("message_id"))
    if found is None or found.ephemeral_to is not None:
        raise Refusal(10008)
    return found


def post_message(at: At) -> Json:
    channel = channel_of(at)
    messages.check_body(at.body, at.call.files)
    messages.may_post(at.world, channel, at.world.bot, at.body, at.call.files)
    reference = at.body.get("message_reference")
    lost = reference and int(reference.get("message_id") or 0) not in channel.messages
    if lost and reference.get("fail_if_not_exists", True):
        raise Refusal(50035, status=400, message="Invalid Form Body: Unknown message")
    again = messages.repeated(at.world, at.world.bot, at.body)
    if again is not None:
        return again.payload()
    return messages.post(at.world, channel, at.world.bot, at.body, at.call.files).payload()


def get_messages(at: At) -> list[Json]:
    channel = channel_of(at)
    if not channel.permissions(at.world.bot) & P.READ_MESSAGE_HISTORY:
        return []
    query = at.call.query
    limit = min(int(query.get("limit", 50)), 100)
    found = sorted((one for one in channel.messages.values() if one.ephemeral_to is None), key=lambda one: one.id)
    if "after" in query:
        chosen = [one for one in found if one.id > int(query["after"])][:limit]
    elif "around" in query:
        chosen = sorted(found, key=lambda one: abs(one.id - int(query["around"])))[:limit]
    else:
        chosen = [one for one in found if one.id < int(query.get("before", 1 << 63))][-limit:]
    return [_shown(at, one) for one in sorted(chosen, key=lambda one: -one.id)]


def _shown(at: At, message: Message) -> Json:
    """What the bot may read of a message: others' words only with the intent, in direct messages or when named."""
    own = message.channel.guild is None or message.author is at.world.bot or at.world.bot in message.mentions
    return message.payload(censored=not (own or at.server.gateway.approved & (1 << 15)))


def get_message(at: At) -> Json:
    return _shown(at, message_of(at, channel_of(at, P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)))


def patch_message(at: At) -> Json:
    channel = channel_of(at)
    message = message_of(at, channel)
    if message.author is not at.world.bot:
        raise Refusal(50005)
    if message.type not in (0, 19, 20, 23):
        raise Refusal(50021)
    messages.edit(at.world, message, at.body, at.call.files)
    return message.payload()


def delete_message(at: At) -> None:
    channel = channel_of(at)
    message = message_of(at, channel)
    if message.author is not at.world.bot:
        if channel.guild is None:
            raise Refusal(50003)
        channel_of(at, P.MANAGE_MESSAGES)
    messages.delete(at.world, message)


def crosspost(at: At) -> Json:
    channel = channel_of(at, P.SEND_MESSAGES)
    message = message_of(at, channel)
    if channel.type != 5:
        raise Refusal(50024)
    if message.author is not at.world.bot:
        channel_of(at, P.MANAGE_MESSAGES)
    if message.flags & CROSSPOSTED:
        raise Refusal(40033)
    message.flags |= CROSSPOSTED
    return message.payload()


def put_reaction(at: At) -> None:
    channel = channel_of(at, P.ADD_REACTIONS | P.READ_MESSAGE_HISTORY)
    message_of(at, channel).reactions.add(at.call.params["emoji"])


# Pins -------------------------------------------------------------------------------------------------------------


def put_pin(at: At) -> None:
    channel = channel_of(at, P.PIN_MESSAGES)
    message = message_of(at, channel)
    if message.pinned_at is not None:
        return
    if len(channel.pins) >= PINS:
        raise Refusal(30003)
    message.pinned_at = at.world.clock()
    messages.notice(at.world, channel, at.world.bot, 6, message)


def delete_pin(at: At) -> None:
    message_of(at, channel_of(at, P.PIN_MESSAGES)).pinned_at = None


def get_pins(at: At) -> Json:
    channel = channel_of(at, P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    limit = min(int(at.call.query.get("limit", 50)), 50)
    before = at.call.query.get("before")
    pins = sorted(channel.pins, key=lambda one: -(one.pinned_at or 0))
    pins = [one for one in pins if before is None or iso(one.pinned_at or 0) < before]
    items = [{"pinned_at": iso(one.pinned_at or 0), "message": _shown(at, one)} for one in pins[:limit]]
    return {"items": items, "has_more": len(pins) > limit}


def get_old_pins(at: At) -> list[Json]:
    channel = channel_of(at, P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    return [_shown(at, one) for one in sorted(channel.pins, key=lambda one: -(one.pinned_at or 0))][:50]


ROUTES: dict[str, Handler] = {
    "GET /channels/{channel_id}/messages/pins": get_pins,
    "PUT /channels/{channel_id}/messages/pins/{message_id}": put_pin,
    "DELETE /channels/{channel_id}/messages/pins/{message_id}": delete_pin,
    "GET /channels/{channel_id}/pins": get_old_pins,
    "PUT /channels/{channel_id}/pins/{message_id}": put_pin,
    "DELETE /channels/{channel_id}/pins/{message_id}": delete_pin,
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": put_reaction,
    "POST /channels/{channel_id}/messages": post_message,
    "GET /channels/{channel_id}/messages": get_messages,
    "GET /channels/{channel_id}/messages/{message_id}": get_message,
    "PATCH /channels/{channel_id}/messages/{message_id}": patch_message,
    "DELETE /channels/{channel_id}/messages/{message_id}": delete_message,
    "POST /channels/{channel_id}/messages/{message_id}/crosspost": crosspost,
}
