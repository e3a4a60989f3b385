"""Measuring two things side by side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

Act = Callable[[], Awaitable[object]]
Clock = Callable[[], float]
WORK: Clock = process_time
"""The work of this process alone, so that whatever else the machine does hardly matters."""
WAITING: Clock = perf_counter
"""What somebody waits, the disk and other processes included."""
WARM_UP = 3


@dataclass(frozen=True)
class Result:
    """What `what` took against its baseline, as medians: seconds, which are shown in milliseconds, or another unit."""

    what: str
    seconds: float
    against: str
    baseline: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times the baseline."""
        return self.seconds / self.baseline

    def line(self) -> str:
        """As it is printed."""
        factor, unit = (1000, "ms") if self.unit == "s" else (1, self.unit)
        times = f"{self.seconds * factor:9.3f} {unit} / {self.baseline * factor:9.3f} {unit}"
        return f"{self.what:<48} {self.ratio:8.2f}   {times}   {self.against}"


async def side_by_side(
    what: str, act: Act, against: str, baseline: Act, *, times: int = 60, clock: Clock = WORK
) -> Result:
    """Do both in turn, so that whatever else the machine does strikes both alike, and compare their medians."""
    for _ in range(WARM_UP):
        await act()
        await baseline()
    mine: list[float] = []
    bare: list[float] = []
    for _ in range(times):
        mine.append(await seconds(act, clock))
        bare.append(await seconds(baseline, clock))
    return Result(what, median(mine), against, median(bare))


async def seconds(act: Act, clock: Clock) -> float:
    """How long one time takes; an act that gives a number of seconds has measured itself."""
    start = clock()
    found = await act()
    return found if isinstance(found, float) else clock() - start
