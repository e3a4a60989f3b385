"""One running process: start in order, stop in order, and say in one line why it cannot start."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog
from discord.http import Route
from sqlalchemy.exc import SQLAlchemyError

from bot import VERSION
from bot.backup.shelf import advice
from bot.bootstrap import SYSTEM_CLOCK, App, Duty, build
from bot.inspection import health
from bot.kernel.errors import StoreTrouble
from bot.settings import Settings
from bot.setup.permissions import invite_link
from bot.storage.checkup import Damaged
from bot.storage.peers import Peers, peers_of
from bot.storage.schema import SchemaError

if TYPE_CHECKING:
    from bot.web import app as web

log = structlog.get_logger(__name__)

STOPPED, BAD_SETTINGS, BAD_SCHEMA, REFUSED_TOKEN = 0, 2, 3, 4
STOP_WITHIN_S = 9.5
"""From SIGTERM to the end of the process at the latest, whatever hangs: all is recorded, the next start goes on."""
CLOSE_WITHIN_S = 8.5
"""Of that, the time in which the work (bot.bootstrap.STOP_WORK_S) and then the connections end in order."""
BAD_TOKEN = 4004
"""The gateway's close code for a token that was replaced meanwhile."""
LOGIN_WITHIN_S = 90
STORE_AGAIN_S = 1.0
TURN_AGAIN_S = 2.0
"""How long a process that waits leaves between two looks whether it is its turn."""
RETRY_LOGIN_S = (1, 2, 5, 10, 30)
UNREACHABLE = (
    discord.DiscordServerError,
    discord.GatewayNotFound,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    ValueError,
)
TRANSIENT_STATUS = frozenset({403, 408, 425, 429})
"""Refusals that a proxy or an edge in front of Discord gives for a while."""


def use_api_base(api_base: str) -> None:
    """Send every REST call, interaction answer and webhook to this address, version included."""
    Route.BASE = api_base


async def run(settings: Settings) -> int:
    """Run the bot until SIGTERM or SIGINT; returns the exit code (0, 3 schema, 4 token refused)."""
    use_api_base(settings.discord.api_base)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, _asked_to_stop, stop)
    while (code := await _life(settings, stop)) is None:
        log.warning("process.overtaken", why="another process serves these shards now; this one waits for its turn")
    return code


async def _life(settings: Settings, stop: asyncio.Event) -> int | None:
    """From start to end; None: another process has what this one served, so begin again and wait."""
    role, shards = settings.process.role, settings.discord.shards
    options: dict[str, Any] = {}
    if shards is not None:
        options = {"shard_ids": list(shards.ids), "shard_count": shards.count}
    metrics = None
    if settings.web.port:
        from bot.inspection.metrics import Metrics  # with its library, only where somebody may ask

        metrics = options["observer"] = Metrics(SYSTEM_CLOCK.now, version=VERSION)
    app = build(settings, **options)
    peers = peers_of(settings.database.url, app.heard, works=role != "web")
    site: web.Site | None = None
    try:
        if metrics is not None:
            from bot.web import app as web  # aiohttp's server is not loaded where nothing is served

            pages = web.make(health.probes(app), partial(health.page, app, metrics))
            site = await web.start(pages, settings.web.host, settings.web.port)
        if await _or_stopped(_join(app, peers), stop):
            return STOPPED
        if role == "web":
            app.duty = Duty.WORKING
            await stop.wait()
            return STOPPED
        return await _serve(app, settings, peers, stop)
    except Damaged as error:
        return _told(f"database: {error} {advice(settings)}", BAD_SCHEMA)
    except SchemaError as error:
        return _told(f"database: {error}", BAD_SCHEMA)
    except (SQLAlchemyError, OSError) as error:
        if app.client.application_id is not None:  # it worked before: this is a fault, not a wrong address
            raise
        return _told(f"database.url: the database cannot be used ({_first_line(error)}).", BAD_SCHEMA)
    finally:
        if site is not None:
            await site.stop()
        await app.close()
        await peers.leave()


async def _join(app: App, peers: Peers) -> None:
    """Be one of the processes on the store; what an earlier life left half done is taken back where nobody else is."""
    alone = await peers.join()
    await app.prepare()
    while True:
        try:
            await app.take_back(alone=alone)
            break
        except StoreTrouble:
            log.warning("process.waits", why="the database cannot be written just now")
            await asyncio.sleep(STORE_AGAIN_S)
    app.uow.voice = peers.voice
    await peers.settle()


async def _or_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> bool:
    """Do `work` to its end, unless the process is told to stop meanwhile: then True."""
    doing = asyncio.create_task(work, name="join")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if doing.done():
        doing.result()
        return False
    doing.cancel()
    await asyncio.wait({doing}, timeout=1)
    return True


def _asked_to_stop(stop: asyncio.Event) -> None:
    """Begin to stop. Threads that wait for a locked file or a name server cannot be ended, so they are cut off."""
    if not stop.is_set():
        stop.set()
        cut = threading.Timer(STOP_WITHIN_S, _cut_off)
        cut.daemon = True
        cut.start()


def _cut_off() -> None:
    log.warning("process.cut_off", after_s=STOP_WITHIN_S)
    os._exit(STOPPED)


def _told(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__


async def _serve(app: App, settings: Settings, peers: Peers, stop: asyncio.Event) -> int | None:
    token = settings.discord.token
    assert token is not None, "checked before"
    connection = asyncio.create_task(_connect(app, settings, token.get_secret_value(), peers), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    lost = asyncio.create_task(peers.lost.wait(), name="lost")
    await asyncio.wait({connection, stopping, lost}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, lost):
        task.cancel()
    if stop.is_set() or peers.lost.is_set():
        log.info("process.stopping")
        await _stop(app, connection)
        return STOPPED if stop.is_set() else None
    error = connection.exception()
    if isinstance(error, discord.LoginFailure) or getattr(error, "code", None) == BAD_TOKEN:
        await asyncio.wait({asyncio.create_task(app.client.close(), name="closing")}, timeout=CLOSE_WITHIN_S)
        return _told(
            "discord.token: Discord refused it. Copy it again: Developer Portal › your application › Bot.",
            REFUSED_TOKEN,
        )
    if error is not None:
        raise error
    return STOPPED


async def _stop(app: App, connection: asyncio.Task[None]) -> None:
    """Let the work end, then the connection; whatever hangs is left, since all of it is recorded."""
    closing = asyncio.create_task(app.client.close(), name="closing")
    await asyncio.wait({closing}, timeout=CLOSE_WITHIN_S)
    for task in (connection, closing):
        task.cancel()
    await asyncio.wait({connection, closing}, timeout=0.5)
    for task in (connection, closing):
        if task.done() and not task.cancelled() and (error := task.exception()):
            log.warning("process.not_closed", why=type(error).__name__)


async def _connect(app: App, settings: Settings, token: str, peers: Peers) -> None:
    """Log in, waiting out a Discord that is down; then, once it is this process's turn, stay connected."""
    client, shards = app.client, settings.discord.shards
    attempt = 0
    logged_in = False
    while not client.is_closed():
        try:
            if not logged_in:
                async with asyncio.timeout(LOGIN_WITHIN_S):
                    await client.login(token)
                logged_in = True
                _show_invite(client.application_id)
            if settings.process.role == "workers":
                app.duty = Duty.WORKING
                await asyncio.Event().wait()
            await _turn(app, peers, None if shards is None else list(shards.ids))
            await client.connect(reconnect=True)
        except (*UNREACHABLE, discord.HTTPException) as error:
            if client.is_closed() or (isinstance(error, discord.HTTPException) and not _may_pass(error)):
                raise
            wait = RETRY_LOGIN_S[min(attempt, len(RETRY_LOGIN_S) - 1)]
            log.warning("discord.unreachable", why=type(error).__name__, again_in_s=wait)
            attempt += 1
            await asyncio.sleep(wait)


async def _turn(app: App, peers: Peers, shards: list[int] | None) -> None:
    """Wait until no other process has the gateway connection of these shards."""
    while not await peers.take(shards):
        if app.duty is not Duty.WAITING:
            app.duty = Duty.WAITING
            log.info(
                "process.waits", why="another process serves these shards; this one works and takes over if it ends"
            )
        await asyncio.sleep(TURN_AGAIN_S)
    app.duty = Duty.SERVING


def _may_pass(error: discord.HTTPException) -> bool:
    return error.status >= 500 or error.status in TRANSIENT_STATUS


def _show_invite(application_id: int | None) -> None:
    """One line on the terminal: where to add the bot to a server."""
    if application_id is not None:
        print(f"Invite Vigil: {invite_link(application_id)}", flush=True)
