"""`python -m bot …`: one function per command. Exit codes: docs/operations.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot.collector import loading
from bot.settings import Settings, SettingsError, load_settings

FINE, BAD_SETTINGS, BAD_SCHEMA = 0, 2, 3
FIRST_STEPS = (
    "1. Create an application with a bot at https://discord.com/developers/applications and copy the bot's token.",
    "2. Put it into config.toml (copy config.example.toml) under [discord] token, or into VIGIL_DISCORD__TOKEN.",
    "3. Run this again: it prints the invite link; after you have invited it, /setup in your server does the rest.",
)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m bot", description="Vigil carries an organisation through an incident."
    )
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start the bot")
    doctor = commands.add_parser("doctor", help="check settings, database, token and each server's set-up")
    doctor.add_argument("--invite", action="store_true", help="print the invite link and why each permission is asked")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    backup = commands.add_parser("backup", help="make a backup and check it, also while the bot runs")
    backup.add_argument("path", nargs="?", help="a new file, or a folder; left out: the folder of backups")
    restore = commands.add_parser("restore", help="put a backup in place; what was there is kept")
    restore.add_argument("path", nargs="?", help="the backup; left out: list those that there are")
    status = commands.add_parser("status", help="show what is open, due, not done and why; also while the bot runs")
    status.add_argument("--json", action="store_true", help="for programs")
    effects = commands.add_parser("effects", help="what is to be done on Discord and is not done yet")
    _effects(effects.add_subparsers(dest="act", required=True))
    rehearse = commands.add_parser("rehearse", help="practise in a browser page; no token needed")
    rehearse.add_argument("--play", metavar="NAME", help="play an example (api-outage) and print its transcript")
    rehearse.add_argument("--no-browser", action="store_true", help="do not open a browser")
    rehearse.add_argument("--port", type=int, help="serve the page on this port")
    return top


def _effects(acts: Any) -> None:
    """`effects list`, `effects retry ID` or `--all`, `effects give-up ID`."""
    acts.add_parser("list", help="what waits, and what failed in the last 7 days, each with its number")
    retry = acts.add_parser("retry", help="try it again now")
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", type=int, help="its number")
    which.add_argument("--all", action="store_true", help="all that `list` shows")
    give_up = acts.add_parser("give-up", help="end it; whoever can act is told on Discord")
    give_up.add_argument("id", type=int, help="its number")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    chosen = parser().parse_args(arguments)
    if chosen.command == "rehearse":
        from bot.rehearsal import main as rehearse

        code: int = rehearse(play=chosen.play, open_browser=not chosen.no_browser, port=chosen.port)
        return code
    try:
        settings = load_settings(os.environ, Path.cwd())
    except SettingsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return BAD_SETTINGS
    with loading():
        from bot.observability import configure

    configure(settings.logging.level, settings.logging.format)
    if chosen.command == "migrate":
        return asyncio.run(_migrate(settings))
    if chosen.command == "doctor":
        from bot import doctor

        return asyncio.run(doctor.run(settings, invite=chosen.invite))
    if chosen.command in ("backup", "restore"):
        from bot.backup import commands

        act = commands.backup if chosen.command == "backup" else commands.restore
        return asyncio.run(act(settings, chosen.path))
    if chosen.command in ("status", "effects"):
        return asyncio.run(_inspect(chosen, settings))
    return _run(settings)


def _inspect(chosen: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, int]:
    from bot.inspection import commands

    if chosen.command == "status":
        return commands.show_status(settings, as_json=chosen.json)
    if chosen.act == "list":
        return commands.list_effects(settings)
    if chosen.act == "retry":
        return commands.retry(settings, None if chosen.all else chosen.id)
    return commands.give_up(settings, chosen.id)


def _run(settings: Settings) -> int:
    if settings.discord.token is None and settings.process.role != "web":
        for line in FIRST_STEPS:
            print(line)
        return BAD_SETTINGS
    with loading():
        from bot import process

    return asyncio.run(process.run(settings))


async def _migrate(settings: Settings) -> int:
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from bot.backup.daily import before_upgrade
    from bot.backup.shelf import advice
    from bot.kernel.clock import SystemClock
    from bot.storage import checkup, migrate, schema
    from bot.storage.engine import sqlite_file

    url = settings.database.url
    try:
        if (file := sqlite_file(url)) is not None:
            checkup.check(file)
        before = await schema.current(url)
        kept = await before_upgrade(settings, SystemClock())
        await migrate.upgrade(url)
    except checkup.Damaged as error:
        print(f"database: {error} {advice(settings)}", file=sys.stderr)
        return BAD_SCHEMA
    except schema.SchemaError as error:
        print(f"database: {error}", file=sys.stderr)
        return BAD_SCHEMA
    except CommandError:
        print(f"database: schema {before} is newer than this version of Vigil; start the newer one.", file=sys.stderr)
        return BAD_SCHEMA
    except (SQLAlchemyError, OSError) as error:
        # Its own words may repeat the address with the password, so only its kind is told.
        print(
            f"database.url: the database cannot be used ({type(error).__name__}). Check that its server runs and that "
            "name and password are right, or, for a file, that its folder can be written to.",
            file=sys.stderr,
        )
        return BAD_SCHEMA
    if kept is not None:
        print(f"backup: {kept.path}, as it was before")
    print(f"schema: {before or 'empty'} → {schema.HEAD}")
    return FINE
