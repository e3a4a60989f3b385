"""Measuring two things side by side, and what is said about it."""

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
class Scale:
    """How much is measured. `pairs`: alternated rounds; the rest: how many there are of each."""

    pairs: int
    crowd: int
    single: int
    times: int
    closed: int
    few: int
    ended: int
    pending: int
    due: int
    seconds: float


FULL = Scale(
    pairs=5,
    crowd=50,
    single=20,
    times=60,
    closed=100_000,
    few=1_000,
    ended=20_000,
    pending=100_000,
    due=500,
    seconds=10,
)
QUICK = Scale(pairs=1, crowd=10, single=3, times=5, closed=1_000, few=400, ended=500, pending=1_000, due=20, seconds=1)
"""Whether everything runs; its figures mean little."""


@dataclass(frozen=True)
class Result:
    """One figure: `value` against `baseline` (their ratio), or `value` alone where there is none.

    `unit` is of both: "s" is shown in milliseconds. `reach`: at most this ratio (or value); with `least` at least.
    """

    what: str
    value: float
    against: str = ""
    baseline: float | None = None
    unit: str = "s"
    reach: float | None = None
    least: bool = False
    times: float | None = None
    """The ratio, where it is not that of the two: the median over pairs."""

    @property
    def figure(self) -> float:
        """What the reach is about."""
        if self.times is not None:
            return self.times
        return self.value if self.baseline is None else self.value / self.baseline

    @property
    def met(self) -> bool | None:
        """None where there is no reach."""
        if self.reach is None:
            return None
        return self.figure >= self.reach if self.least else self.figure <= self.reach

    def cells(self) -> list[str]:
        """What, ratio, reach, met, measured, against: as they stand in the table."""
        ratio = "" if self.baseline is None else f"{self.figure:.2f} ×"
        reach = ""
        if self.reach is not None:
            unit = "×" if self.baseline is not None else self.unit
            reach = f"{'≥' if self.least else '≤'} {self.reach:g} {unit}"
        met = {None: "", True: "yes", False: "**no**"}[self.met]
        measured = _shown(self.value, self.unit)
        if self.baseline is not None:
            measured += f" / {_shown(self.baseline, self.unit)}"
        return [self.what, ratio, reach, met, measured, self.against]

    def line(self) -> str:
        """As it is printed."""
        what, ratio, reach, met, measured, against = self.cells()
        return f"{what:<62} {ratio:>8}  {reach:<9} {met.strip('*'):<4} {measured:>24}  {against}".rstrip()


def _shown(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.3f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:g} {unit}" if value == int(value) else f"{value:.2f} {unit}"


async def side_by_side(
    what: str,
    act: Act,
    against: str,
    baseline: Act,
    *,
    times: int = 60,
    clock: Clock = WORK,
    reach: float | None = None,
    least: bool = False,
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
    return Result(what, median(mine), against, median(bare), reach=reach, least=least)


async def seconds(act: Act, clock: Clock) -> float:
    """How long one time takes; an act that gives a number of seconds has measured itself."""
    start = clock()
    found = await act()
    return found if isinstance(found, float) else clock() - start


def at(share: float, values: list[float]) -> float:
    """The value below which this share of them lies; the greatest of few."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
