"""One body under examination: all that is wrong with it is told at once, as Discord does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.wire.refusals import invalid


class Form:
    """Collects what is wrong with one body; `done` refuses it when something is."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def wrong(self, path: str, words: str) -> None:
        self.errors.setdefault(path, words)

    def known(self, path: str, body: Any, allowed: Iterable[str], required: Iterable[str] = ()) -> bool:
        """Whether `body` is an object at all; names every field that Discord does not know or misses."""
        if not isinstance(body, dict):
            self.wrong(path or "_", "must be an object")
            return False
        dot = f"{path}." if path else ""
        for name in body.keys() - set(allowed):
            self.wrong(dot + name, "unknown field")
        for name in required:
            if body.get(name) is None:
                self.wrong(dot + name, "this field is required")
        return True

    def text(self, path: str, value: Any, most: int, least: int = 0) -> int:
        """The length of a text; too long, too short, blank or no text is wrong."""
        if value is None and not least:
            return 0
        if not isinstance(value, str):
            self.wrong(path, "must be a string")
            return 0
        length = len(value.strip())
        if not least <= length <= most:
            self.wrong(path, f"must be between {least} and {most} in length, not {length}")
        return length

    def number(self, path: str, value: Any, least: int, most: int) -> None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
            self.wrong(path, f"must be a whole number from {least} to {most}, not {value!r}")

    def listed(self, path: str, value: Any, most: int, least: int = 0) -> list[Any]:
        """The value as a list, empty when it is none."""
        if value is None and not least:
            return []
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.wrong(path, f"must hold {least} to {most} things")
            return value if isinstance(value, list) else []
        return value

    def snowflake(self, path: str, value: Any) -> None:
        if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).isdigit():
            self.wrong(path, f"{value!r} is not a snowflake")

    def done(self) -> None:
        """Raises Refusal (50035) when something was wrong."""
        if self.errors:
            raise invalid(self.errors)
