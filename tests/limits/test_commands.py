"""Commands, pickers, rooms and audit-log reasons are within what Discord takes, also in a full server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from bot.bootstrap import build
from bot.incidents.models import Incident
from bot.incidents.notices.rooms import room_name
from bot.incidents.store import IncidentView
from bot.kernel import limits
from bot.kernel.checks import check
from bot.kernel.limits import length
from bot.settings import load_settings
from tests.limits.samples import HOSTILE, Maker
from tests.world import World, said

CHAT_INPUT, SUBCOMMAND, GROUP = 1, 1, 2
ALL_IN_ONE_COMMAND = 8000


@pytest.fixture(scope="module")
def payloads(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The command tree as it is sent to Discord."""
    folder = tmp_path_factory.mktemp("tree")
    app = build(load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{folder}/v.db"}, Path(folder)))
    tree = app.client.tree
    return [one.to_dict(tree) for one in tree.get_commands(type=None)]


def every_option(command: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Subcommands and options, with the way to them."""
    for option in command.get("options", ()):
        yield f"{path} {option['name']}", option
        yield from every_option(option, f"{path} {option['name']}")


def all_text(part: dict[str, Any]) -> int:
    """Characters that count towards one command's sum: names, descriptions and values of the whole subtree."""
    own = length(part.get("name", "")) + length(part.get("description", ""))
    choices = sum(length(one["name"]) + length(str(one["value"])) for one in part.get("choices") or ())
    return own + choices + sum(all_text(one) for one in part.get("options", ()))


def test_names_and_descriptions(payloads: list[dict[str, Any]]) -> None:
    for command in payloads:
        assert 1 <= length(command["name"]) <= limits.COMMAND_NAME
        if command["type"] == CHAT_INPUT:
            assert command["name"] == command["name"].lower()
            assert 1 <= length(command["description"]) <= limits.COMMAND_DESCRIPTION
        for path, option in every_option(command, command["name"]):
            assert option["name"] == option["name"].lower() and 1 <= length(option["name"]) <= limits.COMMAND_NAME, path
            assert 1 <= length(option["description"]) <= limits.COMMAND_DESCRIPTION, path
            assert option["description"] != "…", f"{path} has no description of its own"


def test_options_and_choices(payloads: list[dict[str, Any]]) -> None:
    for command in payloads:
        for path, option in [(command["name"], command), *every_option(command, command["name"])]:
            given = option.get("options", [])
            assert len(given) <= 25, f"{path} has {len(given)} options"
            required = [bool(one.get("required")) for one in given if one["type"] > GROUP]
            assert required == sorted(required, reverse=True), f"{path}: what is required comes first"
            choices = option.get("choices") or []
            assert len(choices) <= limits.CHOICES, path
            assert not (choices and option.get("autocomplete")), path
            for choice in choices:
                assert 1 <= length(choice["name"]) <= limits.CHOICE_NAME, (path, choice)
                assert 1 <= length(str(choice["value"])) <= limits.CHOICE_VALUE, (path, choice)


def test_no_command_is_too_large_as_a_whole(payloads: list[dict[str, Any]]) -> None:
    for command in payloads:
        assert all_text(command) <= ALL_IN_ONE_COMMAND, (command["name"], all_text(command))
    assert sum(one["type"] == CHAT_INPUT for one in payloads) <= 100
    assert sum(one["type"] == 3 for one in payloads) <= 15


def test_commands_work_in_servers_only(payloads: list[dict[str, Any]]) -> None:
    for command in payloads:
        assert command.get("contexts") == [0] or command.get("dm_permission") is False, command["name"]


def test_the_name_of_a_room_and_the_reason_in_the_audit_log() -> None:
    for title in HOSTILE:
        incident = Maker(0).make(IncidentView, "incident", "test")
        incident.texts["title"] = title
        name = room_name(incident)
        assert 1 <= length(name) <= limits.CHANNEL_NAME
        assert name == name.lower() and name.isascii() and all(c.isalnum() or c == "-" for c in name), name
        assert length(quote(incident.ref)) <= limits.AUDIT_REASON


async def test_a_full_server(world: World) -> None:
    """Many open incidents with the worst titles, many people and long reasons: every answer and picker still stands."""
    general = world.channels["general"]
    titles = [one for one in HOSTILE if sum(c.isalnum() for c in one) > 1][:12]
    for number, title in enumerate(titles):
        who = (world.alice, world.carol)[number % 2]  # more than one person declares in ten minutes
        found = await who.slash(
            general,
            "incident declare",
            title=title[:4000] or "x",
            severity=f"SEV-{number % 4}",
            kind="outage",
            summary=title,
            affected=title,
        )
        if "sounds like" in said(found):
            await who.click(found.response, label="Declare anyway")
    async with world.app.uow.read() as tx:
        refs = list(await tx.session.scalars(select(Incident.ref).order_by(Incident.id)))
    assert len(refs) == len(titles)
    room = world.room(refs[0])
    for number in range(20):
        await world.bob.slash(room, "incident log", entry=f"{number} {titles[number % len(titles)]}"[:4000])
    await world.alice.slash(room, "incident severity", severity="SEV-1", reason=titles[3][:1000])
    for command in ("incident list", "incident due", "oncall who", "oncall schedule"):
        shown = await world.alice.slash(general, command)
        assert shown.response is not None and said(shown)
    for ref in refs:
        shown = await world.alice.slash(general, "incident show", incident=ref)
        assert ref in said(shown)
        exported = await world.alice.slash(general, "incident export", incident=ref)
        assert len(exported.response.attachments) == 2
    for typed in ("", "a", titles[5][:50]):
        for option in ("show", "log", "done"):
            found = await world.alice.autocomplete(general, f"incident {option}", "incident", typed)
            assert len(found) <= limits.CHOICES
            for one in found:
                assert 1 <= length(one["name"]) <= limits.CHOICE_NAME, one
                assert 1 <= length(one["value"]) <= limits.CHOICE_VALUE, one
    for channel in world.guild.channels.values():
        for message in world.seen(channel):
            assert length(message.content) <= limits.MESSAGE_CONTENT
    unfinished = await world.unfinished()
    assert unfinished == []


def test_checks_would_notice() -> None:
    """The checks that these tests lean on refuse what Discord refuses."""
    bare = {"content": "x", "allowed_mentions": {"parse": []}}
    assert check(bare) == []
    assert check({**bare, "content": "x" * 2001})
    assert check({"content": "x"})
    assert check({**bare, "components": [{"type": 1, "components": []}]})
