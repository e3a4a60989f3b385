"""Writes what was measured to `benchmarks/results.md`: where, when, and whether what was to be reached is."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Result

PLACE = Path(__file__).with_name("results.md")
HEAD = """# What was measured

Written by `make bench`; what each part means is in [README.md](README.md). Seconds depend on the machine; ratios much
less so. *Measured* is Vigil, then what it is compared with; where there is a ratio, what was to be reached is one.
"""
COLUMNS = ("figure", "ratio", "reach", "met", "measured", "compared with")


def machine() -> list[str]:
    """What it ran on, and how busy that was when it began."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in ("discord.py", "SQLAlchemy", "aiosqlite", "aiohttp"))
    return [
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- {_processor()}, {os.cpu_count()} processors, {_memory()} GiB; {platform.system()} {platform.machine()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
        f"- load when it began (1, 5, 15 min): {load}",
    ]


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", known.read_text()) if known.exists() else None
    return found[1] if found else platform.processor() or "an unnamed processor"


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f}"


def write(found: Mapping[str, Sequence[Result]], state: Sequence[str]) -> None:
    """Put it down; `found` by the title of its part."""
    lines = [HEAD, *state, ""]
    for title, results in found.items():
        lines += [f"## {title}", "", f"| {' | '.join(COLUMNS)} |", "| --- | ---: | --- | --- | ---: | --- |"]
        lines += [f"| {' | '.join(one.cells())} |" for one in results]
        lines.append("")
    PLACE.write_text("\n".join(lines))
