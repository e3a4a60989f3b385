"""`python -m benchmarks`: measures all parts and writes `benchmarks/results.md`. Asserts nothing.

`python -m benchmarks a e` measures some of them, `--quick` all of them with little of each: both only print.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import results
from benchmarks.acknowledging import acknowledging
from benchmarks.declaring import declaring
from benchmarks.drawing import drawing
from benchmarks.firing import firing
from benchmarks.looking import claiming, looking
from benchmarks.measure import FULL, QUICK, Result, Scale
from benchmarks.noting import noting
from benchmarks.paging import paging
from benchmarks.starting import starting
from bot.observability import configure

PARTS: dict[str, tuple[str, Callable[[Path, Scale], Awaitable[list[Result]]]]] = {
    "a": ("The first answer", acknowledging),
    "b": ("The page, and what a declaration calls", paging),
    "c": ("The log", noting),
    "d": ("What falls due", firing),
    "e": ("Looking, however many are closed", looking),
    "f": ("What the engines ask, however many have ended", claiming),
    "g": ("Declaring, in the store", declaring),
    "h": ("Drawing", drawing),
    "i": ("What a process costs", starting),
}


async def run(wanted: list[str], scale: Scale) -> dict[str, list[Result]]:
    """Measure these parts, in order; by their titles."""
    found: dict[str, list[Result]] = {}
    for letter in wanted:
        title, part = PARTS[letter]
        print(f"\n({letter}) {title}", flush=True)
        with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
            found[f"({letter}) {title}"] = await part(Path(folder), scale)
        for result in found[f"({letter}) {title}"]:
            print(result.line(), flush=True)
    return found


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--quick", action="store_true", help="little of each, to see that it runs")
    given = parser.parse_args()
    if unknown := [one for one in given.part if one not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    configure("error", "console")
    logging.getLogger("discord").setLevel(logging.ERROR)
    whole = not given.part and not given.quick
    state = results.machine()
    found = asyncio.run(run(given.part or list(PARTS), QUICK if given.quick else FULL))
    if whole:
        results.write(found, state)
        print(f"\nWritten to {results.PLACE.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
