"""This Discord as a whole: REST and gateway on one local port, and everything that tests look at."""

from __future__ import annotations

from aiohttp import web

from tests.wire import routes_app, routes_channels, routes_guilds, routes_interactions, routes_messages
from tests.wire.actors import User
from tests.wire.calls import Call
from tests.wire.faults import Faults
from tests.wire.gateway import Gateway
from tests.wire.interactions import Interaction
from tests.wire.people import Person
from tests.wire.pulse import Pulse
from tests.wire.rest import PREFIX, Handler, Rest
from tests.wire.world import World

ROUTES: dict[str, Handler] = {
    **routes_app.ROUTES,
    **routes_guilds.ROUTES,
    **routes_channels.ROUTES,
    **routes_messages.ROUTES,
    **routes_interactions.ROUTES,
}
LAST_CALLS = 60


class Server:
    """`async with Server() as server:`; then `server.api_base` is what a bot is to be pointed at.

    `calls` holds every request; `unknown_routes` and `complaints` what Discord does not know or would not take, for
    tests to find empty. `buckets`: pattern → (calls, seconds) makes more than that many calls a 429.
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.pulse = Pulse()
        self.gateway = Gateway(self.world, self.pulse)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.unknown_routes: list[str] = []
        self.buckets: dict[str, tuple[int, float]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.answer_limit = 3.0
        self.token_life = 900.0
        self.rename_limit = (2, 600.0)
        self.renames: dict[int, list[float]] = {}
        self.api_base = ""
        self.rest = Rest(self, ROUTES)
        self.pulse.explain.append(self._explain)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Server:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_route("*", "/{rest:.*}", self.rest.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_base = f"http://127.0.0.1:{port}{PREFIX}"
        self.gateway.url = f"ws://127.0.0.1:{port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop()
        assert self._runner is not None
        await self._runner.cleanup()

    def person(self, user: User) -> Person:
        """Somebody who can act."""
        return Person(self, user)

    def made(self, pattern: str, *, since: int = 0) -> list[Call]:
        """Applied calls that fit, after the first `since` calls."""
        return [call for call in self.calls[since:] if call.applied and call.matches(pattern)]

    async def connected(self) -> None:
        """Wait until a client is READY. Raises AssertionError when none comes."""
        await self.pulse.until(lambda: self.gateway.connected, "a client that is ready")

    def _explain(self) -> str:
        shown = "\n".join(str(call) for call in self.calls[-LAST_CALLS:])
        return f"the last calls:\n{shown}\ncomplaints: {self.complaints}\nunknown: {self.unknown_routes}"
