"""The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME with replay, op 7 and 9, close codes, shards."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.actors import Json
from tests.wire.pulse import Pulse
from tests.wire.sessions import Connection, Session
from tests.wire.world import CONTENT, GUILDS, MEMBERS, Event, World

PRESENCES = 1 << 8
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
FATAL = frozenset({1000, 1001, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014})


class Gateway:
    """All sessions. `refuse`: new connections get 503; `mute`: heartbeats get no acknowledgement; `deaf`: a client that
    closes gets no answer; `withheld`: ids of servers whose GUILD_CREATE does not come; `missing`: ids of servers that
    READY does not name at all."""

    def __init__(self, world: World, pulse: Pulse) -> None:
        self.world = world
        self.pulse = pulse
        self.sessions: list[Session] = []
        self.connections: set[Connection] = set()
        self.identifies: list[Json] = []
        self.resumes = 0
        self.url = ""
        self.shards = 1
        self.heartbeat_ms = 41_250
        self.approved = 0
        self.refuse = False
        self.mute = False
        self.deaf = False
        self.withheld: set[int] = set()
        self.missing: set[int] = set()
        world.tell = self.tell

    # What tests do ------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> list[Session]:
        """Sessions that are READY (or resumed) and have a socket."""
        return [session for session in self.sessions if session.ready and session.connection]

    async def close(self, code: int = 4000) -> None:
        """Close every socket with this code; after 1000, 4007 or 4009 the session cannot be resumed."""
        for session in list(self.sessions):
            if code in FATAL:
                self.sessions.remove(session)
            if session.connection:
                await session.connection.close(code)

    async def drop(self) -> None:
        """Break every connection without a word; sessions that are not forgotten can be resumed."""
        for connection in list(self.connections):
            connection.abort()

    def reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        for session in self.connected:
            session.send({"op": 7, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        for session in self.connected:
            session.send({"op": 9, "d": resumable})
            if not resumable:
                self.sessions.remove(session)

    def forget(self) -> None:
        """Forget all sessions: the next RESUME is answered by op 9."""
        self.sessions.clear()

    def release(self, guild_id: int) -> None:
        """Let a withheld server appear."""
        self.withheld.discard(guild_id)
        guild = self.world.guilds[guild_id]
        self.tell(Event("GUILD_CREATE", lambda intents: self.world.guild_create(guild), guild_id, GUILDS))

    # What happens -------------------------------------------------------------------------------------------------

    def tell(self, event: Event) -> int:
        """Send an event to every session that is to get it; gives how many of those have a socket."""
        reached = 0
        for session in self.sessions:
            if session.wants(event.guild_id, event.intents):
                session.dispatch(event.name, event.build(session.intents))
                reached += session.connection is not None
        self.pulse.beat()
        return reached

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        if self.refuse:
            return web.Response(status=503, text="upstream connect error")
        socket = web.WebSocketResponse(heartbeat=None, max_msg_size=0, compress=False, autoclose=False)
        await socket.prepare(request)
        connection = Connection(socket, request, request.query.get("compress"))
        self.connections.add(connection)
        connection.send({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._received(connection, json.loads(message.data))
            while self.deaf and request.transport is not None and not request.transport.is_closing():
                await asyncio.sleep(0.05)
            await socket.close()
        finally:
            self._ended(connection, socket.close_code)
        return socket

    def _ended(self, connection: Connection, code: int | None) -> None:
        connection.stop()
        self.connections.discard(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            if code in (1000, 1001) and not connection.closed and session in self.sessions:
                self.sessions.remove(session)
        self.pulse.beat()

    async def _received(self, connection: Connection, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        if op == 1:
            if not self.mute:
                connection.send({"op": 11})
        elif op == 2:
            await self._identify(connection, data)
        elif op == 6:
            await self._resume(connection, data)
        elif connection.session is None:
            await connection.close(4003)
        elif op == 8:
            self._members(connection.session, data)
        elif op not in (3, 4):
            await connection.close(4001)

    async def _identify(self, connection: Connection, data: Any) -> None:
        trouble = 4005 if connection.session else self._trouble(data)
        if trouble:
            await connection.close(trouble)
            return
        self.identifies.append(data)
        shard, count = data.get("shard") or (0, 1)
        session = Session(secrets.token_hex(8), int(data["intents"]), int(shard), int(count), connection)
        connection.session = session
        self.sessions.append(session)
        guilds = [one for one in self.world.bot_guilds() if session.serves(one.id) and one.id not in self.missing]
        user = self.world.bot.payload() | {"verified": True, "mfa_enabled": True, "email": None}
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": user,
                "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [session.shard, session.count],
                "application": {"id": str(self.world.bot.id), "flags": 0},
                "private_channels": [],
            },
        )
        for guild in guilds:
            if guild.available and guild.id not in self.withheld and session.intents & GUILDS:
                session.dispatch("GUILD_CREATE", self.world.guild_create(guild))
        connection.then(lambda: self._ready(session))

    def _ready(self, session: Session) -> None:
        session.ready = True
        self.pulse.beat()

    def _trouble(self, data: Any) -> int | None:
        if not isinstance(data, dict) or "properties" not in data:
            return 4002
        if data.get("token") != self.world.token:
            return 4004
        if not isinstance(data.get("intents"), int):
            return 4013
        if data["intents"] & PRIVILEGED & ~self.approved:
            return 4014
        shard = data.get("shard") or [0, 1]
        return None if 0 <= shard[0] < shard[1] else 4010

    async def _resume(self, connection: Connection, data: Any) -> None:
        session = next((one for one in self.sessions if one.id == data.get("session_id")), None)
        if data.get("token") != self.world.token:
            await connection.close(4004)
            return
        if session is None or not session.can_replay(int(data.get("seq") or 0)):
            await asyncio.sleep(0)
            connection.send({"op": 9, "d": False})
            return
        if session.connection is not None and session.connection is not connection:
            session.connection.abort()
        session.connection, connection.session = connection, session
        self.resumes += 1
        for frame in session.since(int(data["seq"] or 0)):
            connection.send(frame)
        session.dispatch("RESUMED", {})
        connection.then(lambda: self._ready(session))

    def _members(self, session: Session, data: Json) -> None:
        guild = self.world.guilds.get(int(data["guild_id"]))
        wanted = data.get("user_ids") or []
        wanted = wanted if isinstance(wanted, list) else [wanted]
        found = [guild.members[int(one)] for one in wanted if guild and int(one) in guild.members]
        chunk = {"guild_id": str(data["guild_id"]), "members": [one.payload() for one in found], "chunk_index": 0}
        session.dispatch("GUILD_MEMBERS_CHUNK", {**chunk, "chunk_count": 1, "nonce": data.get("nonce")})
