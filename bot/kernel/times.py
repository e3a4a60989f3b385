"""Reading instants and lengths of time that people type, in their own zone, across daylight saving.

What cannot be read is a BadInput whose sentence says which forms work.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from bot.kernel.errors import BadInput
from bot.kernel.limits import fit
from bot.kernel.text import escape

Want = Literal["past", "future", "any"]

FURTHEST = timedelta(days=5 * 366)
LONGEST = timedelta(days=366)
# People type "now" a moment before it is read; a clock may differ by as much.
SLACK = timedelta(minutes=1)

FORMS: Mapping[Want, str] = MappingProxyType(
    {
        "past": "Try `14:30`, `yesterday 22:10`, `2026-01-14 10:15`, `10:15 UTC`, `20 min ago` or `now`.",
        "future": "Try `14:30`, `tomorrow 9:00`, `2026-01-14 10:15`, `10:15 UTC` or `in 20 min`.",
        "any": "Try `14:30`, `tomorrow 9:00`, `2026-01-14 10:15`, `10:15 UTC`, `in 20 min`, `20 min ago` or `now`.",
    }
)
DURATION_FORMS = "Try `20 min`, `1h30` or `2 hours`."

_STAMP = re.compile(r"<t:(-?\d{1,12})(?::[tdfsr])?>")  # in lower case, as it is read
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_PART = re.compile(
    r"(?P<number>\d{1,6}(?:[.,]\d{1,3})?)\s*"
    r"(?P<unit>d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])"
)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?")
_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[t ,]+|$)")
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?$")
_ZONE_AT_END = re.compile(r"(?:\s|(?<=\d))(z|utc|gmt|[a-z]+(?:/[a-z0-9_+-]+){1,2}|utc[+-]\d{1,2}(?::?\d{2})?)$")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LEADING = re.compile(r"^(?:at|by|until|about|around|ca\.?|~)\s+")


def read_instant(text: str, *, now: datetime, zone: ZoneInfo, want: Want = "any") -> datetime:
    """The instant that `text` means, aware UTC; a time of day without a zone is read in `zone`.

    `want` decides what is open: of "14:30" the past takes the latest not after `now`, the future the next after it,
    any today's; of "20 min" the past goes back, the others ahead. Raises BadInput for what cannot be read and for an
    instant on the wrong side of `now` or years away.
    """
    shown = fit(escape(text), 80)
    cleaned = _LEADING.sub("", " ".join(text.split()).lower()).strip(" .!?`'\"")
    try:
        found = _read(cleaned, now, zone, want)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None:
        raise BadInput(f"I could not read “{shown}” as a time. {FORMS[want]}")
    if want == "past" and found > now + SLACK:
        raise BadInput(f"“{shown}” is still ahead, and this needs a time that has passed. {FORMS[want]}")
    if want == "future" and found <= now:
        raise BadInput(f"“{shown}” has passed, and this needs a time that is ahead. {FORMS[want]}")
    if abs(found - now) > FURTHEST:
        raise BadInput(f"“{shown}” is years away. Please check the date. {FORMS[want]}")
    return found


def read_duration(text: str) -> timedelta:
    """The length that `text` means; a bare number counts minutes. Raises BadInput; never zero, at most a year."""
    cleaned = " ".join(text.split()).lower().strip(" .!?`'\"")
    found = timedelta(minutes=int(cleaned)) if re.fullmatch(r"[0-9]{1,6}", cleaned) else _span(cleaned)
    if found is None or not timedelta(0) < found <= LONGEST:
        raise BadInput(f"I could not read “{fit(escape(text), 80)}” as a length of time. {DURATION_FORMS}")
    return found


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name, also by its city alone, whatever its case. Raises BadInput with the nearest names."""
    wanted = name.strip().replace(" ", "_").lower()
    names = _zone_names()
    if wanted in names:
        return ZoneInfo(names[wanted])
    near = [names[one] for one in get_close_matches(wanted, names, n=3, cutoff=0.6)]
    remedy = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "Try `Europe/Berlin` or `UTC`."
    raise BadInput(f"I know no time zone “{fit(escape(name), 80)}”. {remedy}")


@cache
def _zone_names() -> dict[str, str]:
    """Lower-case name → name, and lower-case city → name where only one zone has it."""
    every = sorted(name for name in available_timezones() if not name.startswith(("posix/", "right/")))
    cities: dict[str, set[str]] = {}
    for name in every:
        if name.count("/") and not name.startswith("Etc/"):
            cities.setdefault(name.rpartition("/")[2].lower(), set()).add(name)
    names = {city: found.pop() for city, found in cities.items() if len(found) == 1}
    return names | {name.lower(): name for name in every}


def _read(text: str, now: datetime, zone: ZoneInfo, want: Want) -> datetime | None:
    if text in ("now", "right now", "just now"):
        return now.astimezone(UTC)
    stamp = _STAMP.fullmatch(text)
    if stamp:
        return datetime.fromtimestamp(int(stamp[1]), UTC)
    relative = _relative(text, now, want)
    if relative is not None:
        return relative
    offset = _zone_of(text)
    if offset is not None:
        text, shift = offset
        return _wall(text, now, shift, want)
    return _wall(text, now, zone, want)


def _relative(text: str, now: datetime, want: Want) -> datetime | None:
    """ "in 20 min", "20 min ago", and a bare "20 min" in the direction that is wanted."""
    back = want == "past"
    if text.startswith("in "):
        text, back = text[3:], False
    elif text.endswith(" ago"):
        text, back = text[:-4], True
    span = _span(text)
    if span is None:
        return None
    return (now - span if back else now + span).astimezone(UTC)


def _span(text: str) -> timedelta | None:
    """ "20m", "1 h 30 min", "1h30", "half an hour", "an hour", "2 days and 3 hours"; None where it is no length."""
    text = {"half an hour": "30 min", "an hour": "1 h", "a minute": "1 min", "a day": "1 d"}.get(text, text)
    text = re.sub(r"(\d\s?h)\s?(\d{1,2})$", r"\1 \2m", text).replace(" and ", " ").replace(", ", " ")
    total, end = timedelta(0), 0
    for part in _PART.finditer(text):
        if text[end : part.start()].strip():
            return None
        total += _UNITS[part["unit"][0]] * float(part["number"].replace(",", "."))
        end = part.end()
    return total if end and not text[end:].strip() else None


def _zone_of(text: str) -> tuple[str, ZoneInfo | timedelta] | None:
    """The text without its zone at the end, and that zone or its offset from UTC; None where it names none."""
    named = _ZONE_AT_END.search(text)
    if named is None:
        bare = _OFFSET.search(text)
        # "2026-01-14" ends like an offset; an offset follows a time of day.
        if bare is None or ":" not in text[: bare.start()]:
            return None
        return text[: bare.start()].strip(), _shift(bare)
    word, rest = named[1], text[: named.start()].strip()
    shifted = _OFFSET.search(word) if word.startswith("utc") else None
    if shifted:
        return rest, _shift(shifted)
    if word in ("z", "utc", "gmt"):
        return rest, timedelta(0)
    known = _zone_names().get(word)
    return (rest, ZoneInfo(known)) if known else None


def _shift(found: re.Match[str]) -> timedelta:
    shift = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if shift > timedelta(hours=14):
        raise ValueError("no such offset")
    return -shift if found["sign"] == "-" else shift


def _wall(text: str, now: datetime, zone: ZoneInfo | timedelta, want: Want) -> datetime | None:
    """A date with a time, a day's name with a time, or a time of day alone."""
    today = _local(now, zone).date()
    dated = _DATE.match(text)
    if dated:
        at = _clock(text[dated.end() :].removeprefix("at "))
        day = date(int(dated["year"]), int(dated["month"]), int(dated["day"]))
        return _pick(_instants([day], at, zone), now, want) if at else None
    word, _, rest = text.partition(" ")
    days = _named_days(word, today, want)
    if days is not None:
        at = _clock(rest.removeprefix("at "))
        return _pick(_instants(days, at, zone), now, want) if at else None
    at = _clock(text)
    if at is None:
        return None
    around = [today] if want == "any" else [today + timedelta(days=shift) for shift in (-1, 0, 1)]
    return _pick(_instants(around, at, zone), now, want)


def _named_days(word: str, today: date, want: Want) -> list[date] | None:
    shift = {"today": 0, "tomorrow": 1, "yesterday": -1}.get(word)
    if shift is not None:
        return [today + timedelta(days=shift)]
    named = [number for number, name in enumerate(_WEEKDAYS) if word in (name, name[:3])]
    if not named:
        return None
    ahead = (named[0] - today.weekday()) % 7
    days = [today + timedelta(days=ahead + week) for week in (-7, 0, 7)]
    return [day for day in days if day >= today] if want == "any" else days


def _clock(text: str) -> time | None:
    words = {"noon": time(12), "midday": time(12), "midnight": time(0)}
    if text in words:
        return words[text]
    found = _CLOCK.fullmatch(text)
    if found is None or (found["minute"] is None and found["half"] is None):
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].startswith("p") else 0)
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))


def _local(at: datetime, zone: ZoneInfo | timedelta) -> datetime:
    return at.astimezone(UTC) + zone if isinstance(zone, timedelta) else at.astimezone(zone)


def _instants(days: Iterable[date], at: time, zone: ZoneInfo | timedelta) -> list[datetime]:
    """The instants at which a clock in `zone` shows `at` on these days: two where it is set back, and where it is set
    forward over `at`, the instant just as far after midnight."""
    found: list[datetime] = []
    for day in days:
        wall = datetime.combine(day, at)
        if isinstance(zone, timedelta):
            found.append((wall - zone).replace(tzinfo=UTC))
            continue
        first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        found.append(first)
        if second > first:  # it comes twice; where it is skipped, the second lies before the first
            found.append(second)
    return sorted(found)


def _pick(instants: list[datetime], now: datetime, want: Want) -> datetime | None:
    if not instants:
        return None
    if want == "past":
        return max((at for at in instants if at <= now), default=instants[0])
    if want == "future":
        return min((at for at in instants if at > now), default=instants[-1])
    return instants[0]
