"""The public post: what everyone reads."""

from __future__ import annotations

from datetime import datetime

from bot.incidents.cards.card import CLOSED_COLOUR, COLOUR, STATUS_MARK
from bot.incidents.store import IncidentView
from bot.kernel.limits import EMBED_DESCRIPTION, fit
from bot.kernel.message import Embed, Message
from bot.kernel.text import duration, escape, when, when_both
from bot.policy.words import Status
from bot.updates.rules import Said

PRACTICE = "Practice: nothing is wrong. This is what the public would read."
HEADING = {
    "affected": "Who is affected",
    "advice": "What you can do",
    "cause": "What it was",
    "fix": "What fixed it",
    "impact": "Who was affected, and how",
    "data": "Data",
}


def first_words(title: str) -> str:
    """The first update in full sentences, from what is known; `title` as it is to stand there."""
    return (
        f"We know that something is wrong: {title}. We have started to look into it, and we will say here what we find."
    )


def no_change_words(before: str, before_at: datetime | None) -> str:
    """Honest words for no news."""
    since = f"Nothing has changed since our update at {when(before_at, 't')}" if before_at else "Nothing is new yet"
    lines = [f"{since}. People are still working on it."]
    if before:
        lines.append(f"What we knew then still holds:\n{before}")
    return "\n".join(lines)


def spoken(title: str, kind: Said, texts: dict[str, str]) -> str:
    """What a post said in words, the sentences of its kind included; as typed, for the log."""
    known = texts.get("known", "")
    if kind is Said.FIRST:
        known = known or first_words(title)
    elif kind is Said.NO_CHANGE:
        known = no_change_words(known, None)
    return "\n".join(text for text in (known, *(text for part, text in texts.items() if part != "known")) if text)


def public_post(
    incident: IncidentView,
    kind: Said,
    status: Status,
    texts: dict[str, str],
    *,
    next_at: datetime | None,
    gap: bool = False,
    corrected_at: datetime | None = None,
    published_at: datetime | None = None,
    before_at: datetime | None = None,
) -> Message:
    """The post. `gap`: the next time is later than the usual cadence, and says so kindly. `published_at`: None now."""
    parts: list[str] = [PRACTICE] if incident.practice else []
    known = escape(texts.get("known", ""), one_line=False)
    if kind is Said.FIRST:
        parts.append(known or first_words(escape(incident.title)))
    elif kind is Said.NO_CHANGE:
        parts.append(no_change_words(known, before_at))
    elif known:
        parts.append(known)
    if kind is Said.FINAL and incident.closed_at is not None:
        lasted = duration(incident.closed_at - incident.started_at)
        parts.append(
            f"It works again. It lasted {lasted}, from {when(incident.started_at, 't')} "
            f"to {when(incident.closed_at, 't')}."
        )
    for part, heading in HEADING.items():
        if text := escape(texts.get(part, ""), one_line=False):
            parts.append(f"**{heading}**\n{text}")
    if next_at is not None and not status.closed:
        sooner = "; sooner if something changes" if gap else ""
        parts.append(f"Next update by {when_both(next_at)}{sooner}.")
    if corrected_at is not None:
        parts.append(f"_Corrected {when(corrected_at)}._")
    mark = "[practice] " if incident.practice else ""
    return Message(
        embeds=(
            Embed(
                title=f"{mark}{STATUS_MARK[status]} {str(status).capitalize()}: {escape(incident.title)}",
                description=fit("\n\n".join(parts), EMBED_DESCRIPTION),
                colour=CLOSED_COLOUR if status.closed else COLOUR[incident.severity],
                footer=None if incident.private else incident.ref,
                timestamp=published_at,
            ),
        )
    )
