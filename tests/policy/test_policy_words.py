"""Words, permissions, briefs and readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import (
    ALLOWED,
    DEFAULT_VISIBILITY,
    PERMITTED,
    PRIVATE_KINDS,
    SPECIALISTS,
    Action,
    Kind,
    Severity,
    Standing,
    Status,
    Visibility,
    may_see,
    permitted,
    visibility_after,
)
from bot.policy.briefs import BRIEFS, RESOLVE_CHECKS, Danger, brief, outside_first, resolve_checks
from bot.policy.permissions import INSIDE, PERMITTED_PRIVATE
from bot.policy.readings import ESCALATING, HARASSMENT, worst_reading
from bot.policy.words import Duty


def test_sev0_is_the_worst():
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3]
    assert Severity.SEV0.at_least(Severity.SEV1)
    assert Severity.SEV1.at_least(Severity.SEV1)
    assert not Severity.SEV2.at_least(Severity.SEV1)
    assert (Severity.SEV1.worse, Severity.SEV1.milder) == (Severity.SEV0, Severity.SEV2)
    assert (Severity.SEV0.worse, Severity.SEV3.milder) == (None, None)


def test_every_meaning_fits_where_discord_shows_it():
    for severity in Severity:
        for kind in Kind:
            assert 0 < len(f"{severity}: {severity.meaning_for(kind)}") <= 100
    assert all(len(f"{kind}: {kind.meaning}") <= 100 for kind in Kind)
    assert Severity.SEV0.meaning_for(Kind.COMMUNITY) != Severity.SEV0.meaning


@pytest.mark.parametrize(
    ("status", "others"),
    [
        (Status.INVESTIGATING, {"identified", "monitoring", "resolved", "cancelled"}),
        (Status.IDENTIFIED, {"investigating", "monitoring", "resolved", "cancelled"}),
        (Status.MONITORING, {"investigating", "identified", "resolved", "cancelled"}),
        (Status.RESOLVED, {"investigating"}),
        (Status.CANCELLED, {"investigating"}),
    ],
)
def test_which_status_may_follow(status, others):
    assert ALLOWED[status] == others
    assert {other for other in Status if status.may_become(other)} == others
    assert status.closed is (status in {"resolved", "cancelled"})


def test_security_and_community_are_private_from_the_start():
    assert set(PRIVATE_KINDS) == {Kind.SECURITY, Kind.COMMUNITY}
    assert {kind for kind in Kind if DEFAULT_VISIBILITY[kind] is Visibility.PARTICIPANTS} == PRIVATE_KINDS


@given(st.sampled_from(Visibility), st.sampled_from(Kind))
def test_a_change_of_kind_never_widens_what_is_seen(visibility, kind):
    assert visibility_after(visibility, kind).width <= visibility.width
    if kind.private:
        assert visibility_after(visibility, kind) is Visibility.PARTICIPANTS


def test_specialists():
    assert SPECIALISTS == {
        Kind.OUTAGE: None,
        Kind.SECURITY: Standing.SECURITY,
        Kind.COMMS: Standing.COMMS,
        Kind.COMMUNITY: Standing.MODERATOR,
        Kind.GENERAL: None,
    }


def test_every_action_has_a_row():
    assert set(PERMITTED) == set(Action)


STRANGER: set[Standing] = set()


@pytest.mark.parametrize(
    ("action", "standings", "expected"),
    [
        (Action.REPORT, STRANGER, True),
        (Action.LIST, STRANGER, True),
        (Action.TAG_OUT, STRANGER, True),
        (Action.SEE_ROTATION, STRANGER, True),
        (Action.DECLARE, STRANGER, False),
        (Action.DECLARE, {Standing.RESPONDER}, True),
        (Action.JOIN, {Standing.RESPONDER}, True),
        (Action.JOIN, {Standing.REPORTER}, False),
        (Action.SEE, STRANGER, False),
        (Action.SEE, {Standing.REPORTER}, False),
        (Action.RESOLVE, {Standing.PARTICIPANT}, True),
        (Action.RESOLVE, STRANGER, False),
        (Action.HAND_OVER_LEAD, {Standing.LEAD}, True),
        (Action.HAND_OVER_LEAD, {Standing.RESPONDER}, False),
        (Action.SETUP, {Standing.MANAGER}, True),
        (Action.SETUP, {Standing.CORE, Standing.LEAD}, False),
        (Action.EDIT_ROTATION, {Standing.RESPONDER}, False),
        (Action.PUBLISH_UPDATE, {Standing.MANAGER}, False),
    ],
)
def test_who_may_do_what(action, standings, expected):
    assert permitted(action, standings) is expected


def test_where_nothing_is_set_up_anyone_may_declare_and_no_more():
    assert permitted(Action.DECLARE, STRANGER, unset_server=True)
    assert not permitted(Action.SETUP, STRANGER, unset_server=True)
    assert not permitted(Action.SEE, STRANGER, unset_server=True)


@pytest.mark.parametrize("kind", sorted(PRIVATE_KINDS))
def test_no_role_opens_a_private_incident(kind):
    roles = set(Standing) - INSIDE
    reserved = {action for action in PERMITTED if PERMITTED[action] & INSIDE} | {Action.JOIN, Action.ADD_ROLE}
    assert not [action for action in reserved if permitted(action, roles, kind=kind)]
    assert permitted(Action.SEE, {Standing.PARTICIPANT}, kind=kind)
    assert not permitted(Action.JOIN, set(Standing), kind=kind)
    assert permitted(Action.DECLARE, {Standing.RESPONDER}, kind=kind)


def test_private_rows_are_never_wider():
    for action, standings in PERMITTED_PRIVATE.items():
        assert standings <= PERMITTED[action] | INSIDE


@pytest.mark.parametrize(
    ("visibility", "standing", "expected"),
    [
        (Visibility.PARTICIPANTS, Standing.RESPONDER, False),
        (Visibility.PARTICIPANTS, Standing.MANAGER, False),
        (Visibility.PARTICIPANTS, Standing.PARTICIPANT, True),
        (Visibility.PARTICIPANTS, Standing.LEAD, True),
        (Visibility.RESPONDERS, Standing.RESPONDER, True),
        (Visibility.RESPONDERS, Standing.REPORTER, False),
        (Visibility.RESPONDERS, Standing.ANYONE, False),
        (Visibility.PUBLIC, Standing.ANYONE, True),
    ],
)
def test_who_may_see_what(visibility, standing, expected):
    assert may_see(visibility, {standing}) is expected


@given(st.sets(st.sampled_from(Standing)))
def test_what_is_wider_is_seen_by_at_least_as_many(standings):
    seen = [may_see(visibility, standings) for visibility in Visibility]
    assert seen == sorted(seen)


def test_every_kind_has_a_brief_and_checks_with_keys_of_their_own():
    for kind in Kind:
        for items in (brief(kind, Severity.SEV0), resolve_checks(kind)):
            keys = [item.key for item in items]
            assert len(keys) == len(set(keys))
            assert all(0 < len(item.words) <= 100 and item.section for item in items)
    assert set(BRIEFS) == set(RESOLVE_CHECKS) == set(Kind)
    assert [item.key for item in resolve_checks(Kind.OUTAGE)] == ["smoke_test", "metrics", "user_reports"]


def test_a_sev0_first_says_whom_to_call_outside():
    assert [item.key for item in brief(Kind.COMMUNITY, Severity.SEV0)[:2]] == ["call_emergency", "call_legal"]
    assert [item.key for item in outside_first(Kind.OUTAGE, Severity.SEV0, Danger.LEGAL)] == ["call_legal"]
    assert outside_first(Kind.COMMUNITY, Severity.SEV1, Danger.VIOLENCE) == ()
    assert outside_first(Kind.OUTAGE, Severity.SEV0) == (), "an outage hurts nobody by itself, and its page is short"


def test_the_worse_reading_holds_and_names_the_other():
    assert worst_reading(HARASSMENT).sentence() == (
        "SEV-0: Community Conflict › Assess Severity; SEV-1 › Examples would give SEV-1"
    )
    assert worst_reading(ESCALATING).reading.severity is Severity.SEV1
    assert worst_reading("a full moon") is None


def test_no_text_of_ours_shouts():
    words = [item.words for items in (*BRIEFS.values(), *RESOLVE_CHECKS.values()) for item in items]
    words += [severity.meaning_for(kind) for severity in Severity for kind in Kind]
    words += [duty.phrase for duty in Duty] + [status.meaning for status in Status]
    assert not [one for one in words if "!" in one]
