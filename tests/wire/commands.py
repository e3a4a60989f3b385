"""Application commands: what Discord accepts at registration."""

from __future__ import annotations

import re
from typing import Any

from tests.wire.actors import Json
from tests.wire.form import Form

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
COMMAND_FIELDS = {
    *("id", "type", "name", "name_localizations", "description", "description_localizations", "options"),
    *("default_member_permissions", "dm_permission", "contexts", "integration_types", "nsfw", "handler"),
}
OPTION_FIELDS = {
    *("type", "name", "name_localizations", "description", "description_localizations", "required", "choices"),
    *("options", "channel_types", "min_value", "max_value", "min_length", "max_length", "autocomplete"),
}
MOST = {CHAT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
NAME = re.compile(r"[-_'\w]{1,32}")


def check_commands(form: Form, commands: Any) -> None:
    """A whole list of commands, as a bulk overwrite sends it."""
    listed = form.listed("", commands, 130)
    seen: set[tuple[int, str]] = set()
    counts = dict.fromkeys(MOST, 0)
    for n, command in enumerate(listed):
        check_command(form, f"{n}", command)
        if isinstance(command, dict):
            kind = command.get("type") or CHAT
            counts[kind] = counts.get(kind, 0) + 1
            if (kind, str(command.get("name"))) in seen:
                form.wrong(f"{n}.name", "a name twice")
            seen.add((kind, str(command.get("name"))))
    for kind, count in counts.items():
        if count > MOST.get(kind, 0):
            form.wrong("_", f"{count} commands of type {kind}")


def check_command(form: Form, at: str, command: Any) -> None:
    """One command with all below it."""
    if not form.known(at, command, COMMAND_FIELDS, {"name"}):
        return
    if (command.get("type") or CHAT) != CHAT:
        form.text(f"{at}.name", command.get("name"), 32, 1)
        if command.get("description") or command.get("options"):
            form.wrong(f"{at}.description", "a menu has no description and no options")
        return
    _named(form, at, command)
    _options(form, at, command.get("options"), depth=0)
    if (total := _size(command)) > 8000:
        form.wrong(at, f"{total} characters in all, 8000 are allowed")
    for context in command.get("contexts") or []:
        form.number(f"{at}.contexts", context, 0, 2)


def _named(form: Form, at: str, body: Json) -> None:
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.lower():
        form.wrong(f"{at}.name", f"{name!r} is no name of a command")
    form.text(f"{at}.description", body.get("description"), 100, 1)


def _options(form: Form, at: str, options: Any, *, depth: int) -> None:
    optional = False
    seen: set[Any] = set()
    for n, option in enumerate(form.listed(f"{at}.options", options, 25)):
        here = f"{at}.options.{n}"
        if not form.known(here, option, OPTION_FIELDS, {"type", "name"}):
            continue
        _named(form, here, option)
        if option.get("name") in seen:
            form.wrong(f"{here}.name", "a name twice")
        seen.add(option.get("name"))
        kind = option.get("type")
        if kind in (SUBCOMMAND, GROUP):
            if depth + (kind == GROUP) > 1:
                form.wrong(here, "nested too deeply")
            _options(form, here, option.get("options"), depth=depth + 1)
            continue
        form.number(f"{here}.type", kind, STRING, ATTACHMENT)
        if option.get("required") and optional:
            form.wrong(here, "required options stand before optional ones")
        optional = optional or not option.get("required")
        _choices(form, here, option)


def _choices(form: Form, at: str, option: Json) -> None:
    choices = form.listed(f"{at}.choices", option.get("choices"), 25)
    if choices and option.get("autocomplete"):
        form.wrong(at, "choices and autocompletion exclude each other")
    for n, choice in enumerate(choices):
        check_choice(form, f"{at}.choices.{n}", choice)
    for name in ("min_length", "max_length"):
        form.number(f"{at}.{name}", option.get(name), 0, 6000)


def check_choice(form: Form, at: str, choice: Any) -> None:
    """One choice of an option or of an autocompletion."""
    if form.known(at, choice, {"name", "name_localizations", "value"}, {"name", "value"}):
        form.text(f"{at}.name", choice.get("name"), 100, 1)
        if isinstance(choice.get("value"), str):
            form.text(f"{at}.value", choice["value"], 100, 1)


def _size(body: Json) -> int:
    total = len(body.get("name") or "") + len(body.get("description") or "")
    for choice in body.get("choices") or []:
        total += len(str(choice["name"])) + len(str(choice["value"]))
    return total + sum(_size(option) for option in body.get("options") or [])
