"""When a backup is owed, and which ones stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backup import rules
from bot.backup.rules import Backup

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
THREE = NOW.replace(hour=3)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("newest", "now", "owed"),
    [
        (None, NOW, True),
        (THREE - SECOND, THREE - SECOND, False),
        (THREE - SECOND, THREE, True),
        (THREE, THREE, False),
        (THREE, THREE + timedelta(hours=23, minutes=59), False),
        (THREE, THREE + timedelta(days=1), True),
        (THREE, THREE + timedelta(days=40), True),
        (NOW, NOW - timedelta(hours=1), False),
        (NOW + timedelta(days=2), NOW, True),
    ],
    ids=[
        "none",
        "before the hour",
        "at the hour",
        "just made",
        "a day later",
        "due",
        "long ago",
        "clock set back",
        "wrong",
    ],
)
def test_when_it_is_owed(newest: datetime | None, now: datetime, owed: bool) -> None:
    assert rules.due(newest, now, hour=3) is owed


def at(moment: datetime) -> Backup:
    path = Path(rules.name("vigil", moment, why=rules.DAILY))
    made = rules.read_name(path, "vigil")
    assert made is not None
    return made


def test_a_name_tells_what_it_is() -> None:
    for why in (None, rules.DAILY, "before-0002"):
        name = rules.name("vigil", NOW, why=why)
        assert rules.read_name(Path(name), "vigil") == Backup(Path(name), NOW, why)
    for other in ("vigil.db", "other-daily-20260329T120000Z.db", "vigil-daily-20269929T120000Z.db", "vigil-x.partial"):
        assert rules.read_name(Path(other), "vigil") is None


def test_seven_days_and_four_weeks_stay() -> None:
    made = [at(NOW - timedelta(days=days)) for days in range(60)]
    gone = rules.superfluous(made, days=7, weeks=4)
    kept = [one.at.date() for one in made if one not in gone]
    assert kept == [(NOW - timedelta(days=days)).date() for days in (0, 1, 2, 3, 4, 5, 6, 7, 14, 21)]


def test_those_made_by_hand_or_before_an_upgrade_stay() -> None:
    others = [Backup(Path("a"), NOW - timedelta(days=900)), Backup(Path("b"), NOW - timedelta(days=900), "before-0002")]
    assert rules.superfluous([*others, at(NOW)], days=1, weeks=0) == []


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=40), st.integers(1, 9), st.integers(0, 5))
def test_the_newest_always_stays(moments: list[datetime], days: int, weeks: int) -> None:
    made = [Backup(Path(str(index)), one, rules.DAILY) for index, one in enumerate(moments)]
    gone = rules.superfluous(made, days=days, weeks=weeks)
    kept = [one for one in made if one not in gone]
    assert max(moments) in [one.at for one in kept]
    assert len(kept) <= days + weeks
    assert rules.superfluous(kept, days=days, weeks=weeks) == []
