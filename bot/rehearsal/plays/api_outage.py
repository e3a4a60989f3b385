"""The worked example of the guide: an API times out from 10:15 to 11:00. Source: guide, "Technical Outage Response"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.rehearsal.cast import LUMINOUS, Company
from bot.rehearsal.plays.script import THE_ROOM, VIGIL, Choose, Fill, Pick, Press, Say, Script, Step, Type


@dataclass(frozen=True)
class Parts:
    """Who plays what, by key: a member who notices, the responder who declares, and the two who are on call."""

    reporter: str = "erin"
    declarer: str = "charlie"
    primary: str = "alice"
    secondary: str = "bob"


USUAL_PARTS = Parts()
BEGINS = datetime(2026, 1, 14, 10, 15, tzinfo=UTC)
TITLE = "Terra Atlas API"

# Minutes since the first reports, and the words of the guide's "Maintain Communication Log".
LOG = (
    (0, "Reports of API timeouts"),
    (5, "Confirmed: Database connection pool exhausted"),
    (10, "Root cause: Recent migration left open connections"),
    (15, "Fix identified: Restart service + connection cleanup"),
    (20, "Fix deployed"),
    (25, "Monitoring recovery"),
    (30, "Service restored, monitoring for stability"),
)
IT_LASTED = "45 minutes"
"""What Vigil must compute; nobody types it."""


def script(
    *, begins: datetime = BEGINS, title: str = TITLE, parts: Parts = USUAL_PARTS, company: Company = LUMINOUS
) -> Script:
    """The play, at any time, about anything, by anybody."""

    def clock(minute: int) -> str:
        return f"{begins + timedelta(minutes=minute):%H:%M}"

    words = dict(LOG)
    steps = (
        *_noticed(title, parts, clock, words),
        *_handed_over(parts),
        *_found(title, parts, words),
        *_restored(title, parts, clock, words),
        *_resolved(parts),
    )
    return Script(
        title=f"{title}, {clock(0)} to {clock(45)} UTC",
        company=company,
        begins=begins,
        steps=steps,
        reader=parts.primary,
        log=(*LOG[:1], (5, "Incident declared as SEV-1, outage"), *LOG[1:], (45, f"Resolved after {IT_LASTED}")),
        posts=(
            (15, "A fix is being prepared"),
            (30, "We've identified the root cause as a database connection issue"),
            (45, f"It lasted {IT_LASTED}, from {clock(0)} to {clock(45)}"),
        ),
    )


Clock = Callable[[int], str]


def _noticed(title: str, parts: Parts, clock: Clock, words: dict[int, str]) -> tuple[Step, ...]:
    """10:15 to 10:20: reports, the declaration, the first two lines of the log."""
    return (
        Step(0, Say(parts.reporter, "support", f"Is it only me? Requests to the {title} time out.")),
        Step(3, Say(parts.declarer, "support", "Not only you, thank you. We are looking.")),
        Step(
            5,
            Type(
                parts.declarer,
                "general",
                "incident declare",
                {
                    "title": f"{title} is unreachable",
                    "severity": "SEV-1",
                    "kind": "outage",
                    "summary": "Requests time out since this morning. We do not know yet why.",
                    "affected": "API requests",
                    "started": clock(0),
                },
            ),
        ),
        Step(5, Type(parts.declarer, THE_ROOM, "incident log", {"entry": words[0], "at": clock(0)})),
        Step(5, Say(parts.declarer, THE_ROOM, f"{VIGIL} {words[5]}")),
    )


def _handed_over(parts: Parts) -> tuple[Step, ...]:
    """10:22 to 10:24: the one on call has it and takes the lead, the other one joins."""
    return (
        Step(7, Press(parts.primary, THE_ROOM, "Acknowledge")),
        Step(8, Press(parts.declarer, THE_ROOM, "Hand over lead")),
        Step(
            8,
            Fill(
                parts.declarer,
                {"To whom": f"@{parts.primary}", "need to know": "The pool is full; nobody in public was told yet."},
            ),
        ),
        Step(8, Press(parts.primary, THE_ROOM, "I take the lead")),
        Step(9, Press(parts.secondary, "operations", "Join")),
    )


def _found(title: str, parts: Parts, words: dict[int, str]) -> tuple[Step, ...]:
    """10:25 to 10:40: the cause, the fix, the first public update with its promise."""
    return (
        Step(10, Say(parts.secondary, THE_ROOM, words[10])),
        Step(10, Pick(parts.primary, THE_ROOM, "Add to incident log", words[10])),
        Step(15, Press(parts.secondary, THE_ROOM, "Log")),
        Step(15, Fill(parts.secondary, {"What happened": words[15]})),
        Step(15, Type(parts.primary, THE_ROOM, "update")),
        Step(
            15,
            Fill(
                parts.primary,
                {
                    "Where does it stand": "identified",
                    "What do you know": f"Requests to the {title} time out. The database has no connections left "
                    "since this morning's migration. A fix is being prepared.",
                    "Next update": "in 15 min",
                },
            ),
        ),
        Step(15, Press(parts.primary, THE_ROOM, "Publish")),
        Step(16, Choose(parts.primary, THE_ROOM, ("Let those who are affected know",))),
        Step(20, Type(parts.secondary, THE_ROOM, "incident log", {"entry": words[20]})),
        Step(25, Say(parts.secondary, THE_ROOM, f"{VIGIL} {words[25]}")),
    )


def _restored(title: str, parts: Parts, clock: Clock, words: dict[int, str]) -> tuple[Step, ...]:
    """10:45: it works again; the reminder is answered with the guide's good update."""
    return (
        Step(30, Say(parts.primary, THE_ROOM, f"{VIGIL} {words[30]}")),
        Step(30, Press(parts.primary, THE_ROOM, "Post update")),
        Step(
            30,
            Fill(
                parts.primary,
                {
                    "Where does it stand": "monitoring",
                    "What do you know": "We've identified the root cause as a database connection issue introduced "
                    "in this morning's migration. A fix has been deployed and service is recovering. We're "
                    "monitoring for stability.",
                    "Who is affected": f"API requests to the {title} from {clock(0)} to {clock(25)} UTC; about 500 "
                    "users experienced timeouts. No data loss or corruption.",
                    "Next update": clock(60),
                },
            ),
        ),
        Step(30, Press(parts.primary, THE_ROOM, "Publish")),
    )


def _resolved(parts: Parts) -> tuple[Step, ...]:
    """11:00: three checks, the final update, and the whole log to keep."""
    return (
        Step(45, Press(parts.primary, THE_ROOM, "Resolve")),
        Step(45, Choose(parts.primary, THE_ROOM, ("smoke test", "metrics", "Users report"))),
        Step(45, Press(parts.primary, THE_ROOM, "Write the final update")),
        Step(
            45,
            Fill(
                parts.primary,
                {
                    "What was it": "Database connection pool exhaustion",
                    "What fixed it": "Service restart, connection cleanup, improved pooling config",
                    "Who was affected": "About 500 users experienced API timeouts",
                    "Was data": "None lost, none exposed",
                },
            ),
        ),
        Step(45, Press(parts.primary, THE_ROOM, "Publish and resolve")),
        Step(45, Type(parts.primary, THE_ROOM, "incident export")),
    )
