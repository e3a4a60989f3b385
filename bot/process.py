"""One running process: start in order, stop in order, and say in one line why it cannot start."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.bootstrap import App, build
from bot.settings import Settings
from bot.setup.permissions import invite_link
from bot.storage.migrate import SchemaError
from bot.web import app as web

log = structlog.get_logger(__name__)

STOPPED, BAD_SETTINGS, BAD_SCHEMA, REFUSED_TOKEN = 0, 2, 3, 4
STOP_WITHIN_S = 10
RETRY_LOGIN_S = (1, 2, 5, 10, 30)
UNREACHABLE = (discord.DiscordServerError, discord.GatewayNotFound, aiohttp.ClientError, OSError)


def use_api_base(api_base: str) -> None:
    """Send every REST call, interaction answer and webhook to this address, version included."""
    Route.BASE = api_base


async def run(settings: Settings) -> int:
    """Run the bot until SIGTERM or SIGINT; returns the exit code (0, 3 schema, 4 token refused)."""
    use_api_base(settings.discord.api_base)
    options: dict[str, Any] = {}
    if settings.discord.shards is not None:
        options = {"shard_ids": list(settings.discord.shards.ids), "shard_count": settings.discord.shards.count}
    app = build(settings, **options)
    try:
        await app.prepare()
    except SchemaError as error:
        print(f"database: {error}", file=sys.stderr)
        return BAD_SCHEMA
    site = await web.start(web.make(probes(app)), settings.web.host, settings.web.port) if settings.web.port else None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        return await _serve(app, settings, stop)
    finally:
        if site is not None:
            await site.stop()
        await app.close()


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
    if not connection.done():
        log.info("process.stopping")
        await asyncio.wait_for(app.client.close(), STOP_WITHIN_S)
        await asyncio.wait({connection}, timeout=STOP_WITHIN_S)
        return STOPPED
    stopping.cancel()
    error = connection.exception()
    if isinstance(error, discord.LoginFailure):
        print(
            "discord.token: Discord refused it. Copy it again: Developer Portal › your application › Bot.",
            file=sys.stderr,
        )
        return REFUSED_TOKEN
    if isinstance(error, SchemaError):
        print(f"database: {error}", file=sys.stderr)
        return BAD_SCHEMA
    if error is not None:
        raise error
    return STOPPED


async def _connect(client: discord.AutoShardedClient, token: str) -> None:
    """Log in, waiting out a Discord that is down; then stay connected."""
    attempt = 0
    logged_in = False
    while not client.is_closed():
        try:
            if not logged_in:
                await client.login(token)
                logged_in = True
                _show_invite(client.application_id)
            if client.shard_count is not None:
                # With a shard count the library skips asking and would use its built-in address, past any proxy.
                _, address, _ = await client.http.get_bot_gateway()
                DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
            await client.connect(reconnect=True)
        except UNREACHABLE as error:
            wait = RETRY_LOGIN_S[min(attempt, len(RETRY_LOGIN_S) - 1)]
            log.warning("discord.unreachable", why=type(error).__name__, again_in_s=wait)
            attempt += 1
            await asyncio.sleep(wait)


def _show_invite(application_id: int | None) -> None:
    """One line on the terminal: where to add the bot to a server."""
    if application_id is not None:
        print(f"Invite Vigil: {invite_link(application_id)}", flush=True)
