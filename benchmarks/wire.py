"""(e) From an interaction on the gateway to the first call of the answer, against a bare discord.py bot."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import WAITING, Act, Result, side_by_side
from bot.storage import migrate
from tests.wire.organisation import Organisation
from tests.wire.server import Server

CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"
TIMES = 40


async def answering(folder: Path) -> list[Result]:
    """One line."""
    async with Server() as mine, Server() as bare:
        vigil, other = await _home(mine, folder / "vigil"), await _home(bare, folder / "bare")
        other.bot.command = ("-m", "benchmarks.bare_bot")
        await vigil.seed()
        await vigil.bot.start()
        await other.bot.start()
        try:
            return [
                await side_by_side(
                    "interaction → first call, /oncall who",
                    _first_call(vigil, "oncall who"),
                    "a bare bot that defers",
                    _first_call(other, "bare"),
                    times=TIMES,
                )
            ]
        finally:
            for home in (vigil, other):
                home.bot.may_end()
                await home.bot.kill()
                await home.uow.engines.close()


async def _home(server: Server, folder: Path) -> Organisation:
    folder.mkdir()
    url = f"sqlite+aiosqlite:///{folder}/vigil.db"
    await migrate.upgrade(url)
    return Organisation(server, folder, url)


def _first_call(home: Organisation, command: str) -> Act:
    async def act() -> float:
        before = len(home.server.made(CALLBACK))
        start = WAITING()
        asked = await home.alice.slash(home.general, command)
        await home.server.pulse.until(lambda: len(home.server.made(CALLBACK)) > before, "the first call")
        took = WAITING() - start
        if command != "bare":
            await asked
        return took

    return act
