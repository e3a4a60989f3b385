"""How a call to the outside ends when it does not end well."""

from __future__ import annotations

from datetime import timedelta

GIVEN_UP = -1
"""In place of Discord's code: those who run Vigil ended the tries."""


class Refused(Exception):
    """The outside said no and would say no again. `code`: Discord's error code; `words`: what it said."""

    def __init__(self, code: int, words: str = "", *, status: int = 0) -> None:
        super().__init__(f"{status}/{code} {words}"[:280])
        self.code, self.words, self.status = code, words, status


class Retry(Exception):
    """Not now, or nobody knows: try again, looking for the mark first. `after`: at least this long from now."""

    def __init__(self, words: str, after: timedelta | None = None) -> None:
        super().__init__(words[:280])
        self.after = after


class NotYet(Retry):
    """Nothing was tried, since something else is at it right now: look again `after`. It counts as no attempt."""

    def __init__(self, words: str, after: timedelta) -> None:
        super().__init__(words, after)
        self.pause = after
