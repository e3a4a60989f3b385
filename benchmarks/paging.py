"""(b) What must happen on Discord before the page of a declaration leaves, and how many calls a declaration makes."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks.acknowledging import DECLARE, Side, side
from benchmarks.measure import WAITING, Result, Scale
from tests.wire import faults
from tests.wire.calls import Call

CALLBACK, CREATE = "POST /interactions/{}/{}/callback", "POST /guilds/{}/channels"
DELAY_S = 0.5
"""How long this Discord takes for every call: far longer than the work between two of them, so that whole multiples
tell how many had to follow each other."""


async def paging(folder: Path, scale: Scale) -> list[Result]:
    """Two lines."""
    async with side(folder / "vigil", DECLARE) as vigil:
        for _ in range(3):
            await vigil.wave(1)
        calls = median([await _calls(vigil) for _ in range(scale.pairs)])
        vigil.home.server.faults.on("*", faults.slow(before=DELAY_S), times=None)
        trips = [await _trips(vigil) for _ in range(scale.pairs)]
        vigil.home.server.faults.clear()
    taken = median(trips)
    return [
        Result(
            "page sent after declare: round trips past the answer",
            int(taken),
            f"create the channel, send; {taken:.2f} × the {DELAY_S * 1000:.0f} ms that each call took",
            unit="calls",
            reach=2,
        ),
        Result(
            "REST calls of a whole declare",
            calls,
            "answer, words in it, room, page, card, pin, brief, line in operations, link in the answer",
            unit="calls",
            reach=9,
        ),
    ]


async def _calls(vigil: Side) -> int:
    """From the command until the bot is at rest."""
    before = len(vigil.home.server.calls)
    await vigil.wave(1)
    # Reading a room again after a new session has nothing to do with it.
    return sum(call.method != "GET" for call in vigil.home.server.calls[before:])


async def _trips(vigil: Side) -> float:
    """From the answer that was taken to the page that was taken, in delays of this Discord."""
    server = vigil.home.server
    at: dict[str, float] = {}

    async def note(call: Call) -> None:
        if call.matches(CALLBACK):
            at.setdefault("answered", WAITING())
        elif isinstance(call.body, dict) and "you are paged" in str(call.body.get("content")):
            at.setdefault("paged", WAITING())

    server.faults.after.append(note)
    await vigil.wave(1)
    server.faults.after.remove(note)
    return (at["paged"] - at["answered"]) / DELAY_S
