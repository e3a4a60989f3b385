"""`/readyz` when something is away: the database, its schema, the gateway; by the real parts, over a socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot.bootstrap import App, Duty, build
from bot.inspection import health
from bot.inspection.metrics import Metrics
from bot.settings import load_settings
from bot.web import app as web
from tests.world import copy_of

GONE = "postgresql+asyncpg://vigil:hush-hush@127.0.0.1:1/vigil"


def app_on(folder: Path, url: str) -> App:
    return build(load_settings({"VIGIL_DATABASE__URL": url}, folder), safety_net=False)


async def asked(app: App, path: str = "/readyz") -> tuple[int, Any]:
    """Status and what was said."""
    metrics = Metrics(app.uow.clock.now, version="0")
    pages = web.make(health.probes(app), lambda accepts: health.page(app, metrics, accepts))
    site = await web.start(pages, "127.0.0.1", 0)
    assert site is not None
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{site.address}{path}") as answer:
            return answer.status, await (answer.json() if path == "/readyz" else answer.text())
    finally:
        await site.stop()
        await app.close()


async def test_a_process_that_only_works_or_waits_needs_no_gateway(store_url: str, tmp_path: Path) -> None:
    for duty, ready in ((Duty.STARTING, False), (Duty.SERVING, False), (Duty.WAITING, True), (Duty.WORKING, True)):
        app = app_on(tmp_path, store_url)
        app.duty = duty
        assert await asked(app) == (
            200 if ready else 503,
            {"database": True, "schema": True, "gateway": ready},
        ), duty


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = '0000'", "DELETE FROM alembic_version"])
async def test_another_schema_is_not_ready(store_url: str, tmp_path: Path, change: str) -> None:
    app = app_on(tmp_path, store_url)
    app.duty = Duty.WORKING
    async with app.uow() as tx:
        await tx.session.execute(text(change))
    assert await asked(app) == (503, {"database": True, "schema": False, "gateway": True})


@pytest.mark.parametrize("url", [GONE, "sqlite+aiosqlite:////proc/no/such/vigil.db"], ids=["postgresql", "sqlite"])
async def test_a_store_that_cannot_be_reached_is_not_ready(tmp_path: Path, url: str) -> None:
    app = app_on(tmp_path, url)
    app.duty = Duty.WORKING
    assert await asked(app) == (503, {"database": False, "schema": False, "gateway": True})
    status, page = await asked(app_on(tmp_path, url), "/metrics")
    assert status == 200 and "vigil_database_up 0.0" in page and "hush" not in page


async def test_a_store_that_says_nothing_is_not_waited_for(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(template, tmp_path)
    app = app_on(tmp_path, f"sqlite+aiosqlite:///{tmp_path / template.name}")
    app.duty = Duty.WORKING
    monkeypatch.setattr(health, "ANSWER_WITHIN_S", 0.05)
    held = [await app.engines.read.connect() for _ in range(8)]  # all that there are
    try:
        status, said = await asyncio.wait_for(asked(app), 30)
    finally:
        for one in held:
            await one.close()
    assert (status, said["database"]) == (503, False)
