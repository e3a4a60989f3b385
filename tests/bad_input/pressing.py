"""What tests of bad input do beyond ordinary pressing: send a form as it stands, press at once, deliver twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from simcord.backend import serializers
from sqlalchemy import select

import cogs.incidents.forms
import cogs.updates
from bot.effects import Effect, State
from tests.world import World, labels, said

KEPT = "What you typed is kept."


def standing(shown: Any) -> dict[str, Any]:
    """What a form that was opened has in its fields, by key; picked options and people as lists of strings."""
    assert shown.modal is not None, f"no form was shown, but: {said(shown)}"
    found: dict[str, Any] = {}
    for one in shown.modal["components"]:
        part = one.get("component")
        if part is None:
            continue
        if part["type"] == 4:
            found[part["custom_id"]] = part.get("value", "")
        elif part["type"] == 3:
            found[part["custom_id"]] = [option["value"] for option in part["options"] if option.get("default")]
        else:
            found[part["custom_id"]] = [default["id"] for default in part.get("default_values", ())]
    return found


async def sends(world: World, who: Any, shown: Any, **changed: Any) -> Any:
    """Somebody sends the form as it stands, but for what they change."""
    people = {str(one.id): one for one in world.people.values()}
    values = {
        key: [people.get(one, one) for one in value] if isinstance(value, list) else value
        for key, value in standing(shown).items()
    }
    return await world.fills(who, shown, **{**values, **changed})


async def edits_again(who: Any, refused: Any) -> Any:
    """The form that _Edit again_ opens."""
    assert "Edit again" in labels(refused.response), said(refused)
    return await who.click(refused.response, label="Edit again")


def refusal(result: Any, *words: str, kept: bool = True) -> str:
    """The sentence of a refusal, checked to be a calm one: private, short, and free of machinery."""
    sentence = said(result)
    assert result.acknowledged
    assert result.response is None or result.response.ephemeral
    for word in words:
        assert word in sentence, sentence
    for word in ("Traceback", "Error", "went wrong", "sqlalchemy"):
        assert word not in sentence, sentence
    assert len(sentence) < 600, sentence
    if kept:
        assert "is kept" in sentence, sentence
        assert "Edit again" in labels(result.response), sentence
    return sentence


async def at_once(world: World, *acts: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Several people act at the same moment: all have pressed before the bot has done anything."""
    results = []
    for act in acts[:-1]:
        with _unsettled(world):
            results.append(await act())
    results.append(await acts[-1]())
    return results


@contextmanager
def _unsettled(world: World) -> Iterator[None]:
    settle = world.env._settle_internal

    async def not_yet(**_: Any) -> None:
        return None

    world.env._settle_internal = not_yet
    try:
        yield
    finally:
        world.env._settle_internal = settle


@contextmanager
def delivered_twice(world: World) -> Iterator[None]:
    """Discord delivers each interaction twice, as it may when a gateway session is resumed."""
    backend = world.env.backend
    emit = backend.emit

    def twice(event: str, payload: Any, *rest: Any, **more: Any) -> Any:
        found = emit(event, payload, *rest, **more)
        return emit(event, payload, *rest, **more) if event == "INTERACTION_CREATE" else found

    backend.emit = twice
    try:
        yield
    finally:
        backend.emit = emit


@contextmanager
def too_late(world: World) -> Iterator[None]:
    """Every first answer comes after the three seconds that Discord gives."""
    world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062, times=None)
    try:
        yield
    finally:
        world.env.backend.faults.clear()


@contextmanager
def busy_store() -> Iterator[None]:
    """Reading the store takes longer than a form that must come first can wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cogs.updates, "QUICK_S", 0)
        patch.setattr(cogs.incidents.forms, "QUICK_S", 0)
        yield


async def pressed(world: World, who: Any, channel: Any, custom_id: str, **more: Any) -> Any:
    """Somebody's client sends this custom id: of a button that stood there once, or that a client made up."""
    data = {"custom_id": custom_id, "component_type": 2, **more}
    message = world.seen(channel)[-1] if world.seen(channel) else None
    extra = None
    if message is not None:
        stored = world.env.backend.get_message(channel.id, message.id)
        extra = {"message": dict(serializers.message_payload(world.env.backend, stored))}
    return await who._dispatch_interaction(3, channel, data, extra=extra)


def pinged(world: World, channel: Any, since: int = 0) -> set[int]:
    """Ids of all people and roles that the messages of a channel ring, from the `since`-th on."""
    backend = world.env.backend
    found: set[int] = set()
    for message in world.seen(channel)[since:]:
        stored = backend.get_message(channel.id, message.id)
        assert not stored.mention_everyone, stored.content
        found |= {*stored.ping_user_ids, *stored.ping_role_ids}
    return found


async def effects(world: World, kind: str) -> list[tuple[str, str | None]]:
    """(state, last error) of the effects of a kind, in order."""
    async with world.app.uow.read() as tx:
        rows = await tx.session.scalars(select(Effect).where(Effect.kind == kind).order_by(Effect.id))
        return [(State(row.state), row.last_error) for row in rows]


LACKS, HIDDEN, GONE, FULL, CLOSED_DM = 50013, 50001, 10003, 30013, 50007


def notices(world: World) -> list[Any]:
    """Everything with _Try again_ on it, wherever it stands."""
    places = [*world.guild.channels.values(), *(one.user.dm_channel for one in world.people.values())]
    found = {
        message.id: message
        for place in places
        if place is not None and hasattr(place, "history")
        for message in place.history()
        if "Try again" in labels(message)
    }
    return [found[key] for key in sorted(found)]


async def tries_again(world: World, who: Any, notice: Any) -> Any:
    """Somebody presses it, in the server or in direct messages."""
    return await (who if notice.guild is not None else who.user).click(notice, label="Try again")


async def calm(world: World) -> None:
    """Time passes and nothing more is said about it."""
    before = len(notices(world))
    rows = await world.count(Effect)
    await world.passes(minutes=4)
    assert len(notices(world)) == before, "a notice is sent once"
    assert await world.count(Effect) < rows + 30


def closes(world: World, *people: Any) -> None:
    """These people take no direct messages from the server."""
    for one in people:
        channel_id = world.env.backend.get_dm_channel(one.id).id
        world.env.inject_error("POST", f"/channels/{channel_id}/messages", status=403, code=CLOSED_DM, times=None)
