"""Lengths of time as the guide writes them ("30 minutes", "1-2 business days", "next release"), and their arithmetic.

Hours and days of a `timedelta` are elapsed time; business days and months are counted on the server's calendar and
keep the time of day across daylight saving.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True)
class BusinessDays:
    """Working days, Monday to Friday, in the server's zone; holidays are not known."""

    days: int


@dataclass(frozen=True)
class Months:
    """Calendar months in the server's zone; a day that the month lacks becomes its last one."""

    months: int


@dataclass(frozen=True)
class NextRelease:
    """With the next regular release: a duty without an instant until somebody names one."""


Term = timedelta | BusinessDays | Months | NextRelease

NEXT_RELEASE = NextRelease()


def after(term: Term, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant `term` after `start` as aware UTC; None where the term has no instant (next release).

    `start` is aware. Of a wall-clock time that daylight saving skips, the instant just as far after midnight holds; of
    one that comes twice, the first. Raises ValueError for a naive `start`.
    """
    if start.tzinfo is None:
        raise ValueError("a start without a zone")
    match term:
        case timedelta():
            return start.astimezone(UTC) + term
        case BusinessDays(days):
            local = start.astimezone(zone)
            return _at(_working_day(local.date(), days), local, zone)
        case Months(months):
            local = start.astimezone(zone)
            return _at(_month_later(local.date(), months), local, zone)
        case NextRelease():
            return None


def about(term: Term) -> timedelta:
    """A length to order terms by when there is no calendar at hand: a business day counts as one day, the least that
    it can take, and the next release as the longest of all."""
    match term:
        case timedelta():
            return term
        case BusinessDays(days):
            return timedelta(days=days)
        case Months(months):
            return timedelta(days=28 * months)
        case NextRelease():
            return timedelta.max


def term_words(term: Term) -> str:
    """The term in a few characters: "30 min", "1 h 30 min", "48 h", "7 d", "2 business days"."""
    match term:
        case timedelta():
            return _span_words(term)
        case BusinessDays(days):
            return "1 business day" if days == 1 else f"{days} business days"
        case Months(months):
            return "1 month" if months == 1 else f"{months} months"
        case NextRelease():
            return "with the next release"


def _working_day(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day


def _month_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _at(day: date, wall: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall.time().replace(fold=0), zone).astimezone(UTC)


def _span_words(span: timedelta) -> str:
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes == 0:
        return "at once"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours > 72 and hours % 24 == 0 and not rest:
        return f"{hours // 24} d"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
