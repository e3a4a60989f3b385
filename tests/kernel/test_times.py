"""Reading what people type as a time, with daylight saving and the wrong side of now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.kernel.errors import BadInput
from bot.kernel.times import read_duration, read_instant, read_zone

BERLIN, LONDON, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London"), ZoneInfo("UTC")
NOW = datetime(2026, 1, 14, 10, 20, tzinfo=UTC)  # a Wednesday, 11:20 in Berlin


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "want", "expected"),
    [
        ("now", "past", NOW),
        ("Now.", "any", NOW),
        ("11:00", "past", utc(2026, 1, 14, 10, 0)),
        ("11:20", "past", NOW),
        ("11:20", "future", utc(2026, 1, 15, 10, 20)),
        ("11:21", "past", utc(2026, 1, 13, 10, 21)),
        ("11:21", "future", utc(2026, 1, 14, 10, 21)),
        ("14:30", "any", utc(2026, 1, 14, 13, 30)),
        ("9:00", "any", utc(2026, 1, 14, 8, 0)),
        ("at 14:30", "future", utc(2026, 1, 14, 13, 30)),
        ("14.30", "future", utc(2026, 1, 14, 13, 30)),
        ("2:30pm", "future", utc(2026, 1, 14, 13, 30)),
        ("2 pm", "future", utc(2026, 1, 14, 13, 0)),
        ("12am", "future", utc(2026, 1, 14, 23, 0)),
        ("noon", "future", utc(2026, 1, 14, 11, 0)),
        ("10:15 UTC", "past", utc(2026, 1, 14, 10, 15)),
        ("10:15Z", "past", utc(2026, 1, 14, 10, 15)),
        ("10:15 Europe/London", "past", utc(2026, 1, 14, 10, 15)),
        ("12:15+02:00", "past", utc(2026, 1, 14, 10, 15)),
        ("12:15 UTC+2", "past", utc(2026, 1, 14, 10, 15)),
        ("2026-01-14 10:15", "past", utc(2026, 1, 14, 9, 15)),
        ("2026-01-14T10:15Z", "past", utc(2026, 1, 14, 10, 15)),
        ("2026-01-14 10:15:30 UTC", "past", utc(2026, 1, 14, 10, 15, 30)),
        ("2026-01-20 10:15", "future", utc(2026, 1, 20, 9, 15)),
        ("tomorrow 9:00", "future", utc(2026, 1, 15, 8, 0)),
        ("tomorrow at 9:00", "future", utc(2026, 1, 15, 8, 0)),
        ("yesterday 22:10", "past", utc(2026, 1, 13, 21, 10)),
        ("today 11:00", "past", utc(2026, 1, 14, 10, 0)),
        ("friday 9:00", "future", utc(2026, 1, 16, 8, 0)),
        ("fri 9:00", "past", utc(2026, 1, 9, 8, 0)),
        ("wed 9:00", "future", utc(2026, 1, 21, 8, 0)),
        ("in 20 min", "future", utc(2026, 1, 14, 10, 40)),
        ("in 2 hours", "any", utc(2026, 1, 14, 12, 20)),
        ("20 min ago", "past", utc(2026, 1, 14, 10, 0)),
        ("half an hour ago", "past", utc(2026, 1, 14, 9, 50)),
        ("20m", "past", utc(2026, 1, 14, 10, 0)),
        ("20m", "future", utc(2026, 1, 14, 10, 40)),
        ("1h30", "future", utc(2026, 1, 14, 11, 50)),
        ("1 h 30 min", "any", utc(2026, 1, 14, 11, 50)),
        ("<t:1768386000>", "any", utc(2026, 1, 14, 10, 20)),
        ("<t:1768386000:R>", "past", utc(2026, 1, 14, 10, 20)),
        ("<t:1768386000:F>", "past", utc(2026, 1, 14, 10, 20)),
        ("  `14:30`  ", "future", utc(2026, 1, 14, 13, 30)),
    ],
)
def test_what_is_read(text, want, expected):
    assert read_instant(text, now=NOW, zone=BERLIN, want=want) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "tomorrow-ish", "soon", "25:00", "24:00", "12:60", "14", "2026-02-30 10:00", "2026-13-01 10:00",
        "2026-01-14", "13pm", "0am", "10:15 Europe/Nowhere", "10:15+99:00", "<t:99999999999999999:R>", "<t:abc>",
        "in", "ago", "in a while", "20", "@everyone", "x" * 4000, "9" * 4000, "in 20 min or so", "99:99:99",
        "<t:999999999999>", "monday", "next week", "²:³",
    ],
)  # fmt: skip
@pytest.mark.parametrize("want", ["past", "future", "any"])
def test_what_cannot_be_read_gets_the_forms_that_work(text, want):
    with pytest.raises(BadInput) as refused:
        read_instant(text, now=NOW, zone=BERLIN, want=want)
    sentence = refused.value.sentence
    assert "Try `14:30`" in sentence
    assert len(sentence) < 400
    assert "@everyone" not in sentence


@pytest.mark.parametrize("text", ["in 20 min", "tomorrow 9:00", "2026-01-14 23:00", "<t:1768396000>"])
def test_a_time_ahead_is_refused_where_one_must_have_passed(text):
    with pytest.raises(BadInput, match="still ahead"):
        read_instant(text, now=NOW, zone=BERLIN, want="past")


@pytest.mark.parametrize("text", ["20 min ago", "yesterday 9:00", "2026-01-14 10:00", "now", "<t:1768386000>"])
def test_a_time_that_passed_is_refused_where_one_must_be_ahead(text):
    with pytest.raises(BadInput, match="has passed"):
        read_instant(text, now=NOW, zone=BERLIN, want="future")


@pytest.mark.parametrize("text", ["0001-01-01 00:00", "9999-12-31 23:59", "in 99999 days", "1970-01-01 00:00 UTC"])
def test_a_time_years_away_is_questioned(text):
    with pytest.raises(BadInput):
        read_instant(text, now=NOW, zone=BERLIN, want="any")


SPRING, AUTUMN = utc(2026, 3, 29), utc(2026, 10, 25)  # 02:00 to 03:00 is skipped; 02:00 to 03:00 comes twice


def test_a_time_that_daylight_saving_skips_is_as_far_after_midnight():
    found = read_instant("02:30", now=SPRING, zone=BERLIN, want="future")
    assert found == utc(2026, 3, 29, 1, 30)
    assert found.astimezone(BERLIN).hour == 3


def test_of_a_time_that_comes_twice_the_nearest_on_the_wanted_side_holds():
    first, second = utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)
    assert read_instant("02:30", now=AUTUMN, zone=BERLIN, want="future") == first
    assert read_instant("02:30", now=first + timedelta(minutes=5), zone=BERLIN, want="future") == second
    assert read_instant("02:30", now=first + timedelta(minutes=5), zone=BERLIN, want="past") == first
    assert read_instant("02:30", now=second, zone=BERLIN, want="past") == second
    assert read_instant("2026-10-25 02:30", now=second, zone=BERLIN, want="past") == second


def test_the_day_is_that_of_the_person():
    late = utc(2026, 1, 14, 23, 30)  # 00:30 of the 15th in Berlin
    assert read_instant("today 00:10", now=late, zone=BERLIN, want="past") == utc(2026, 1, 14, 23, 10)
    assert read_instant("tomorrow 9:00", now=late, zone=BERLIN, want="future") == utc(2026, 1, 16, 8, 0)
    assert read_instant("today 23:10 UTC", now=late, zone=BERLIN, want="past") == utc(2026, 1, 14, 23, 10)


zones = st.sampled_from([BERLIN, LONDON, UTC_ZONE, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu")])
instants = st.integers(min_value=2840_0000, max_value=3050_0000).map(
    lambda minute: datetime.fromtimestamp(60 * minute, UTC)
)


@given(instants, zones)
def test_a_written_instant_reads_back(at, zone):
    local = at.astimezone(zone)
    assume(local.replace(fold=0).astimezone(UTC) == local.replace(fold=1).astimezone(UTC))
    now = utc(2026, 1, 1)
    assert read_instant(f"{local:%Y-%m-%d %H:%M}", now=now, zone=zone, want="any") == at
    assert read_instant(f"{at:%Y-%m-%dT%H:%M}Z", now=now, zone=zone, want="any") == at
    assert read_instant(f"{local:%Y-%m-%dT%H:%M%z}", now=now, zone=zone, want="any") == at
    assert read_instant(f"<t:{int(at.timestamp())}:R>", now=now, zone=zone, want="any") == at


@given(instants, zones, st.times())
def test_a_time_of_day_is_on_the_wanted_side_and_within_a_day_or_so(now, zone, at):
    past = read_instant(f"{at:%H:%M}", now=now, zone=zone, want="past")
    future = read_instant(f"{at:%H:%M}", now=now, zone=zone, want="future")
    assert past <= now < future
    assert now - past <= timedelta(hours=26)
    assert future - now <= timedelta(hours=26)


@given(st.text(max_size=40), st.sampled_from(["past", "future", "any"]))
def test_whatever_is_typed_is_read_or_refused(text, want):
    try:
        found = read_instant(text, now=NOW, zone=BERLIN, want=want)
    except BadInput:
        return
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30", 30), ("30 min", 30), ("1h30", 90), ("1 h 30 min", 90), ("2 hours", 120), ("1.5h", 90), ("1,5 h", 90),
        ("2 days and 3 hours", 51 * 60), ("an hour", 60), ("90s", 1.5),
    ],
)  # fmt: skip
def test_durations(text, minutes):
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0", "0 min", "-5", "soon", "999999 days", "x" * 4000, "²", "1 fortnight"])
def test_a_duration_that_cannot_be_read_gets_the_forms_that_work(text):
    with pytest.raises(BadInput, match="Try `20 min`"):
        read_duration(text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        (" utc ", "UTC"),
    ],
)
def test_zones(name, key):
    assert read_zone(name).key == key


def test_an_unknown_zone_gets_the_nearest_names():
    with pytest.raises(BadInput, match="Did you mean Europe/Berlin"):
        read_zone("Europe/Berln")
    for name in ("", "../../etc/passwd", "\0", "x" * 4000, "@everyone"):
        with pytest.raises(BadInput):
            read_zone(name)
