"""A gateway session, which survives its connections, and a connection with its compression."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.wire.actors import Json

REPLAYED = 5000


def _plain(text: str) -> str | bytes:
    return text


def _packer(kind: str | None) -> Callable[[str], str | bytes]:
    """How frames are packed on one connection, by what the client asked for."""
    if kind == "zlib-stream":
        zip_stream = zlib.compressobj()
        return lambda text: zip_stream.compress(text.encode()) + zip_stream.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        zstd = importlib.import_module("zstandard")
        stream = zstd.ZstdCompressor().compressobj()
        return lambda text: stream.compress(text.encode()) + stream.flush(zstd.COMPRESSOBJ_FLUSH_BLOCK)
    return _plain


class Connection:
    """One socket; frames leave in the order in which they were given."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, compress: str | None) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.closed = False
        self._request = request
        self._pack = _packer(compress)
        self._queue: asyncio.Queue[str | Callable[[], None]] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    def send(self, frame: Json) -> None:
        self._queue.put_nowait(json.dumps(frame))

    def then(self, callback: Callable[[], None]) -> None:
        """Call back once all frames given so far have left."""
        self._queue.put_nowait(callback)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                item = await self._queue.get()
                if callable(item):
                    item()
                    continue
                packed = self._pack(item)
                await (self.socket.send_str(packed) if isinstance(packed, str) else self.socket.send_bytes(packed))

    def stop(self) -> None:
        self._writer.cancel()

    async def close(self, code: int) -> None:
        """Close it from this side; what the client says to that ends no session."""
        self.closed = True
        self.stop()
        await self.socket.close(code=code)

    def abort(self) -> None:
        """Break the connection without a close frame."""
        self.stop()
        if self._request.transport is not None:
            self._request.transport.abort()


@dataclass(eq=False)
class Session:
    """What one client was told on one shard, so that it can be told again."""

    id: str
    intents: int
    shard: int
    count: int
    connection: Connection | None = None
    ready: bool = False
    seq: int = 0
    log: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAYED))

    def serves(self, guild_id: int | None) -> bool:
        """Whether this shard gets a server's events; direct messages go to shard 0."""
        return (self.shard == 0) if guild_id is None else (guild_id >> 22) % self.count == self.shard

    def wants(self, guild_id: int | None, intents: int) -> bool:
        return self.serves(guild_id) and (not intents or bool(self.intents & intents))

    def dispatch(self, name: str, data: Any) -> None:
        """Tell an event now, or at the next RESUME."""
        self.seq += 1
        frame = {"op": 0, "s": self.seq, "t": name, "d": data}
        self.log.append(frame)
        if self.connection is not None:
            self.connection.send(frame)

    def send(self, frame: Json) -> None:
        if self.connection is not None:
            self.connection.send(frame)

    def can_replay(self, seq: int) -> bool:
        """Whether all after `seq` is still known."""
        return seq <= self.seq and (not self.log or seq >= self.log[0]["s"] - 1)

    def since(self, seq: int) -> list[Json]:
        return [frame for frame in self.log if frame["s"] > seq]
