"""What `/readyz` asks, and the page that `/metrics` shows."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.bootstrap import App, Duty
from bot.inspection.numbers import Numbers, newest_backup, numbers
from bot.storage import schema as schemas

if TYPE_CHECKING:
    from bot.inspection.metrics import Metrics

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 3.0
"""A store that is asked how it is and says nothing for so long counts as gone."""
Probe = Callable[[], Awaitable[bool]]


def probes(app: App) -> dict[str, Probe]:
    """By the part that must work. None raises, and each answers within a few seconds.

    A process that waits for its turn, or is meant to have no gateway connection, is ready without one.
    """

    async def database() -> bool:
        return await _revision(app) is not None and await _writes(app)

    async def schema() -> bool:
        return await _revision(app) == schemas.HEAD

    async def gateway() -> bool:
        return app.duty in (Duty.WAITING, Duty.WORKING) or app.client.well

    return {"database": database, "schema": schema, "gateway": gateway}


async def _writes(app: App) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await app.writes()
    except TimeoutError:
        return False


async def _revision(app: App) -> str | None:
    """The store's schema, "" where it has none, None when it does not answer."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await app.revision() or ""
    except Exception as error:  # noqa: BLE001 - drivers raise what they like when a store is away; a probe says no
        log.warning("ready.no_database", why=type(error).__name__)
        return None


async def page(app: App, metrics: Metrics, accepts: str = "") -> tuple[bytes, str]:
    """The figures now, as text, and its content type."""
    from bot.inspection.metrics import Seen  # with its library, only where somebody counts

    store: Numbers | None = None
    newest: datetime | None = None
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            store = await numbers(app.uow, metrics.subjects())
            newest = await newest_backup(app.settings)
    except Exception as error:  # noqa: BLE001 - as above; the page then says that it is away
        log.warning("metrics.no_database", why=type(error).__name__)
    connected, wanted = app.client.connected
    seen = Seen(
        duty=str(app.duty),
        shards_connected=connected,
        shards_wanted=0 if app.duty in (Duty.WAITING, Duty.WORKING) else wanted,
        latency_s=max((one for _, one in app.client.latencies if math.isfinite(one)), default=None),
        schema=schemas.HEAD,
        store=store,
        backup_at=newest,
    )
    return metrics.page(seen, accepts)
