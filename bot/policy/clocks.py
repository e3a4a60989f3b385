"""Every clock of the guide as one table, and the strictest rule that holds for a kind, a severity and a duty.

Where the guide gives two numbers for one thing the table has both, each with its section: the earliest holds, and the
choice can say which it beat. Rules that are ours (the guide gives words or nothing) say so with `ours`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.policy.terms import NEXT_RELEASE, BusinessDays, Months, Term, about, after, term_words
from bot.policy.words import Duty, Kind, Severity


class Start(StrEnum):
    """What a clock runs from."""

    STARTED = "started"  # when it began, which may precede its declaration
    DECLARED = "declared"
    DELIVERED = "delivered"  # the page reached Discord
    LAST_UPDATE = "last_update"
    CHANGED = "changed"  # status, impact or severity changed
    REPORT_RECEIVED = "report_received"
    RAISED = "raised"
    COOLED_OFF = "cooled_off"  # a cooling-off was asked for
    PATH_AGREED = "path_agreed"
    BANNED = "banned"
    RESOLVED = "resolved"
    WORKING = "working"  # continuous work of one person
    LAST_TIME = "last_time"  # the last time it was done


class Pace(StrEnum):
    """Of a duty that returns: its first time, or every time after."""

    FIRST = "first"
    NEXT = "next"


class Condition(StrEnum):
    """What must be so, besides kind and severity, for a rule to hold."""

    ON_REQUEST = "on_request"  # somebody asked for it
    PROMISED = "promised"  # the final post promises it
    PRIVATE = "private"  # the incident is still private


@dataclass(frozen=True)
class With:
    """Due together with another duty's first time, whatever that is for the kind and severity."""

    duty: Duty


@dataclass(frozen=True)
class Rule:
    """One sentence of the guide: for a kind and severity (None: any), a duty is due `due` after `runs_from`.

    `every`: the term after each time that it was done; `heads_up`: a first mark before it counts as overdue; `latest`:
    the end of a range that begins with `due`. `section` names the place in the guide, `words` whose rule it is.
    """

    kind: Kind | None
    severity: Severity | None
    duty: Duty
    due: Term | With | None
    runs_from: Start
    section: str
    every: timedelta | None = None
    heads_up: Term | None = None
    latest: Term | None = None
    only_if: Condition | None = None
    ours: bool = False
    note: str = ""
    server: bool = False

    @property
    def words(self) -> str:
        """Whose rule it is: "outage SEV-1", "SEV-1", "security"; with the note, or the note alone."""
        whose = " ".join(str(part) for part in (self.kind, self.severity) if part is not None)
        if self.server:
            return f"this server’s rule for {whose or self.duty.phrase}"
        return ", ".join(part for part in (whose, self.note) if part) or self.duty.phrase

    def matches(self, kind: Kind, severity: Severity, duty: Duty, given: Collection[Condition] = ()) -> bool:
        """True where the rule speaks about this kind, severity and duty, and its condition is `given`."""
        return (
            self.duty is duty
            and self.kind in (None, kind)
            and self.severity in (None, severity)
            and (self.only_if is None or self.only_if in given)
        )


def _m(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _h(hours: int) -> timedelta:
    return timedelta(hours=hours)


def _d(days: int) -> timedelta:
    return timedelta(days=days)


_OUTAGE, _SECURITY, _COMMS, _COMMUNITY = Kind.OUTAGE, Kind.SECURITY, Kind.COMMS, Kind.COMMUNITY
_S0, _S1, _S2, _S3 = Severity.SEV0, Severity.SEV1, Severity.SEV2, Severity.SEV3
_TIMING = "Post-Incident Review › Timing"
_OUTAGE_PUBLIC = "Technical Outage › Public Communication"
_CARE = "Conscious Crisis Response › Self-Care During Incidents"
_PROCESS = "Security › Response Process"

# Each rule on one line or two, grouped by duty in the order of the design's table.
RULES: tuple[Rule, ...] = (
    # Acknowledge.
    Rule(None, _S0, Duty.ACKNOWLEDGE, _m(5), Start.DECLARED, "SEV-0 › Response Time", ours=True),
    Rule(None, _S1, Duty.ACKNOWLEDGE, _h(1), Start.DECLARED, "SEV-1 › Response Time"),
    Rule(None, _S2, Duty.ACKNOWLEDGE, _h(4), Start.DECLARED, "SEV-2 › Response Time"),
    Rule(
        None,
        _S3,
        Duty.ACKNOWLEDGE,
        BusinessDays(2),
        Start.DECLARED,
        "SEV-3 › Response Time",
        heads_up=BusinessDays(1),
    ),
    # Public updates: the severities give one cadence, outages a faster one; both stay.
    Rule(None, _S0, Duty.PUBLIC_UPDATE, _h(1), Start.DECLARED, "SEV-0 › Communication", every=_h(1)),
    Rule(None, _S1, Duty.PUBLIC_UPDATE, _h(2), Start.DECLARED, "SEV-1 › Communication", every=_h(24)),
    Rule(
        _OUTAGE,
        _S0,
        Duty.PUBLIC_UPDATE,
        _m(15),
        Start.DECLARED,
        "Technical Outage › Update Status Page",
        ours=True,
        note="first update",
    ),
    Rule(_OUTAGE, _S0, Duty.PUBLIC_UPDATE, _m(30), Start.DECLARED, _OUTAGE_PUBLIC, every=_m(30)),
    Rule(_OUTAGE, _S1, Duty.PUBLIC_UPDATE, _m(30), Start.DECLARED, _OUTAGE_PUBLIC, every=_m(30)),
    Rule(None, _S2, Duty.PUBLIC_UPDATE, _h(24), Start.DECLARED, "SEV-2 › Communication"),
    Rule(None, _S2, Duty.RESOLUTION_DATE, With(Duty.PUBLIC_UPDATE), Start.DECLARED, "SEV-2 › Communication"),
    Rule(None, _S3, Duty.RELEASE_NOTE, NEXT_RELEASE, Start.RESOLVED, "SEV-3 › Communication"),
    Rule(None, _S0, Duty.STATUS_PAGE, _m(0), Start.CHANGED, "SEV-0 › Communication"),
    Rule(None, _S0, Duty.AFFECTED_TOLD, With(Duty.PUBLIC_UPDATE), Start.DECLARED, "SEV-0 › Communication"),
    Rule(None, _S1, Duty.AFFECTED_TOLD, With(Duty.PUBLIC_UPDATE), Start.DECLARED, "SEV-1 › Communication"),
    # Security.
    Rule(_SECURITY, None, Duty.RECEIPT, _h(24), Start.REPORT_RECEIVED, f"{_PROCESS} › Acknowledge Receipt"),
    Rule(_SECURITY, None, Duty.ASSESS, _h(48), Start.REPORT_RECEIVED, f"{_PROCESS} › Assess Severity"),
    Rule(_SECURITY, _S0, Duty.FIX, _m(0), Start.DECLARED, f"{_PROCESS} › Develop Fix"),
    Rule(_SECURITY, _S1, Duty.FIX, _d(7), Start.DECLARED, f"{_PROCESS} › Develop Fix"),
    Rule(_SECURITY, _S2, Duty.FIX, _d(30), Start.DECLARED, f"{_PROCESS} › Develop Fix"),
    Rule(_SECURITY, _S3, Duty.FIX, NEXT_RELEASE, Start.DECLARED, f"{_PROCESS} › Develop Fix"),
    Rule(
        _SECURITY,
        _S0,
        Duty.RELEASE_OR_HOLD,
        _h(1),
        Start.DECLARED,
        "Core Principles › Transparency Over Secrecy",
        only_if=Condition.PRIVATE,
        ours=True,
    ),
    Rule(
        _COMMUNITY,
        _S0,
        Duty.RELEASE_OR_HOLD,
        _h(1),
        Start.DECLARED,
        "Core Principles › Transparency Over Secrecy",
        only_if=Condition.PRIVATE,
        ours=True,
    ),
    # An outage that lasts is a SEV-1 by the guide's own example.
    Rule(_OUTAGE, _S2, Duty.SUGGEST_RAISE, _h(2), Start.STARTED, "SEV-1 › Examples"),
    Rule(_OUTAGE, _S3, Duty.SUGGEST_RAISE, _h(2), Start.STARTED, "SEV-1 › Examples"),
    # Communication crises.
    Rule(_COMMS, None, Duty.CRITICISM_VALID, _h(1), Start.DECLARED, "Communication Crisis › Assess Validity"),
    Rule(
        _COMMS,
        None,
        Duty.CRITICISM_ANSWER,
        _h(6),
        Start.DECLARED,
        "Communication Crisis › Coordinate Response",
        ours=True,
    ),
    # Community conflicts.
    Rule(_COMMUNITY, None, Duty.COOLING_OFF, _h(24), Start.COOLED_OFF, "Community Conflict › Initial Intervention"),
    Rule(_COMMUNITY, None, Duty.CHECK_IN, _d(7), Start.PATH_AGREED, "Community Conflict › Facilitated Resolution"),
    Rule(
        _COMMUNITY,
        None,
        Duty.TEMPORARY_BAN,
        _d(7),
        Start.BANNED,
        "Community Conflict › Enforcement Actions",
        latest=_d(30),
    ),
    # Reviews.
    *(
        Rule(
            None,
            severity,
            duty,
            due,
            Start.RESOLVED,
            _TIMING,
            only_if=Condition.ON_REQUEST if severity is _S3 else None,
            ours=severity is _S3,
        )
        for severity in Severity
        for duty, due in (
            (Duty.REVIEW_SCHEDULED, _h(48)),
            (Duty.REVIEW_HELD, _d(7)),
            (Duty.REVIEW_PUBLISHED, _d(14)),
        )
    ),
    Rule(
        None,
        None,
        Duty.LEARNINGS,
        _h(48),
        Start.RESOLVED,
        "Technical Outage › Final Public Update",
        only_if=Condition.PROMISED,
        note="promised in the final post",
    ),
    Rule(None, None, Duty.LEARNINGS, _d(14), Start.RESOLVED, _TIMING, note="the published review"),
    # Care for those who work, and what returns by the calendar.
    Rule(None, None, Duty.BREAK, _h(2), Start.WORKING, _CARE, ours=True),
    Rule(None, None, Duty.HANDOFF, _h(4), Start.WORKING, _CARE, ours=True),
    Rule(None, None, Duty.CONTACTS_REVIEWED, Months(3), Start.LAST_TIME, "Resources › Contact Lists"),
    Rule(None, None, Duty.SIMULATION_HELD, Months(3), Start.LAST_TIME, "Training › Regular Practice"),
)


@dataclass(frozen=True)
class Choice:
    """The rule that holds, its term in figures, and the rules that it beat, strictest first, with theirs."""

    rule: Rule
    term: Term
    beaten: tuple[tuple[Rule, Term], ...] = ()

    def sentence(self) -> str:
        """The rule in words: "30 min: outage SEV-1; the severity alone would give 2 h"."""
        said = f"{term_words(self.term)}: {self.rule.words}"
        others = [f"{_as_beaten(rule)} would give {term_words(term)}" for rule, term in self.beaten]
        return f"{said}; {', '.join(others)}" if others else said


def strictest(
    rules: Iterable[Rule],
    kind: Kind,
    severity: Severity,
    duty: Duty,
    *,
    pace: Pace = Pace.FIRST,
    given: Collection[Condition] = (),
) -> Choice | None:
    """The matching rule with the earliest term, and the later ones that it beat; None: nothing is owed.

    `pace` picks the first time or the times after; a rule without a term for it has no say. Of equals the more
    particular one holds; a server's own number stands in the guide's place. `given`: the conditions that are so.
    """
    rules = tuple(rules)
    found: list[tuple[Rule, Term]] = []
    for rule in rules:
        term = rule.every if pace is Pace.NEXT else rule.due
        if term is None or not rule.matches(kind, severity, duty, given):
            continue
        if isinstance(term, With):
            leading = strictest(rules, kind, severity, term.duty, given=given)
            if leading is None:
                continue
            term = leading.term
        found.append((rule, term))
    if not found:
        return None
    found.sort(key=lambda pair: (about(pair[1]), pair[0].kind is None, pair[0].severity is None))
    server = [pair for pair in found if pair[0].server]
    if server:
        # A server's own number holds in the guide's place, the most particular first; the guide's stays in sight.
        chosen = min(server, key=lambda pair: (pair[0].kind is None, pair[0].severity is None))
        return Choice(*chosen, tuple(pair for pair in found if not pair[0].server))
    (rule, term), later = found[0], found[1:]
    return Choice(rule, term, tuple(pair for pair in later if about(pair[1]) > about(term)))


def due_at(choice: Choice, start: datetime, zone: ZoneInfo) -> datetime | None:
    """When the choice is due, aware UTC, counted from the aware `start` on the server's calendar; None: no instant."""
    return after(choice.term, start, zone)


def rederive(
    choice: Choice | None, *, before: datetime | None, start: datetime, changed_at: datetime, zone: ZoneInfo
) -> datetime | None:
    """The due instant after kind or severity changed at `changed_at`; None where nothing is owed any more.

    `before` is what was due until then, `start` what the clock runs from. What became stricter runs from the change,
    so it never falls into the past, and never moves later than it was; what became milder runs from its own start.
    """
    if choice is None:
        return None
    fresh = due_at(choice, start, zone)
    if fresh is None or (before is not None and fresh >= before):
        return fresh
    from_change = due_at(choice, changed_at, zone)
    if before is None or from_change is None:
        return from_change
    return min(before, from_change)


def _as_beaten(rule: Rule) -> str:
    return "the severity alone" if rule.kind is None and rule.severity is not None else rule.words
