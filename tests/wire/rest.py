"""The REST side: which route a request is for, who may ask, what goes wrong on the wire, and the record of all."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

from tests.wire.actors import Json
from tests.wire.calls import Answer, Call
from tests.wire.faults import Lost, too_many
from tests.wire.form import Form
from tests.wire.refusals import Refusal
from tests.wire.world import World

if TYPE_CHECKING:
    from tests.wire.server import Server

PREFIX = "/api/v10"
OPEN = ("/interactions/", "/webhooks/")
MAJOR = ("channel_id", "guild_id", "interaction_id", "token")


@dataclass(frozen=True)
class At:
    """What a route gets."""

    server: Server
    call: Call

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def body(self) -> Json:
        """The JSON body. Raises Refusal (50035) for anything that is no object."""
        if not isinstance(self.call.body, dict):
            form = Form()
            form.wrong("_", "the body must be a JSON object")
            form.done()
        return self.call.body  # type: ignore[no-any-return]

    def id(self, name: str) -> int:
        """A snowflake from the path, 0 for what is none."""
        value = self.call.params[name]
        return int(value) if value.isdigit() else 0


Handler = Callable[[At], Any]


class Rest:
    """The routes, and one entry for every request."""

    def __init__(self, server: Server, routes: dict[str, Handler]) -> None:
        self.server = server
        self._routes = [(key, *key.split(" ", 1), _expression(key.split(" ", 1)[1])) for key in routes]
        self._handlers = routes
        self._hits: dict[tuple[str, str], list[float]] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record, find the route, let the faults do their work, apply, answer."""
        path = request.raw_path.split("?", 1)[0].removeprefix(PREFIX)
        call = await self._read(request, path)
        self.server.calls.append(call)
        self.server.pulse.beat()

        async def apply() -> Answer:
            answer = self._apply(request, call)
            call.answer = answer.body
            self.server.pulse.beat()
            return answer

        try:
            answer = await self.server.faults.run(call, apply)
        except Lost as lost:
            _break(request, clean=lost.clean)
            self.server.pulse.beat()
            return web.Response(status=500)
        call.status = answer.status
        call.code = answer.body.get("code") if isinstance(answer.body, dict) and answer.status >= 400 else None
        self.server.pulse.beat()
        return _response(answer, call)

    async def _read(self, request: web.Request, path: str) -> Call:
        key, params = self._match(request.method, path)
        body, files = await _content(request)
        route = key.split(" ", 1)[1] if key else path
        reason = request.headers.get("X-Audit-Log-Reason")
        call = Call(len(self.server.calls) + 1, request.method, path, route, params, time.time(), files=files)
        call.query, call.body, call.reason = dict(request.query), body, unquote(reason) if reason else None
        if key is None:
            self.server.unknown_routes.append(f"{request.method} {path}")
        elif reason and len(reason) > 512:
            self.server.complaints.append(f"{call.key}: an audit-log reason of {len(reason)} characters")
        return call

    def _match(self, method: str, path: str) -> tuple[str | None, dict[str, str]]:
        for key, wanted, _, expression in self._routes:
            if wanted == method and (found := expression.fullmatch(path)):
                return key, {name: unquote(value) for name, value in found.groupdict().items()}
        return None, {}

    def _apply(self, request: web.Request, call: Call) -> Answer:
        handler = self._handlers.get(call.key)
        if handler is None:
            return Answer(404, {"message": "404: Not Found", "code": 0})
        is_open = call.route.startswith(OPEN)
        if not is_open and request.headers.get("Authorization") != f"Bot {self.server.world.token}":
            return Answer(401, {"message": "401: Unauthorized", "code": 0})
        limited = self._limited(call)
        if limited is not None:
            return limited
        try:
            made = handler(At(self.server, call))
        except Refusal as refusal:
            if refusal.code in (50035, 50006):
                self.server.complaints.append(f"{call.key}: {refusal} {json.dumps(refusal.errors)}")
            return Answer(refusal.status, refusal.payload())
        if isinstance(made, Answer):
            call.applied = made.status < 400
            return made
        call.applied = True
        return Answer(204) if made is None else Answer(200, made)

    def _limited(self, call: Call) -> Answer | None:
        """429 where a bucket of the server's (`buckets`: pattern → calls, seconds) is empty."""
        major = "/".join(call.params[name] for name in MAJOR if name in call.params)
        now = time.monotonic()
        for pattern, (most, seconds) in self.server.buckets.items():
            if call.matches(pattern):
                hits = self._hits.setdefault((pattern, major), [])
                hits[:] = [one for one in hits if now - one < seconds]
                if len(hits) >= most:
                    return too_many(round(hits[0] + seconds - now, 3))
                hits.append(now)
        return None


async def _content(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """The JSON body and the files of a request; None for no or unreadable JSON."""
    if request.content_type.startswith("multipart/"):
        body, files = None, {}
        async for part in await request.multipart():
            data = bytes(await part.read(decode=False))  # type: ignore[union-attr]
            if part.name == "payload_json":  # type: ignore[union-attr]
                body = json.loads(data)
            else:
                files[part.filename or part.name or "file"] = data  # type: ignore[union-attr]
        return body, files
    raw = await request.read()
    try:
        return (json.loads(raw) if raw else None), {}
    except ValueError:
        return None, {}


def _expression(template: str) -> re.Pattern[str]:
    """A template as a pattern. `@me` and `@original` are words; `{name}` is one segment that is no such word."""
    return re.compile("".join(_pieces(template)))


def _pieces(template: str) -> Iterator[str]:
    for part in re.split(r"(\{\w+\})", template):
        yield rf"(?P<{part[1:-1]}>(?!@|%40|pins(?:/|$))[^/]+)" if part.startswith("{") else re.escape(part)


def _break(request: web.Request, *, clean: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if not clean:
        sock = transport.get_extra_info("socket")
        # Linger of zero seconds makes the kernel send a reset instead of an orderly end.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _response(answer: Answer, call: Call) -> web.Response:
    headers = dict(answer.headers)
    if not call.route.startswith(OPEN):
        headers |= {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "999", "X-RateLimit-Reset-After": "1.0"}
        headers |= {"X-RateLimit-Reset": f"{time.time() + 1:.3f}", "X-RateLimit-Bucket": call.key}
    headers.setdefault("Via", "1.1 google")
    if answer.raw is not None:
        return web.Response(status=answer.status, body=answer.raw, headers=headers, content_type=answer.content_type)
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    # Discord names no character set, and clients compare the whole header.
    raw = json.dumps(answer.body).encode()
    return web.Response(status=answer.status, body=raw, headers=headers, content_type="application/json")
