"""The clock that a rehearsal hands to Vigil: it stands still until somebody moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


class VirtualClock:
    """A `bot.kernel.clock.Clock` that reads the simulated world's instant."""

    def __init__(self, read: Callable[[], datetime]) -> None:
        self._read = read

    def now(self) -> datetime:
        """The simulated instant, aware, in UTC."""
        return self._read()
