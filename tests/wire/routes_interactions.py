"""Routes of interactions: the one first answer in time, then follow-ups by token for a quarter of an hour."""

from __future__ import annotations

import time
from typing import Any

from tests.wire import interactions as kinds
from tests.wire import messages
from tests.wire.actors import Json
from tests.wire.calls import Answer
from tests.wire.commands import check_choice
from tests.wire.components import check_modal
from tests.wire.form import Form
from tests.wire.forms import MESSAGE
from tests.wire.interactions import Interaction, Modal
from tests.wire.message import EPHEMERAL, LOADING, Message
from tests.wire.refusals import Refusal
from tests.wire.rest import At, Handler

ALLOWED = {
    kinds.COMMAND: {kinds.REPLY, kinds.DEFER, kinds.MODAL},
    kinds.COMPONENT: {kinds.REPLY, kinds.DEFER, kinds.DEFER_UPDATE, kinds.UPDATE, kinds.MODAL},
    kinds.AUTOCOMPLETE: {kinds.CHOICES},
    kinds.SUBMIT: {kinds.REPLY, kinds.DEFER},
}
FOLLOW_UP = MESSAGE | {"username", "avatar_url", "thread_name"}


def callback(at: At) -> Answer:
    """The first answer. Refused: an unknown or late one (10062), a second one (40060), one of the wrong kind."""
    interaction = at.server.interactions.get(at.call.params["token"])
    if interaction is None or interaction.id != at.id("interaction_id"):
        raise Refusal(10062)
    after = time.monotonic() - interaction.begun
    if interaction.answer is not None:
        raise Refusal(40060)
    if after > at.server.answer_limit:
        raise Refusal(10062)
    kind, data = _check(at, interaction)
    HANDLERS[kind](at, interaction, data)
    interaction.answer, interaction.answered_after = kind, after
    return Answer(200, _told(interaction)) if at.call.query.get("with_response") in ("1", "true") else Answer(204)


def _check(at: At, interaction: Interaction) -> tuple[int, Json]:
    form = Form()
    form.known("", at.body, {"type", "data"}, {"type"})
    kind, data = at.body.get("type"), at.body.get("data") or {}
    allowed = set(ALLOWED[interaction.type])
    if interaction.type == kinds.SUBMIT and interaction.source is not None:
        allowed |= {kinds.DEFER_UPDATE, kinds.UPDATE}
    if kind not in allowed:
        form.wrong("type", f"an interaction of type {interaction.type} cannot be answered by {kind!r}")
    elif kind in (kinds.DEFER, kinds.DEFER_UPDATE):
        form.known("data", data, {"flags", "tts"})
    elif kind == kinds.MODAL:
        check_modal(form, data)
    elif kind == kinds.CHOICES and form.known("data", data, {"choices"}, {"choices"}):
        for n, choice in enumerate(form.listed("data.choices", data.get("choices"), 25)):
            check_choice(form, f"data.choices.{n}", choice)
    form.done()
    return int(str(kind)), data


def _told(interaction: Interaction) -> Json:
    told: Json = {"id": str(interaction.id), "type": interaction.type}
    if interaction.original is None:
        return {"interaction": told}
    told |= {
        "response_message_id": str(interaction.original.id),
        "response_message_loading": bool(interaction.original.flags & LOADING),
        "response_message_ephemeral": interaction.ephemeral,
    }
    resource = {"type": interaction.answer, "message": interaction.original.payload()}
    return {"interaction": told, "resource": resource}


# First answers ----------------------------------------------------------------------------------------------------


def _metadata(interaction: Interaction) -> Json:
    owners = {"0": str(interaction.channel.guild.id if interaction.channel.guild else 0)}
    return {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": interaction.user.payload(),
        "authorizing_integration_owners": owners,
    }


def _post(at: At, interaction: Interaction, body: Json, *, ephemeral: bool) -> Message:
    if interaction.channel.id not in at.world.channels:
        raise Refusal(10003)
    return messages.post(
        at.world,
        interaction.channel,
        at.world.bot,
        body,
        at.call.files,
        ephemeral_to=interaction.user.id if ephemeral else None,
        interaction=_metadata(interaction),
    )


def _reply(at: At, interaction: Interaction, data: Json) -> None:
    messages.check_body(data, at.call.files, MESSAGE)
    interaction.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
    interaction.original = _post(at, interaction, data, ephemeral=interaction.ephemeral)


def _defer(at: At, interaction: Interaction, data: Json) -> None:
    interaction.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
    made = _post(at, interaction, {"flags": data.get("flags") or 0}, ephemeral=interaction.ephemeral)
    made.flags |= LOADING
    interaction.original = made


def _defer_update(at: At, interaction: Interaction, data: Json) -> None:
    interaction.original = interaction.source


def _update(at: At, interaction: Interaction, data: Json) -> None:
    source = interaction.source
    assert source is not None
    if source.id not in source.channel.messages:
        raise Refusal(10008)
    messages.edit(at.world, source, data, at.call.files, MESSAGE)
    interaction.original, interaction.updated = source, 1


def _choices(at: At, interaction: Interaction, data: Json) -> None:
    interaction.choices = data["choices"]


def _modal(at: At, interaction: Interaction, data: Json) -> None:
    interaction.modal = Modal(interaction, data["custom_id"], data["title"], data["components"])


HANDLERS: dict[int, Any] = {
    kinds.REPLY: _reply,
    kinds.DEFER: _defer,
    kinds.DEFER_UPDATE: _defer_update,
    kinds.UPDATE: _update,
    kinds.CHOICES: _choices,
    kinds.MODAL: _modal,
}


# Follow-ups -------------------------------------------------------------------------------------------------------


def _live(at: At) -> Interaction:
    """The interaction of a token. Raises Refusal: 10015 for none or an unanswered one, 50027 for an old one."""
    interaction = at.server.interactions.get(at.call.params["token"])
    if at.id("application_id") != at.world.bot.id or interaction is None or interaction.answer is None:
        raise Refusal(10015)
    if time.monotonic() - interaction.begun > at.server.token_life:
        raise Refusal(50027)
    return interaction


def follow_up(at: At) -> Json:
    """A further message; after a deferred reply the first one fills that, private or not as it was deferred."""
    interaction = _live(at)
    messages.check_body(at.body, at.call.files, FOLLOW_UP)
    original = interaction.original
    if interaction.answer == kinds.DEFER and original is not None and original.flags & LOADING:
        messages.edit(at.world, original, {**at.body, "flags": 0}, at.call.files, FOLLOW_UP)
        original.edited_at = None
        return original.payload()
    private = bool((at.body.get("flags") or 0) & EPHEMERAL)
    made = _post(at, interaction, at.body, ephemeral=private)
    interaction.followups.append(made)
    return made.payload()


def _message(at: At, interaction: Interaction) -> Message:
    name = at.call.params.get("message_id")
    mine = [one for one in (interaction.original, *interaction.followups) if one is not None]
    found = mine[:1] if name is None and interaction.original else [one for one in mine if str(one.id) == name]
    if not found or found[0].id not in found[0].channel.messages:
        raise Refusal(10008)
    return found[0]


def get_answer(at: At) -> Json:
    return _message(at, _live(at)).payload()


def patch_answer(at: At) -> Json:
    interaction = _live(at)
    message = _message(at, interaction)
    messages.edit(at.world, message, at.body, at.call.files, MESSAGE)
    if message is interaction.source:
        interaction.updated += 1
    return message.payload()


def delete_answer(at: At) -> None:
    interaction = _live(at)
    message = _message(at, interaction)
    messages.delete(at.world, message)
    if message is interaction.original and message is not interaction.source:
        interaction.original = None


BASE = "/webhooks/{application_id}/{token}"
ROUTES: dict[str, Handler] = {
    "POST /interactions/{interaction_id}/{token}/callback": callback,
    f"POST {BASE}": follow_up,
    f"GET {BASE}/messages/@original": get_answer,
    f"PATCH {BASE}/messages/@original": patch_answer,
    f"DELETE {BASE}/messages/@original": delete_answer,
    f"GET {BASE}/messages/{{message_id}}": get_answer,
    f"PATCH {BASE}/messages/{{message_id}}": patch_answer,
    f"DELETE {BASE}/messages/{{message_id}}": delete_answer,
}
