"""What the doctor says: one line per finding, with its remedy; never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.setup.seen import Seen

_CHANNEL, _ROLE, _ESCAPED = re.compile(r"<#(\d+)>"), re.compile(r"<@&(\d+)>"), re.compile(r"\\([^\w\s])")


class Mark(StrEnum):
    """How a line is meant."""

    FINE = "ok"
    FIX = "FIX"
    NOTE = "note"


@dataclass(frozen=True)
class Line:
    """A finding, and for one that must be fixed what to change where."""

    mark: Mark
    words: str
    remedy: str = ""

    def text(self) -> str:
        """As it is printed."""
        first = f"{self.mark:<4}  {self.words}"
        return f"{first}\n      → {self.remedy}" if self.remedy else first


def fine(words: str) -> Line:
    """Something that is right."""
    return Line(Mark.FINE, words)


def fix(words: str, remedy: str) -> Line:
    """Something that does not work as it is."""
    return Line(Mark.FIX, words, remedy)


def note(words: str, remedy: str = "") -> Line:
    """Something to know."""
    return Line(Mark.NOTE, words, remedy)


def sick(lines: Iterable[Line]) -> bool:
    """Whether something must be fixed."""
    return any(one.mark is Mark.FIX for one in lines)


def for_terminal(sentence: str, seen: Seen) -> str:
    """A sentence written for Discord, with names instead of links and without formatting."""

    def channel(found: re.Match[str]) -> str:
        known = seen.channels.get(int(found[1]))
        return f"#{known.name}" if known else f"the channel {found[1]}"

    def role(found: re.Match[str]) -> str:
        known = seen.roles.get(int(found[1]))
        return f"@{known.name}" if known else f"the role {found[1]}"

    named = _ROLE.sub(role, _CHANNEL.sub(channel, sentence.replace("**", "").replace("`", "")))
    return "".join(one for one in _ESCAPED.sub(r"\1", named) if one.isprintable())
