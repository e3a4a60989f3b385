"""How a bot that runs is: by `/readyz` and `/metrics` over a real socket, and by `status` beside it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.wire import faults
from tests.wire.bot_process import ROOT
from tests.wire.organisation import Organisation, organisation, sqlite
from tests.wire.stores import free_port

pytestmark = pytest.mark.wire


@pytest.fixture
async def home(template: Path, tmp_path: Path):
    async with organisation(tmp_path, sqlite(template, tmp_path)) as made:
        made.bot.listen(free_port())
        yield made


async def asked(home: Organisation, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{home.bot.web}{path}") as answer:
        return answer.status, await answer.text()


async def beside(home: Organisation, *command: str) -> tuple[int | None, str]:
    """Exit code and words of a command on the same store."""
    given = {
        **os.environ,
        "VIGIL_DATABASE__URL": str(home.uow.engines.write.url.render_as_string(hide_password=False)),
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *command, env=given, cwd=home.bot.folder, stdout=asyncio.subprocess.PIPE
    )
    words, _ = await process.communicate()
    return process.returncode, words.decode()


async def figures(home: Organisation) -> dict[str, float]:
    """Values by name; those with labels are added up."""
    status, page = await asked(home, "/metrics")
    assert status == 200
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(page):
        for one in family.samples:
            found[one.name] = found.get(one.name, 0) + one.value
    return found


async def test_it_tells_how_it_is_while_it_works_and_when_the_gateway_goes_away(home: Organisation) -> None:
    home.server.faults.on("POST /guilds/{}/channels", faults.rate_limited())
    await home.bot.start()
    await (await home.declare())
    await home.settled()

    async def says(status: int) -> bool:
        return (await asked(home, "/readyz"))[0] == status

    await home.server.pulse.until(lambda: says(200), "it to know its servers")
    assert (await asked(home, "/healthz")) == (200, "ok\n")
    found = await figures(home)

    assert found["vigil_interaction_ack_seconds_count"] == found["vigil_interactions_total"] == 1
    assert found["vigil_gateway_shards_connected"] == found["vigil_gateway_shards_wanted"] == 1
    assert found["vigil_discord_rate_limited_total"] == 1 and found["vigil_discord_answers_total"] > 5
    assert found["vigil_effect_seconds_count"] >= 1 and found["vigil_gateway_last_event_timestamp_seconds"] > 0
    assert found["vigil_incidents_open"] == 1 and found["process_resident_memory_bytes"] > 0

    code, now = await beside(home, "status", "--json")
    told = json.loads(now)
    assert (code, told["processes"], told["stuck"], told["waiting"]) == (0, 1, False, [])
    assert [one["reference"] for one in told["incidents"]] == ["inc-0001"] and told["due"]

    home.server.gateway.refuse = True
    await home.server.gateway.drop()
    await home.server.pulse.until(lambda: says(503), "it to notice that the gateway is away")
    found = await figures(home)
    assert found["vigil_gateway_shards_connected"] == 0 and found["vigil_gateway_shards_wanted"] == 1
    assert json.loads((await asked(home, "/readyz"))[1]) == {"database": True, "schema": True, "gateway": False}
