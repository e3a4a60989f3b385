"""The clock that is handed in: everything that needs the time asks one of these, so that tests can move it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock; the only place that reads it."""

    def now(self) -> datetime:
        """The machine's present instant, aware, in UTC."""
        return datetime.now(UTC)
