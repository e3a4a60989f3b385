"""Whom a page reaches, step by step."""

from datetime import timedelta

import pytest

from bot.policy import Kind, Severity, Target
from bot.policy.paging import AfterSteps, plan

PRIMARY, SECONDARY, CORE = {Target.PRIMARY}, {Target.SECONDARY}, {Target.CORE}
OPERATIONS = {Target.OPERATIONS}


def told(found):
    return [(found.step(n).after, found.step(n).targets) for n in range(1, 8) if found.step(n) is not None]


@pytest.mark.parametrize("kind", Kind)
def test_a_sev0_calls_everybody_every_five_minutes_three_times_and_then_hourly(kind):
    found = plan(kind, Severity.SEV0)
    everyone = PRIMARY | SECONDARY | CORE
    assert found.first == everyone
    assert told(found)[:4] == [
        *[(timedelta(minutes=5), everyone)] * 3,
        (timedelta(hours=1), everyone | OPERATIONS),
    ]
    assert found.then is AfterSteps.HOURLY
    assert found.step(500).whom_to_call
    assert not found.step(3).whom_to_call


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.SEV1, 15), (Severity.SEV2, 60)])
def test_a_page_goes_on_from_primary_to_secondary_to_core_and_ends_in_operations(severity, minutes):
    found = plan(Kind.OUTAGE, severity)
    step = timedelta(minutes=minutes)
    assert told(found) == [(step, PRIMARY), (step, SECONDARY), (step, CORE), (step, OPERATIONS)]
    assert [found.step(n).again for n in (1, 2, 3)] == [True, False, False]
    assert found.step(4).last
    assert found.step(5) is None


def test_the_first_page_by_severity():
    assert plan(Kind.OUTAGE, Severity.SEV1).first == PRIMARY
    assert plan(Kind.COMMS, Severity.SEV1).first == PRIMARY | {Target.SPECIALISTS}
    assert plan(Kind.SECURITY, Severity.SEV1).first == PRIMARY | {Target.SPECIALISTS}
    assert plan(Kind.OUTAGE, Severity.SEV2).first == {Target.OWNER}
    assert plan(Kind.OUTAGE, Severity.SEV2).otherwise == PRIMARY


def test_a_sev3_is_assigned_silently_and_goes_nowhere_else():
    found = plan(Kind.OUTAGE, Severity.SEV3)
    assert (found.first, found.silent, told(found)) == ({Target.NAMED_OWNER}, True, [])


def test_there_is_no_step_before_the_first():
    assert plan(Kind.OUTAGE, Severity.SEV0).step(0) is None
