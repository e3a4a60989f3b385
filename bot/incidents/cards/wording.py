"""How log entries, duties and people are put into words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.incidents.log import LogView
from bot.incidents.rules import Entry
from bot.kernel.text import escape, person, when
from bot.policy.briefs import RESOLVE_CHECKS
from bot.policy.words import Duty

MARKS = {
    Entry.NOTE: "📝",
    Entry.MESSAGE: "📝",
    Entry.CORRECTION: "📝",
    Entry.PAGED: "📟",
    Entry.ESCALATED: "📟",
    Entry.ACKNOWLEDGED: "🙋",
    Entry.UPDATE: "📣",
    Entry.RESOLVED: "✅",
}


def people(ids: Any) -> str:
    """Mentions of these user ids, or "nobody"."""
    return ", ".join(person(int(one)) for one in ids or ()) or "nobody"


def _after(params: dict[str, Any]) -> str:
    seconds = int(params.get("after_s", 0))
    return f", {seconds // 60} min after it was declared" if seconds >= 60 else ""


def check_words(key: Any) -> str:
    """The words of a check before resolving, by its key."""
    known = {item.key: item.words for items in RESOLVE_CHECKS.values() for item in items}
    return known.get(str(key), "a check")


# One sentence for each kind of entry; user text is added behind it, escaped for its place.
SENTENCE: dict[Entry, Callable[[dict[str, Any]], str]] = {
    Entry.NOTE: lambda p: "",
    Entry.MESSAGE: lambda p: "",
    Entry.CORRECTION: lambda p: "Correction",
    Entry.DECLARED: lambda p: f"Incident declared as {p.get('severity')}, {p.get('kind')}",
    Entry.PAGED: lambda p: f"{'Given to' if p.get('silent') else 'Paged'} {people(p.get('users'))}",
    Entry.PAGE_FAILED: lambda p: f"The page did not reach {people(p.get('users'))}",
    Entry.ACKNOWLEDGED: lambda p: "Has it" + (" by declaring it" if p.get("by_declaring") else _after(p)),
    Entry.DECLINED: lambda p: "Cannot right now; the next one is asked",
    Entry.ESCALATED: lambda p: f"No answer yet; went on to {people(p.get('users'))}",
    Entry.SEVERITY: lambda p: f"Severity {p.get('before')} → {p.get('after')}",
    Entry.KIND: lambda p: f"Kind {p.get('before')} → {p.get('after')}",
    Entry.STATUS: lambda p: f"Status {p.get('before')} → {p.get('after')}",
    Entry.IMPACT: lambda p: "Impact",
    Entry.LEAD_OFFERED: lambda p: f"Offered the lead to {people([p['to']] if p.get('to') else ())}",
    Entry.LEAD: lambda p: f"{people([p['lead']] if p.get('lead') else ())} leads",
    Entry.LEAD_OPEN: lambda p: f"The lead is open; asked {people(p.get('asking'))}",
    Entry.JOINED: lambda p: "Joined",
    Entry.ADDED: lambda p: (
        f"Brought in the role <@&{p['role']}>" if p.get("role") else f"Brought in {people([p['user']])}"
    ),
    Entry.TAGGED_OUT: lambda p: "Tagged out, thank you",
    Entry.TICKED: lambda p: f"Confirmed: {check_words(p.get('item'))}",
    Entry.UPDATE: lambda p: "Public update published",
    Entry.UPDATE_CORRECTED: lambda p: "Public update corrected; it said before",
    Entry.UPDATE_OVERDUE: lambda p: "The promised time for an update has passed",
    Entry.GAP: lambda p: "A longer gap until the next update was announced",
    Entry.DUTY_DUE: lambda p: f"Due: {Duty(p['duty']).phrase}" if p.get("duty") else "Something is due",
    Entry.DUTY_DONE: lambda p: f"Done: {Duty(p['duty']).phrase}" if p.get("duty") else "Done",
    Entry.RESOLVED: lambda p: f"Resolved after {p.get('duration_min', 0)} minutes",
    Entry.CANCELLED: lambda p: "Cancelled: it was not an incident",
    Entry.DUPLICATE: lambda p: f"The same as {p.get('ref', 'another incident')}",
    Entry.REOPENED: lambda p: "Taken up again",
    Entry.TITLE: lambda p: "Now called",
    Entry.PROBLEM: lambda p: f"Vigil could not {p.get('what', 'do its part')}",
    Entry.ARCHIVED: lambda p: "The room moved to the archive",
}


def entry_plain(entry: LogView) -> str:
    """The entry as plain words, unescaped: for exports, where the format escapes."""
    said = SENTENCE[entry.kind](entry.params)
    return ": ".join(part for part in (said, entry.text) if part)


def entry_line(entry: LogView) -> str:
    """The entry as one line for Discord, each reader's own time first."""
    said = SENTENCE[entry.kind](entry.params)
    text = escape(entry.text) if entry.text else ""
    mark = MARKS.get(entry.kind, "•")
    return f"{mark} {when(entry.occurred_at, 't')} {': '.join(part for part in (said, text) if part)}{_by(entry)}"


def _by(entry: LogView) -> str:
    """Who said it; of somebody else's message also who took it into the log, and where it stands."""
    if entry.author is None:
        return ""
    if entry.author == entry.actor:
        return f" · {person(entry.author)}"
    added = f", added by {person(entry.actor)}" if entry.actor else ""
    return f" · {person(entry.author)}{added} · {entry.link}" if entry.link else f" · {person(entry.author)}{added}"
