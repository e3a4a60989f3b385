"""`python -m benchmarks`: prints how many times its baseline each thing takes. Asserts nothing about seconds."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from benchmarks.declaring import declaring
from benchmarks.drawing import drawing
from benchmarks.looking import claiming, looking
from benchmarks.starting import starting
from benchmarks.wire import answering
from bot.observability import configure

PARTS = {
    "a": ("Declaring", declaring),
    "b": ("Looking, however many are closed (each near 1)", looking),
    "c": ("What the engines ask, however many have ended (each near 1)", claiming),
    "d": ("Drawing", drawing),
    "e": ("Answering over a socket", answering),
    "f": ("What a process costs", starting),
}


async def run(wanted: list[str]) -> None:
    """Measure these parts, in order."""
    print(f"{'':<48} {'ratio':>8}   {'median':>12} / {'baseline':>12}   against")
    for letter in wanted:
        title, part = PARTS[letter]
        print(f"\n({letter}) {title}", flush=True)
        with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
            for result in await part(Path(folder)):
                print(result.line(), flush=True)


def main() -> int:
    """All parts, or those whose letters are given."""
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := [one for one in wanted if one not in PARTS]:
        print(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    configure("error", "console")
    logging.getLogger("discord").setLevel(logging.ERROR)
    asyncio.run(run(wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
