"""What a play is made of: who does what, where, and when. Plain data; nothing here acts.

Everything is named as a person sees it: rooms by their name, buttons and fields by their label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.rehearsal.cast import Company

THE_ROOM = "the incident's room"
DIRECT = "direct messages with Vigil"
VIGIL = "@Vigil"


@dataclass(frozen=True)
class Say:
    """Writes a message; `@Vigil` in it mentions the bot."""

    who: str
    where: str
    words: str


@dataclass(frozen=True)
class Type:
    """Types a slash command, such as `incident log`, with its options. A person is given as `@` and their key."""

    who: str
    where: str
    command: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Press:
    """Presses the button of this label on the newest message that has it."""

    who: str
    where: str
    label: str


@dataclass(frozen=True)
class Choose:
    """Chooses in the menu on the newest message that has these options, each named by a part of its label."""

    who: str
    where: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Fill:
    """Fills the form that stands open before them and sends it. Fields by a part of their label; the rest stays."""

    who: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pick:
    """Picks an entry of the menu of a message: the newest in this room that has these words."""

    who: str
    where: str
    entry: str
    words: str


Act = Say | Type | Press | Choose | Fill | Pick


@dataclass(frozen=True)
class Step:
    """An act, so many minutes after the play begins."""

    minute: int
    act: Act


@dataclass(frozen=True)
class Script:
    """A play. `log`: the lines (minute, words) that must stand in the log as `reader` is shown it at the end;
    `posts`: what must stand in the public channel (minute, words), as anybody reads it."""

    title: str
    company: Company
    begins: datetime
    steps: tuple[Step, ...]
    reader: str
    log: tuple[tuple[int, str], ...]
    posts: tuple[tuple[int, str], ...] = ()

    def at(self, minute: int) -> datetime:
        """The instant of a minute of the play."""
        return self.begins + timedelta(minutes=minute)
