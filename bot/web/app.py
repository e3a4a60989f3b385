"""`/healthz` (is the process alive), `/readyz` (can it do its work: database, schema, gateway) and `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 0.5
"""How long a request under way may take to end when the process stops."""
Probe = Callable[[], Awaitable[bool]]
PROBES: web.AppKey[Mapping[str, Probe]] = web.AppKey("probes", dict)
Page = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Gives a page and its content type for what an asker accepts."""
METRICS: web.AppKey[Page] = web.AppKey("metrics", Callable)  # type: ignore[arg-type]


def make(probes: Mapping[str, Probe], metrics: Page | None = None) -> web.Application:
    """The application; `probes` name the parts that must work, `metrics` gives the figures."""
    app = web.Application()
    app[PROBES] = probes
    if metrics is not None:
        app[METRICS] = metrics
        app.router.add_get("/metrics", figures)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


async def healthz(_request: web.Request) -> web.Response:
    """The event loop turns."""
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """200 when every part works, else 503 with which does not; no details, no secrets."""
    parts: dict[str, bool] = {}
    for name, probe in request.app[PROBES].items():
        parts[name] = await probe()
    return web.json_response(parts, status=200 if all(parts.values()) else 503)


async def figures(request: web.Request) -> web.Response:
    """For Prometheus."""
    body, content_type = await request.app[METRICS](request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})


class Site:
    """A running web side."""

    def __init__(self, runner: web.AppRunner, address: str) -> None:
        self._runner = runner
        self.address = address

    async def stop(self) -> None:
        """Close it."""
        await self._runner.cleanup()


async def start(app: web.Application, host: str, port: int) -> Site | None:
    """Serve `app`; None, with one log line that says what to do, where the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        log.error("web.not_started", host=host, port=port, why=str(error), remedy="set web.port to a free port, or 0")
        return None
    bound: Any = site._server
    actual = bound.sockets[0].getsockname()[1] if bound is not None and bound.sockets else port
    return Site(runner, f"http://{host}:{actual}")
