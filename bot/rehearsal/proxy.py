"""Brings simcord's preview, which refuses to be framed and knows only its own address, under the page's address."""

from __future__ import annotations

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from bot.rehearsal.director import Director

# Long enough for an act that settles slowly; the page itself asks in short steps.
PATIENCE = aiohttp.ClientTimeout(total=180)
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "proxy-authorization",
    "proxy-authenticate",
    "content-length",
    "content-encoding",
    "accept-encoding",
    "host",
    "origin",
    "referer",
}
_STYLE = '<link rel="stylesheet" href="/rehearsal/frame.css">'


class PreviewProxy:
    """Forwards to the preview that is open now. `stage` is its page, with a style of ours that hides its workbench."""

    def __init__(self, director: Director) -> None:
        self._director = director
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Needs a running loop."""
        self._session = aiohttp.ClientSession(
            timeout=PATIENCE, connector=aiohttp.TCPConnector(force_close=True), auto_decompress=True
        )

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    async def page(self, request: web.Request) -> web.Response:
        """`/stage`: the preview's own page at our address."""
        answer = await self._forward(request, "/")
        if answer.status == 200 and answer.text is not None:
            answer.text = answer.text.replace("</head>", f"{_STYLE}</head>", 1)
        return answer

    async def rest(self, request: web.Request) -> web.Response:
        """Its scripts, styles, fonts and calls. A person's act waits for its turn, as moving time does."""
        if request.method == "POST" and request.path == "/api/action":
            async with self._director.stage.turn():
                return await self._forward(request, request.path_qs)
        return await self._forward(request, request.path_qs)

    async def _forward(self, request: web.Request, path: str) -> web.Response:
        origin = self._director.window.origin
        if origin is None or self._session is None:
            raise web.HTTPServiceUnavailable(text="No channel is open.")
        headers = CIMultiDict((key, value) for key, value in request.headers.items() if key.lower() not in _HOP_BY_HOP)
        headers["Origin"] = origin
        body = await request.read()
        try:
            async with self._session.request(request.method, origin + path, headers=headers, data=body or None) as got:
                content = await got.read()
                return web.Response(status=got.status, body=content, headers=_framed(got.headers))
        except aiohttp.ClientConnectionError as error:
            raise web.HTTPServiceUnavailable(text="The channel was closed meanwhile.") from error


def _framed(headers: CIMultiDict[str] | aiohttp.typedefs.LooseHeaders) -> CIMultiDict[str]:
    kept = CIMultiDict(
        (key, value)
        for key, value in CIMultiDict(headers).items()
        if key.lower() not in _HOP_BY_HOP and key.lower() != "x-frame-options"
    )
    policy = kept.get("Content-Security-Policy")
    if policy is not None:
        kept["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return kept
