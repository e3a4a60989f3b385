"""Every card, answer and form, filled to the brim with what people can type, is within what Discord takes."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import bot
from bot.effects.messages import stamp
from bot.kernel.checks import check, check_modal
from bot.kernel.components import Button, Select, rows_json
from bot.kernel.limits import length
from bot.kernel.message import Message, Modal
from bot.oncall import cards as oncall
from bot.oncall.service import OnCall
from tests.limits.samples import HOSTILE, Maker, Missing

SEEDS = range(len(HOSTILE))
REFERENCE, MARK = "practice-1000000", "0123abcd"
# Nothing of this may reach a message: it pings, or it turns or hides the words around it.
NEVER = re.compile("@everyone|@here|[\u202a-\u202e\u2066\u2067\ufeff\u2060]", re.IGNORECASE)


def card_modules() -> Iterator[ModuleType]:
    """Every module named `cards`, or in a package of that name."""
    for one in pkgutil.walk_packages(bot.__path__, "bot."):
        if "cards" in one.name.split("."):
            yield importlib.import_module(one.name)


def cards() -> dict[str, Any]:
    """Every public function of those modules that makes something for people, by its full name."""
    found = {}
    for module in card_modules():
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{module.__name__}.{name}"] = function
    return found


CARDS = cards()


def test_the_cards_are_found() -> None:
    modules = {name.rpartition(".")[0] for name in CARDS}
    assert {"bot.incidents.cards.card", "bot.updates.cards.public", "bot.oncall.cards", "bot.setup.cards"} <= modules
    assert len(CARDS) > 60


@pytest.mark.parametrize("name", CARDS)
def test_within_what_discord_takes(name: str) -> None:
    function = CARDS[name]
    assert "return" in typing.get_type_hints(function), f"{name} does not say what it returns"
    for seed in SEEDS:
        try:
            made = function(**Maker(seed).arguments(function))
        except Missing as missing:
            pytest.fail(str(missing))
        for fault in faults(made):
            pytest.fail(f"{name}, filled by Maker({seed}): {fault}")


def faults(made: Any) -> Iterator[str]:
    """What Discord would refuse, or what would reach people unescaped."""
    if isinstance(made, Message):
        yield from of_message(made)
    elif isinstance(made, Modal):
        yield from check_modal(made.payload())
    elif isinstance(made, str):
        yield from check(Message(content=made).payload())
    elif isinstance(made, tuple) and made and isinstance(made[0], Button | Select):
        yield from check({"content": "x", "components": rows_json((made,)), "allowed_mentions": {"parse": []}})


def of_message(message: Message) -> Iterator[str]:
    """As it is answered, and as it is finally sent with its reference and mark."""
    for payload in (message.payload(), stamp(message, REFERENCE, MARK)):
        yield from check(payload)
        shown = [payload["content"], *(json.dumps(one, ensure_ascii=False) for one in payload["embeds"])]
        for text in shown:
            if hidden := NEVER.search(text):
                yield f"{hidden[0]!r} reaches people in {text[:80]!r}"
        for user_id in payload["allowed_mentions"]["users"]:
            if f"<@{user_id}>" not in payload["content"]:
                yield f"{user_id} is to be pinged and stands nowhere in the words"
    stamped = stamp(message, REFERENCE, MARK)
    where = json.dumps(stamped["embeds"][-1]) if stamped["embeds"] else stamped["content"]
    if MARK not in where:
        yield "the mark by which it is found again was cut off"


def test_a_card_with_something_new_says_what_to_add() -> None:
    class Unknown:
        pass

    def card(thing: Unknown) -> Message:
        return Message(content=str(thing))

    card.__annotations__["thing"] = Unknown
    with pytest.raises(Missing, match=r"`card` takes `thing: .*Add it to SPECIAL"):
        Maker(0).arguments(card)


def test_where_nobody_is_on_call_it_is_still_a_message() -> None:
    for may_edit in (True, False):
        found = OnCall(None, (), may_edit)
        for made in (oncall.who(found), oncall.schedule(found), oncall.rotation_form(found)):
            assert list(faults(made)) == []


def test_what_is_cut_is_not_the_whole() -> None:
    """The tests above would also hold for cards that say nothing."""
    for name in ("bot.incidents.cards.card.incident_card", "bot.updates.cards.public.public_post"):
        function = CARDS[name]
        payload = function(**Maker(0).arguments(function)).payload()
        assert length(json.dumps(payload)) > 3000
