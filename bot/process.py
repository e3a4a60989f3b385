"""One running process: start in order, stop in order, and say in one line why it cannot start."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

import aiohttp
import discord
import structlog
from discord.http import Route
from sqlalchemy.exc import SQLAlchemyError

from bot.bootstrap import App, build
from bot.settings import Settings
from bot.setup.permissions import invite_link
from bot.storage.migrate import SchemaError
from bot.web import app as web

log = structlog.get_logger(__name__)

STOPPED, BAD_SETTINGS, BAD_SCHEMA, REFUSED_TOKEN = 0, 2, 3, 4
STOP_WITHIN_S = 15
BAD_TOKEN = 4004
"""The gateway's close code for a token that was replaced meanwhile."""
LOGIN_WITHIN_S = 90
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
        loop.add_signal_handler(name, stop.set)
    options: dict[str, Any] = {}
    if settings.discord.shards is not None:
        options = {"shard_ids": list(settings.discord.shards.ids), "shard_count": settings.discord.shards.count}
    app = build(settings, **options)
    site: web.Site | None = None
    try:
        await app.prepare()
        if settings.web.port:
            site = await web.start(web.make(probes(app)), settings.web.host, settings.web.port)
        return await _serve(app, settings, stop)
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


def _told(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__


def probes(app: App) -> dict[str, web.Probe]:
    """What `/readyz` asks."""

    async def database() -> bool:
        return await app.reachable()

    async def gateway() -> bool:
        return app.client.is_ready()

    return {"database": database, "gateway": gateway}


async def _serve(app: App, settings: Settings, stop: asyncio.Event) -> int:
    token = settings.discord.token
    assert token is not None, "checked before"
    connection = asyncio.create_task(_connect(app.client, token.get_secret_value()), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        log.info("process.stopping")
        await _stop(app, connection)
        return STOPPED
    stopping.cancel()
    error = connection.exception()
    if isinstance(error, discord.LoginFailure) or getattr(error, "code", None) == BAD_TOKEN:
        await asyncio.wait({asyncio.create_task(app.client.close(), name="closing")}, timeout=STOP_WITHIN_S)
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
    await asyncio.wait({closing}, timeout=STOP_WITHIN_S)
    for task in (connection, closing):
        task.cancel()
    await asyncio.wait({connection, closing}, timeout=1)
    for task in (connection, closing):
        if task.done() and not task.cancelled() and (error := task.exception()):
            log.warning("process.not_closed", why=type(error).__name__)


async def _connect(client: discord.AutoShardedClient, token: str) -> None:
    """Log in, waiting out a Discord that is down; then stay connected."""
    attempt = 0
    logged_in = False
    while not client.is_closed():
        try:
            if not logged_in:
                async with asyncio.timeout(LOGIN_WITHIN_S):
                    await client.login(token)
                logged_in = True
                _show_invite(client.application_id)
            await client.connect(reconnect=True)
        except (*UNREACHABLE, discord.HTTPException) as error:
            if client.is_closed() or (isinstance(error, discord.HTTPException) and not _may_pass(error)):
                raise
            wait = RETRY_LOGIN_S[min(attempt, len(RETRY_LOGIN_S) - 1)]
            log.warning("discord.unreachable", why=type(error).__name__, again_in_s=wait)
            attempt += 1
            await asyncio.sleep(wait)


def _may_pass(error: discord.HTTPException) -> bool:
    return error.status >= 500 or error.status in TRANSIENT_STATUS


def _show_invite(application_id: int | None) -> None:
    """One line on the terminal: where to add the bot to a server."""
    if application_id is not None:
        print(f"Invite Vigil: {invite_link(application_id)}", flush=True)
