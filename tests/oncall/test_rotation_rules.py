"""A weekly rotation: exactly one primary at each instant, handed over at the hour on the wall, in summer and winter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.oncall.rules import Rotation, handoff_at, handoff_before, shift_at, upcoming

BERLIN, APIA, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")
ZONES = [ZoneInfo("UTC"), BERLIN, ZoneInfo("America/New_York"), LORD_HOWE, APIA, ZoneInfo("Africa/Casablanca")]
MONDAY = date(2026, 3, 2)
A, B, C = 1, 2, 3

rotations = st.builds(
    Rotation,
    people=st.lists(st.integers(1, 10**18), min_size=1, max_size=25, unique=True).map(tuple),
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
)
instants = st.datetimes(datetime(2023, 6, 1), datetime(2029, 6, 1), timezones=st.just(UTC))


def rotation(*people: int, zone: ZoneInfo = BERLIN, weekday: int = 0, hour: int = 9) -> Rotation:
    """The first of `people` begins on Monday, 2 March 2026."""
    return Rotation(people, MONDAY, weekday, hour, zone)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A time on the wall as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@given(rotations, instants)
def test_at_each_instant_exactly_one_is_primary_and_another_secondary(known: Rotation, now: datetime) -> None:
    shift = shift_at(known, now)
    assert shift.starts_at <= now < shift.ends_at, "half-open: at the handoff the new one has it"
    assert shift.primary in known.people
    assert (shift.secondary is None) == (len(known.people) == 1)
    assert shift.secondary != shift.primary


@given(rotations, instants)
def test_shifts_follow_without_gap_or_overlap_and_everyone_takes_their_turn(known: Rotation, now: datetime) -> None:
    weeks = upcoming(known, now, len(known.people) + 1)
    for one, following in pairwise(weeks):
        assert one.ends_at == following.starts_at
        assert len(known.people) == 1 or one.secondary == following.primary, "who is next knows it a week before"
        assert timedelta(days=6, hours=22) <= one.ends_at - one.starts_at <= timedelta(days=8, hours=2)
    assert sorted(one.primary or 0 for one in weeks[:-1]) == sorted(known.people)
    assert weeks[-1].primary == weeks[0].primary


@given(rotations, instants)
def test_the_handoff_is_at_its_hour_on_the_wall(known: Rotation, now: datetime) -> None:
    local = shift_at(known, now).starts_at.astimezone(known.zone)
    assert local.weekday() == known.weekday or known.zone is APIA
    # An hour that daylight saving skips is the only one that may not stand on the wall.
    skipped = datetime.combine(local.date(), local.time()).replace(hour=known.hour, minute=0, second=0)
    there = skipped.replace(tzinfo=known.zone)
    exists = there.astimezone(UTC).astimezone(known.zone).replace(tzinfo=None) == skipped
    assert (local.hour, local.minute) == (known.hour, 0) or not exists


@given(rotations, instants, st.integers(0, 60 * 24 * 40))
def test_who_is_on_call_changes_only_at_a_handoff(known: Rotation, now: datetime, minutes: int) -> None:
    shift, later = shift_at(known, now), now + timedelta(minutes=minutes)
    if later < shift.ends_at:
        assert shift_at(known, later) == shift


@pytest.mark.parametrize(
    ("when", "primary"),
    [
        ("2026-03-02T08:59:59", C),
        ("2026-03-02T09:00:00", A),
        ("2026-03-09T08:59:59", A),
        ("2026-03-09T09:00:00", B),
        ("2026-03-16T09:00:00", C),
        ("2026-03-23T09:00:00", A),
    ],
)
def test_the_handoff_to_the_second(when: str, primary: int) -> None:
    assert shift_at(rotation(A, B, C), at(when)).primary == primary


def test_the_week_in_which_summer_begins_is_an_hour_shorter() -> None:
    known = rotation(A, B)
    week = shift_at(known, at("2026-03-24T12:00:00"))  # clocks go forward on 29 March
    assert (week.starts_at, week.ends_at) == (
        datetime(2026, 3, 23, 8, tzinfo=UTC),
        datetime(2026, 3, 30, 7, tzinfo=UTC),
    )
    assert week.ends_at - week.starts_at == timedelta(days=7) - timedelta(hours=1)


def test_the_week_in_which_winter_begins_is_an_hour_longer() -> None:
    known = rotation(A, B)
    week = shift_at(known, at("2026-10-20T12:00:00"))  # clocks go back on 25 October
    assert week.ends_at - week.starts_at == timedelta(days=7) + timedelta(hours=1)
    assert shift_at(known, at("2026-10-26T08:59:00")).primary != shift_at(known, at("2026-10-26T09:00:00")).primary


def test_an_hour_that_is_skipped_or_comes_twice_is_handed_over_once() -> None:
    skipped = Rotation((A, B), date(2026, 3, 29), 6, 2, BERLIN)  # on Sunday at two, which that day has not
    assert handoff_at(skipped, date(2026, 3, 29)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    twice = Rotation((A, B), date(2026, 10, 25), 6, 2, BERLIN)  # at two, which that day has twice
    assert handoff_at(twice, date(2026, 10, 25)) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    before, after = (shift_at(twice, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)).primary for hour in (0, 1))
    assert before == after, "the second two o'clock hands nothing over again"


def test_one_person_is_always_primary_and_nobody_secondary() -> None:
    known = rotation(A)
    assert {shift_at(known, at("2026-03-02T09:00:00") + timedelta(days=n)).primary for n in range(60)} == {A}
    assert shift_at(known, at("2026-03-02T09:00:00")).secondary is None


def test_nobody_is_nobody() -> None:
    shift = shift_at(rotation(), at("2026-03-02T09:00:00"))
    assert (shift.primary, shift.secondary) == (None, None)


def test_long_before_its_first_week_it_counts_backwards() -> None:
    assert shift_at(rotation(A, B, C), at("2026-02-24T12:00:00")).primary == C
    assert handoff_before(date(2026, 3, 1), 0) == date(2026, 2, 23)
    assert handoff_before(date(2026, 3, 2), 0) == date(2026, 3, 2)
