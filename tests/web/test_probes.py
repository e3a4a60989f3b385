"""The web side as a skeleton: is the process alive, can it do its work; no details, no secrets."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import aiohttp
import pytest
import structlog

from bot.web import app as web


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def asked(probes: Mapping[str, web.Probe], path: str) -> tuple[int, str]:
    """Status and body of an answer over a real socket."""
    site = await web.start(web.make(probes), "127.0.0.1", 0)
    assert site is not None
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{site.address}{path}") as answer:
            return answer.status, await answer.text()
    finally:
        await site.stop()


async def test_alive_says_ok_whatever_the_parts_say():
    assert await asked({"database": no}, "/healthz") == (200, "ok\n")


@pytest.mark.parametrize(
    ("probes", "status", "body"),
    [
        ({"database": yes, "gateway": yes}, 200, '{"database": true, "gateway": true}'),
        ({"database": yes, "gateway": no}, 503, '{"database": true, "gateway": false}'),
        ({"database": no, "gateway": yes}, 503, '{"database": false, "gateway": true}'),
    ],
    ids=["ready", "no gateway", "no database"],
)
async def test_ready_only_when_every_part_works(probes: Mapping[str, web.Probe], status: int, body: str):
    assert await asked(probes, "/readyz") == (status, body)


async def test_nothing_else_is_there():
    status, body = await asked({}, "/")
    assert status == 404
    assert "Traceback" not in body


async def test_a_port_that_is_taken_is_said_and_stops_nothing():
    with socket.socket() as taken, structlog.testing.capture_logs() as said:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert await web.start(web.make({}), "127.0.0.1", port) is None
    (line,) = said
    assert line["event"] == "web.not_started"
    assert line["port"] == port
    assert "web.port" in line["remedy"]
