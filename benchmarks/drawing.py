"""(h) Drawing the incident card, against writing the finished card as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.measure import Result, Scale, side_by_side
from benchmarks.stores import caller, store
from bot.incidents.cards.card import incident_card
from bot.incidents.service.context import Which
from bot.incidents.service.look import LookService

AT_ONCE = 20


async def drawing(folder: Path, scale: Scale) -> list[Result]:
    """One line."""
    async with store(folder, "card") as app:
        shown = await LookService(app.uow).show(caller(), Which(ref="inc-0001"))
    payload = incident_card(shown.incident, shown.due).payload()

    async def mine() -> None:
        for _ in range(AT_ONCE):
            incident_card(shown.incident, shown.due).payload()

    async def bare() -> None:
        for _ in range(AT_ONCE):
            json.dumps(payload)

    return [
        await side_by_side(f"{AT_ONCE} incident cards", mine, f"{AT_ONCE} × json.dumps of it", bare, times=scale.times)
    ]
