"""Promises, heads-ups and reminders, with their boundaries."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import LUMINOUS, Duty, Kind, Pace, Severity, Target, heads_up_at, judge_promise, overdue_step
from bot.policy.promises import Verdict, late_words

BASE = datetime(2026, 1, 14, 10, 45, tzinfo=UTC)
MIN, SECOND = timedelta(minutes=1), timedelta(seconds=1)
CADENCE = LUMINOUS.strictest(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE, pace=Pace.NEXT)


def judge(promised, severity=Severity.SEV1, choice=CADENCE, **more):
    return judge_promise(choice, severity, base=BASE, promised=promised, **more)


def test_no_promise_takes_the_cadence():
    judged = judge(None)
    assert (judged.verdict, judged.due, judged.accepted) == (Verdict.CADENCE, BASE + 30 * MIN, True)


@pytest.mark.parametrize("promised", [BASE + SECOND, BASE + 10 * MIN, BASE + 30 * MIN])
def test_a_promise_up_to_the_cadence_wins(promised):
    judged = judge(promised)
    assert (judged.verdict, judged.due, judged.deviation) == (Verdict.KEPT, promised, False)


def test_a_promise_a_second_later_gets_the_latest_allowed_time():
    judged = judge(BASE + 30 * MIN + SECOND)
    assert (judged.verdict, judged.due, judged.accepted) == (Verdict.TOO_LATE, BASE + 30 * MIN, False)
    assert judged.sentence == ("later than the guide allows; 30 min: outage SEV-1; the severity alone would give 24 h")


@pytest.mark.parametrize("promised", [BASE, BASE - MIN])
def test_a_promise_in_the_past_is_none(promised):
    judged = judge(promised, gap=True)
    assert (judged.verdict, judged.accepted) == (Verdict.PAST, False)


def test_a_longer_gap_is_a_deviation_with_the_guides_rule_beside_it():
    judged = judge(BASE + 600 * MIN, gap=True)
    assert (judged.verdict, judged.due, judged.deviation) == (Verdict.LONGER_GAP, BASE + 600 * MIN, True)
    assert judged.latest == BASE + 30 * MIN
    assert judged.sentence.startswith("a longer gap was announced; the guide has 30 min")


def test_a_longer_gap_of_a_sev0_needs_a_second_responder():
    assert judge(BASE + 90 * MIN, Severity.SEV0, gap=True).verdict is Verdict.NEEDS_SECOND
    assert judge(BASE + 90 * MIN, Severity.SEV0, gap=True, second=True).accepted


def test_without_a_cadence_every_time_ahead_holds():
    judged = judge(BASE + timedelta(days=9), choice=None)
    assert (judged.verdict, judged.due) == (Verdict.KEPT, BASE + timedelta(days=9))


@pytest.mark.parametrize(
    ("interval", "ahead"),
    [(15, 3), (30, 6), (60, 12), (120, 24), (24 * 60, 288), (10, 3), (5, 3), (4, 3)],
)
def test_the_heads_up_comes_at_four_fifths_and_at_least_three_minutes_before(interval, ahead):
    due = BASE + interval * MIN
    assert heads_up_at(BASE, due) == due - ahead * MIN


@pytest.mark.parametrize("interval", [0, 1, 3])
def test_too_short_an_interval_has_no_heads_up(interval):
    assert heads_up_at(BASE, BASE + interval * MIN) is None


@given(st.integers(min_value=0, max_value=10**6))
def test_a_heads_up_lies_between(seconds):
    due = BASE + seconds * SECOND
    at = heads_up_at(BASE, due)
    assert at is None or BASE <= at <= due - 3 * MIN


LEAD, ON_CALL, OPERATIONS = {Target.LEAD}, {Target.PRIMARY, Target.SECONDARY}, {Target.OPERATIONS}


@pytest.mark.parametrize(
    ("number", "minutes", "targets"),
    [
        (0, 0, LEAD),
        (1, 5, LEAD),
        (2, 15, LEAD | ON_CALL),
        (3, 30, LEAD | ON_CALL | OPERATIONS),
        (4, 90, OPERATIONS),
        (5, 150, OPERATIONS),
        (27, 30 + 24 * 60, OPERATIONS),
    ],
)
def test_overdue_reminders_widen_and_then_stay_in_operations(number, minutes, targets):
    step = overdue_step(number)
    assert (step.after, step.targets) == (minutes * MIN, targets)


def test_lateness_is_said_kindly():
    assert late_words(BASE, BASE + 59 * SECOND) == "on time"
    assert late_words(BASE, BASE + 6 * MIN) == "6 min after the promised time"
