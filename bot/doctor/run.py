"""Runs the checks in order: settings, database, token, intents, then each server. Prints as it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import discord
from discord.http import HTTPClient, Route
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.backup.shelf import advice
from bot.client import INTENTS
from bot.doctor import backups
from bot.doctor.lines import Line, fine, fix, note, sick
from bot.doctor.server import People, examine
from bot.kernel.clock import SystemClock
from bot.kernel.outside import Refused, Retry
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.settings import Settings
from bot.setup import store as setups
from bot.setup.look import look
from bot.setup.permissions import NEEDS, invite_link
from bot.setup.rules import Current
from bot.storage import UnitOfWork, checkup, open_engines, schema
from bot.storage.engine import sqlite_file

FINE, TO_FIX, BAD_SETTINGS, BAD_SCHEMA, REFUSED_TOKEN = 0, 1, 2, 3, 4
LOGIN_LIMIT_S = 30.0
UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
PORTAL = "Developer Portal › your application › Bot › Reset Token"


async def run(settings: Settings, *, invite: bool = False) -> int:
    """Check everything and print it; 0 if all is well, 1 if a set-up needs a change, else 2, 3 or 4 as `run` has it."""
    for name in ("alembic", "discord"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if invite:
        return await _invite(settings)
    say([fine("settings: read, and every key is known")])
    code = FINE
    database, usable = await check_database(settings)
    say(database)
    if sick(database):
        code = BAD_SCHEMA
    kept = backups.examine(settings, SystemClock().now())
    say(kept)
    if sick(kept):
        code = code or TO_FIX
    async with _login(settings) as (client, lines, refused):
        say(lines)
        if client is None:
            return code or refused
        for guild_id, name in await _servers(client):
            print(f"\n{_printable(name)}")
            if not usable:
                say([note("Its set-up cannot be read without the database.")])
                continue
            found = await check_server(settings, client.http, guild_id, own_id=_own_id(client))
            say(found)
            code = code or (TO_FIX if sick(found) else FINE)
    return code


def say(lines: list[Line]) -> None:
    """Print them."""
    for one in lines:
        print(one.text())


async def check_database(settings: Settings) -> tuple[list[Line], bool]:
    """Whether it can be reached and has this version's schema; and whether it can be read now. Makes nothing."""
    url = settings.database.url
    try:
        place = make_url(url)
    except ArgumentError:
        return [fix("database.url: not readable as an address.", "config.example.toml shows two that are.")], False
    if place.get_backend_name() == "sqlite" and not _is_file(place.database):
        return [note("database: none yet.", "`python -m bot run` makes it when it starts.")], False
    try:
        if (file := sqlite_file(url)) is not None:
            checkup.check(file)
        found = await schema.current(url)
    except checkup.Damaged as error:
        return [fix(f"database: {error}", advice(settings))], False
    except checkup.StoreError as error:
        return [fix(f"database: {error}", "")], False
    except (SQLAlchemyError, OSError) as error:
        remedy = "Check database.url: is the server running, and are name and password right? It is not repeated here."
        return [fix(f"database: it cannot be reached ({type(error).__name__}).", remedy)], False
    wanted = schema.HEAD
    if found == wanted:
        return [fine("database: reached"), fine(f"schema: {wanted}, as this version needs")], True
    remedy = "Run `python -m bot migrate`; if it says that the schema is newer, start the newer version of Vigil."
    return [fine("database: reached"), fix(f"schema: {found or 'empty'}, this version needs {wanted}.", remedy)], False


def _is_file(path: str | None) -> bool:
    return path is not None and Path(path).is_file()


async def check_server(settings: Settings, http: HTTPClient, guild_id: int, *, own_id: int) -> list[Line]:
    """The set-up of one server."""
    engines = open_engines(settings.database.url)
    try:
        return await examine_server(UnitOfWork(engines, SystemClock()), http, guild_id, own_id=own_id)
    except SQLAlchemyError as error:
        remedy = "Run `python -m bot migrate`, then the doctor again."
        return [fix(f"The set-up cannot be read ({type(error).__name__}).", remedy)]
    finally:
        await engines.close()


async def examine_server(uow: UnitOfWork, http: HTTPClient, guild_id: int, *, own_id: int) -> list[Line]:
    """The set-up of one server, by an open store."""
    now, people = await _stored(uow, guild_id)
    try:
        seen = await look(http, guild_id, now, own_id=own_id)
    except (Refused, Retry) as error:
        remedy = "Try again in a minute; if it stays, invite the bot again with `python -m bot doctor --invite`."
        return [fix(f"Discord did not show the server ({error}).", remedy)]
    return examine(now, seen, people)


async def _stored(uow: UnitOfWork, guild_id: int) -> tuple[Current, People]:
    async with uow.read() as tx:
        now = setups.current(await servers.settings(tx, guild_id))
        responders = await servers.roster(tx, guild_id, [Standing.RESPONDER])
        rotation = await oncall.rotation_at(tx, guild_id, tx.now)
    return now, People(len(responders), len(rotation.people) if rotation else 0)


@asynccontextmanager
async def _login(settings: Settings) -> AsyncIterator[tuple[discord.Client | None, list[Line], int]]:
    """A client that is logged in over REST only, or None with the reason and the exit code."""
    token = settings.discord.token
    if token is None:
        remedy = "Put it into config.toml under [discord] token, or into VIGIL_DISCORD__TOKEN."
        yield None, [fix("discord.token: there is none.", remedy)], BAD_SETTINGS
        return
    Route.BASE = settings.discord.api_base
    async with discord.Client(intents=INTENTS) as client:
        try:
            async with asyncio.timeout(LOGIN_LIMIT_S):
                await client.login(token.get_secret_value())
        except discord.LoginFailure:
            yield None, [fix("discord.token: Discord refused it.", f"Copy it again: {PORTAL}.")], REFUSED_TOKEN
            return
        except UNREACHABLE as error:
            remedy = "Check the connection and discord.api_base, then run the doctor again."
            yield None, [fix(f"discord: it cannot be reached ({type(error).__name__}).", remedy)], TO_FIX
            return
        wanted = ", ".join(name for name, on in INTENTS if on and name in _ASKED)
        yield (
            client,
            [
                fine(f"token: Discord took it; the bot is {_printable(str(client.user))}"),
                fine(f"intents: {wanted}; none of them is privileged, so nothing needs to be switched on"),
            ],
            FINE,
        )


_ASKED = frozenset({"guilds", "guild_messages", "dm_messages", "moderation"})


async def _servers(client: discord.Client) -> list[tuple[int, str]]:
    try:
        found = [(one.id, one.name) async for one in client.fetch_guilds(limit=None)]
    except UNREACHABLE as error:
        say([fix(f"servers: Discord did not list them ({type(error).__name__}).", "Run the doctor again in a minute.")])
        return []
    if not found:
        say([note("servers: the bot is in none yet.", "`python -m bot doctor --invite` prints the link.")])
    return found


async def _invite(settings: Settings) -> int:
    """The link, and why each permission is asked for."""
    async with _login(settings) as (client, lines, refused):
        if client is None or client.application_id is None:
            say(lines)
            return refused
        print(invite_link(client.application_id))
        print("\nIt asks for these permissions, and never for Administrator:")
        for one in NEEDS:
            print(f"  {one.permission.name:<22} {one.capability}: {one.why}")
    return FINE


def _own_id(client: discord.Client) -> int:
    assert client.user is not None, "logged in"
    return client.user.id


def _printable(text: str) -> str:
    return "".join(one for one in text if one.isprintable())
