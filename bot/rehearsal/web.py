"""The rehearsal's page over HTTP, on loopback only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.rehearsal import faces
from bot.rehearsal.director import CannotDo, Director
from bot.rehearsal.proxy import PreviewProxy
from bot.rehearsal.stage import Stage

STATIC = Path(__file__).with_name("static")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """One director's page. Several tabs show and move the same world."""

    def __init__(self, director: Director) -> None:
        self._director = director
        self._proxy = PreviewProxy(director)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one, `port` then says which. Raises OSError when it is taken."""
        app = web.Application(middlewares=[self._only_from_here], handler_args={"handler_cancellation": False})
        app.router.add_get("/", _file("director.html"))
        for name in ("director.css", "director.js", "frame.css", "icon.svg"):
            app.router.add_get(f"/rehearsal/{name}", _file(name))
        app.router.add_get("/rehearsal/face/{key}.png", self._face)
        app.router.add_get("/rehearsal/state", self._state)
        app.router.add_post("/rehearsal/{act:look|wait|next|restart}", self._act)
        app.router.add_get("/stage", self._proxy.page)
        app.router.add_route("*", "/{rest:.+}", self._proxy.rest)
        await self._proxy.open()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        await self._proxy.close()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    @web.middleware
    async def _only_from_here(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        # A page elsewhere must neither read this world through a rebound name nor move it from another origin.
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        origin = request.headers.get("Origin")
        if request.host not in hosts or (origin is not None and origin.removeprefix("http://") not in hosts):
            raise web.HTTPForbidden(text="The rehearsal answers only to its own page.")
        return await handler(request)

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(await self._director.state(), headers=_HEADERS)

    async def _face(self, request: web.Request) -> web.Response:
        players = self._director.stage.players
        if request.match_info["key"] not in players:
            raise web.HTTPNotFound
        index = list(players).index(request.match_info["key"])
        png = faces.person(players[request.match_info["key"]].person.name, index)
        return web.Response(body=png, content_type="image/png", headers=_HEADERS)

    async def _act(self, request: web.Request) -> web.Response:
        problem = None
        try:
            await self._perform(request.match_info["act"], await _body(request))
        except CannotDo as error:
            problem = str(error)
        return web.json_response({**await self._director.state(), "problem": problem}, headers=_HEADERS)

    async def _perform(self, act: str, asked: dict[str, Any]) -> None:
        if act == "look":
            room = str(asked.get("room", ""))
            await self._director.look(asked.get("person"), int(room) if room.isdecimal() else None)
        elif act == "wait":
            minutes = asked.get("minutes")
            await self._director.wait(minutes if isinstance(minutes, int) else 0)
        elif act == "next":
            await self._director.wait_for_next()
        else:
            await self._director.restart()


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise web.HTTPBadRequest(text="JSON expected.") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="A JSON object expected.")
    return body


def _file(name: str) -> _Handler:
    path = STATIC / name

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8", headers=_HEADERS)

    return serve


@asynccontextmanager
async def opened(stage: Stage, port: int = 0) -> AsyncIterator[Page]:
    """The page over a stage. Raises OSError where it cannot listen."""
    director = Director(stage)
    await director.begin()
    site = Page(director)
    try:
        await site.start(port)
        yield site
    finally:
        await site.stop()
        await director.end()
