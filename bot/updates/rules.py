"""What an update says, and what it must not leave out: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.policy.words import Status

KNOWN_MAX, PART_MAX = 1500, 700


class Said(StrEnum):
    """Kinds of public updates."""

    UPDATE = "update"
    FIRST = "first"
    NO_CHANGE = "no_change"
    FINAL = "final"


class Stage(StrEnum):
    """How far a public update got."""

    WAITING = "waiting"  # a longer gap for which a second responder is asked
    SENDING = "sending"  # recorded; on its way to the channel
    PUBLISHED = "published"
    FAILED = "failed"  # Discord refused it; somebody was told, and may try again


PARTS = ("known", "affected", "advice")
FINAL_PARTS = ("cause", "fix", "impact", "data")


@dataclass(frozen=True)
class Content:
    """What a person typed for an update. `next`: as typed; empty for the cadence's own time.

    `promised`: the instant that `next` meant when it was previewed (aware UTC), so that the same is published later.
    """

    status: Status = Status.INVESTIGATING
    texts: dict[str, str] = field(default_factory=dict)
    next: str = ""
    promised: datetime | None = None

    def part(self, name: str) -> str:
        """One of the parts, empty where nothing was typed."""
        return self.texts.get(name, "").strip()


# Words that alone tell a reader nothing; an update made of nothing else is questioned once.
_FILLER_WORDS = """
    a about again all also an and any are as asap at back be bear being by can come coming continue continuing
    current currently details everyone fix fixing for from further get guys have hello here hi hold i in info
    information investigate investigating is issue issues it just keep know let look looking more new news no
    notice now of on our patience patient please posted problem problems progress shortly situation soon sorry stand
    stay still team thank thanks that the there this tight to tuned until update updated updates us wait we when will
    with work working you your"""
_FILLER = frozenset(_FILLER_WORDS.split())


def says_nothing(content: Content, before: Content | None = None) -> bool:
    """Whether a reader learns nothing from it ("still working on it"). Source: guide, "Ongoing Updates".

    `before`: what the form started with; what was only left standing from it is no news.
    """
    if any(content.part(part) not in ("", before.part(part) if before else "") for part in ("affected", "advice")):
        return False
    spoken = content.part("known").casefold().replace("’", "'").replace("'re", "").replace("'ll", "").replace("'s", "")
    words = "".join(c if c.isalnum() else " " for c in spoken).split()
    return not [word for word in words if word not in _FILLER]
