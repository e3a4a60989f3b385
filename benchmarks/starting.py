"""(i) What a process costs: memory once it is ready and has settled, and the time until it is; against a bare bot."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from benchmarks.measure import WAITING, Result, Scale
from tests.wire.organisation import Organisation, organisation

MEMORY_REACH, START_REACH = 1.5, 3.0
SETTLED_AFTER_S = 1.0
BARE = ("-m", "benchmarks.bare_bot")
MIB = 1024


async def starting(folder: Path, scale: Scale) -> list[Result]:
    """Two lines, medians over `scale.pairs` lives of each, in turn. The first life of each is not counted."""
    environment = _as_installed(folder)
    async with AsyncExitStack() as stack:
        vigil, bare = [await stack.enter_async_context(_home(folder / name)) for name in ("vigil", "bare")]
        bare.bot.command = BARE
        for home in (vigil, bare):
            home.bot.environment.update(environment)
            await _life(home)
        mine, others = [], []
        for _ in range(scale.pairs):
            mine.append(await _life(vigil))
            others.append(await _life(bare))
    seconds, memory = (median(column) for column in zip(*mine, strict=True))
    bare_seconds, bare_memory = (median(column) for column in zip(*others, strict=True))
    against = "a bare discord.py bot"
    return [
        Result("resident memory, ready and settled", memory, against, bare_memory, unit="MiB", reach=MEMORY_REACH),
        Result("from the start of the process to READY", seconds, against, bare_seconds, reach=START_REACH),
    ]


def _as_installed(folder: Path) -> dict[str, str]:
    """As it is where it is installed from requirements.lock.

    Everything is compiled, there as here in the life that is not counted; and there is no `rich`, which comes with the
    developers' tools and is loaded by structlog wherever it is found.
    """
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "rich.py").write_text("raise ImportError\n")
    root = Path(__file__).resolve().parents[1]
    return {
        "PYTHONPATH": os.pathsep.join((str(hidden), str(root))),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "PYTHONDONTWRITEBYTECODE": "",
    }


def _home(folder: Path):  # type: ignore[no-untyped-def]
    folder.mkdir()
    return organisation(folder, f"sqlite+aiosqlite:///{folder}/vigil.db", forked=False, set_up=False)


async def _life(home: Organisation) -> tuple[float, float]:
    """Seconds to READY, and MiB that are resident afterwards."""
    began = WAITING()
    await home.bot.start()
    took = WAITING() - began
    await asyncio.sleep(SETTLED_AFTER_S)
    memory = _resident(home.bot.pid)
    await home.bot.stop()
    return took, memory


def _resident(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / MIB
