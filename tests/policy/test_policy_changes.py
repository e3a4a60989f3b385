"""What a server may change, and the version that tells one policy from another."""

from datetime import timedelta

import pytest

from bot.kernel.errors import BadInput
from bot.policy import LUMINOUS, Duty, Kind, Pace, Policy, Severity
from bot.policy.clocks import Start

KEY = "public_update.first.outage.SEV-1"


def test_a_server_makes_a_clock_stricter():
    policy = LUMINOUS.with_changes({KEY: 20})
    choice = policy.strictest(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE)
    assert choice.term == timedelta(minutes=20)
    assert choice.sentence() == (
        "20 min: this server’s rule for outage SEV-1; outage SEV-1 would give 30 min, the severity alone would give 2 h"
    )
    assert choice.rule.runs_from is Start.DECLARED


def test_a_milder_number_holds_too_with_the_guides_beside_it():
    policy = LUMINOUS.with_changes({KEY: 60})
    assert policy.strictest(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE).term == timedelta(minutes=60)


def test_a_change_touches_nothing_else():
    policy = LUMINOUS.with_changes({KEY: 20})
    for kind in Kind:
        for severity in Severity:
            for duty in Duty:
                for pace in Pace:
                    if (kind, severity, duty, pace) != ("outage", "SEV-1", "public_update", "first"):
                        before = LUMINOUS.strictest(kind, severity, duty, pace=pace)
                        after = policy.strictest(kind, severity, duty, pace=pace)
                        # What is due together with the update moves with it.
                        if duty is not Duty.AFFECTED_TOLD:
                            assert before == after
    told = policy.strictest(Kind.OUTAGE, Severity.SEV1, Duty.AFFECTED_TOLD)
    assert told.term == timedelta(minutes=20)


def test_the_more_particular_change_holds():
    policy = LUMINOUS.with_changes({"public_update.next.any.SEV-1": 120, "public_update.next.outage.SEV-1": 45})
    outage = policy.strictest(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE, pace=Pace.NEXT)
    comms = policy.strictest(Kind.COMMS, Severity.SEV1, Duty.PUBLIC_UPDATE, pace=Pace.NEXT)
    assert (outage.term, comms.term) == (timedelta(minutes=45), timedelta(minutes=120))


def test_versions_tell_policies_apart_and_do_not_depend_on_order():
    one = LUMINOUS.with_changes({KEY: 20, "acknowledge.first.any.SEV-0": 10})
    two = LUMINOUS.with_changes({"acknowledge.first.any.SEV-0": 10}).with_changes({KEY: 20})
    assert LUMINOUS.version == "luminous-1"
    assert one.version == two.version != LUMINOUS.version
    assert one.rules == two.rules
    assert LUMINOUS.with_changes({KEY: 21}).version != LUMINOUS.with_changes({KEY: 20}).version


def test_taking_a_change_back_gives_the_guide_again():
    assert LUMINOUS.with_changes({KEY: 20}).with_changes({KEY: None}) == LUMINOUS


def test_an_incident_finds_its_policy_again():
    policy = LUMINOUS.with_changes({KEY: 20})
    assert Policy.from_version(policy.version, {KEY: 20}) == policy
    assert Policy.from_version("luminous-1") == LUMINOUS
    with pytest.raises(ValueError, match="luminous"):
        Policy.from_version(policy.version, {KEY: 25})


@pytest.mark.parametrize(
    "changes",
    [
        {"": 5},
        {"public_update": 5},
        {"public_update.first.outage": 5},
        {"public_update.first.outage.SEV-9": 5},
        {"public_update.first.fire.SEV-1": 5},
        {"public_update.later.outage.SEV-1": 5},
        {"lunch.first.any.any": 5},
        {"acknowledge.next.any.SEV-1": 5},
        {"temporary_ban.first.community.any": 5},
        {KEY: 0},
        {KEY: -1},
        {KEY: True},
        {KEY: "20"},
        {KEY: 1.5},
        {KEY: 10**9},
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_remedy(changes):
    with pytest.raises(BadInput) as refused:
        LUMINOUS.with_changes(changes)
    assert refused.value.sentence.endswith(".")
