"""Promised times, heads-ups before they are due, and the reminders after: the rules of design sections 2.10 and 4."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.policy.clocks import Choice, due_at
from bot.policy.terms import term_words
from bot.policy.words import Severity, Target

HEADS_UP_SHARE = 0.8
HEADS_UP_LEAST = timedelta(minutes=3)

# A longer gap than the cadence, of these severities, needs a second responder (design, rule 10).
GAP_NEEDS_SECOND: frozenset[Severity] = frozenset({Severity.SEV0})

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class OverdueStep:
    """`after` the due instant, remind `targets`; only an operations notice among them is no push."""

    after: timedelta
    targets: frozenset[Target]


_LEAD = frozenset({Target.LEAD})
_ON_CALL = _LEAD | {Target.PRIMARY, Target.SECONDARY}

OVERDUE_STEPS: tuple[OverdueStep, ...] = (
    OverdueStep(timedelta(0), _LEAD),
    OverdueStep(timedelta(minutes=5), _LEAD),
    OverdueStep(timedelta(minutes=15), _ON_CALL),
    OverdueStep(timedelta(minutes=30), _ON_CALL | {Target.OPERATIONS}),
)
OVERDUE_THEN = OverdueStep(timedelta(hours=1), frozenset({Target.OPERATIONS}))


def overdue_step(number: int) -> OverdueStep:
    """Reminder `number`, 0 at the due instant itself; after the ladder hourly, in operations only, without end."""
    if number < len(OVERDUE_STEPS):
        return OVERDUE_STEPS[number]
    beyond = number - len(OVERDUE_STEPS) + 1
    return OverdueStep(OVERDUE_STEPS[-1].after + OVERDUE_THEN.after * beyond, OVERDUE_THEN.targets)


def heads_up_at(start: datetime, due: datetime) -> datetime | None:
    """When the silent heads-up of something due comes: after 80 % of the interval from `start`, at least 3 min before
    `due`; None where the interval is too short for one."""
    at = min(start + (due - start) * HEADS_UP_SHARE, due - HEADS_UP_LEAST)
    return at.replace(microsecond=0) if at > start else None


class Verdict(StrEnum):
    """What becomes of a promised time."""

    CADENCE = "cadence"  # none was promised: the cadence's time holds
    KEPT = "kept"  # within the cadence: the promised time holds
    PAST = "past"  # not after the present: the cadence's time is offered
    TOO_LATE = "too_late"  # later than the cadence allows: its latest time, or a longer gap, is offered
    NEEDS_SECOND = "needs_second"  # a longer gap that a second responder must agree to
    LONGER_GAP = "longer_gap"  # a longer gap, announced: the promised time holds, as a deviation


@dataclass(frozen=True)
class Judged:
    """The verdict on a promise. `due`: what holds, or what may be offered in its place; None: nothing is owed.

    `latest`: the latest time that the cadence allows, None where it sets none.
    """

    verdict: Verdict
    due: datetime | None
    latest: datetime | None
    choice: Choice | None

    @property
    def accepted(self) -> bool:
        """True where `due` may be recorded as the promise."""
        return self.verdict in (Verdict.CADENCE, Verdict.KEPT, Verdict.LONGER_GAP)

    @property
    def deviation(self) -> bool:
        """True where the promise is later than the guide has it, and must be recorded beside the guide's rule."""
        return self.verdict is Verdict.LONGER_GAP

    @property
    def sentence(self) -> str:
        """The reason in words, for the card and the log."""
        rule = self.choice.sentence() if self.choice else "no cadence is set here"
        match self.verdict:
            case Verdict.CADENCE:
                return rule
            case Verdict.KEPT:
                return f"promised; {rule}" if self.choice else "promised"
            case Verdict.PAST:
                return f"that time has passed; {rule}"
            case Verdict.TOO_LATE:
                return f"later than the guide allows; {rule}"
            case Verdict.NEEDS_SECOND:
                return f"a longer gap needs a second responder to agree; {rule}"
            case Verdict.LONGER_GAP:
                return f"a longer gap was announced; the guide has {rule}"


def judge_promise(
    choice: Choice | None,
    severity: Severity,
    *,
    base: datetime,
    promised: datetime | None,
    zone: ZoneInfo = _UTC,
    gap: bool = False,
    second: bool = False,
) -> Judged:
    """Which time holds for the next update: the promised one if it is earlier than the cadence, else by rule 10.

    `choice`: the cadence (the next pace), None where there is none; `base`: the update from which it runs, aware.
    `gap`: the longer gap is announced on purpose; `second`: a second responder agreed to it.
    """
    latest = due_at(choice, base, zone) if choice else None
    if promised is None:
        return Judged(Verdict.CADENCE, latest, latest, choice)
    promised = promised.astimezone(UTC)
    if promised <= base:
        return Judged(Verdict.PAST, latest, latest, choice)
    if latest is None or promised <= latest:
        return Judged(Verdict.KEPT, promised, latest, choice)
    if not gap:
        return Judged(Verdict.TOO_LATE, latest, latest, choice)
    if severity in GAP_NEEDS_SECOND and not second:
        return Judged(Verdict.NEEDS_SECOND, latest, latest, choice)
    return Judged(Verdict.LONGER_GAP, promised, latest, choice)


def late_words(due: datetime, at: datetime) -> str:
    """How late `at` is, kindly: "6 min after the promised time", "on time" within the minute."""
    late = at - due
    return "on time" if late < timedelta(minutes=1) else f"{term_words(late)} after the promised time"
