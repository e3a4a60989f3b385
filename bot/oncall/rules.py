"""Whom a weekly rotation names at an instant: pure, on the server's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_PEOPLE = 25


@dataclass(frozen=True)
class Rotation:
    """People in order; each is primary for a week, and secondary in the week before their own.

    The first one's week holds the day `first`; the handoff is on `weekday` (0: Monday) at `hour` o'clock in `zone`.
    """

    people: tuple[int, ...]
    first: date
    weekday: int
    hour: int
    zone: ZoneInfo


@dataclass(frozen=True)
class Shift:
    """One week: `starts_at` and `ends_at` are aware UTC; nobody is secondary where there is one person only."""

    primary: int | None
    secondary: int | None
    starts_at: datetime
    ends_at: datetime


def handoff_before(day: date, weekday: int) -> date:
    """The day of the last handoff on or before `day`."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def handoff_at(rotation: Rotation, day: date) -> datetime:
    """The instant of the handoff on `day`, aware UTC. Of a time that daylight saving repeats, the first holds; one
    that it skips falls just as far after midnight."""
    return datetime.combine(day, time(rotation.hour), rotation.zone).astimezone(UTC)


def shift_at(rotation: Rotation, at: datetime) -> Shift:
    """The shift at the aware instant `at`."""
    day = handoff_before(at.astimezone(rotation.zone).date(), rotation.weekday)
    if handoff_at(rotation, day) > at:
        day -= WEEK
    return _shift(rotation, day)


def upcoming(rotation: Rotation, at: datetime, count: int) -> tuple[Shift, ...]:
    """The shift at `at` and those after it, `count` in all."""
    return tuple(islice(_from(rotation, at), count))


def _from(rotation: Rotation, at: datetime) -> Iterator[Shift]:
    shift = shift_at(rotation, at)
    while True:
        yield shift
        shift = shift_at(rotation, shift.ends_at)


def _shift(rotation: Rotation, day: date) -> Shift:
    people = rotation.people
    week = (day - handoff_before(rotation.first, rotation.weekday)).days // 7
    return Shift(
        primary=people[week % len(people)] if people else None,
        secondary=people[(week + 1) % len(people)] if len(people) > 1 else None,
        starts_at=handoff_at(rotation, day),
        ends_at=handoff_at(rotation, day + WEEK),
    )
