"""Every row of the guide's clocks against figures written by hand, both sides of each contradiction included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import LUMINOUS, RULES, BusinessDays, Condition, Duty, Kind, Months, NextRelease, Pace, Severity, Start
from bot.policy.clocks import With, due_at, rederive, strictest
from bot.policy.terms import about, after, term_words

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
S0, S1, S2, S3 = Severity.SEV0, Severity.SEV1, Severity.SEV2, Severity.SEV3
OTHERS = [kind for kind in Kind if kind is not Kind.OUTAGE]
MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def term(kind, severity, duty, pace=Pace.FIRST, given=()):
    choice = LUMINOUS.strictest(kind, severity, duty, pace=pace, given=given)
    return choice.term if choice else None


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("severity", "expected"),
    [(S0, timedelta(minutes=5)), (S1, timedelta(hours=1)), (S2, timedelta(hours=4)), (S3, BusinessDays(2))],
)
def test_somebody_acknowledges_in_time(kind, severity, expected):
    assert term(kind, severity, Duty.ACKNOWLEDGE) == expected


def test_a_sev3_is_mentioned_after_one_business_day_and_overdue_after_two():
    rule = LUMINOUS.strictest(Kind.GENERAL, S3, Duty.ACKNOWLEDGE).rule
    assert (rule.heads_up, rule.due, rule.ours) == (BusinessDays(1), BusinessDays(2), False)


FIRST = [
    *[(Kind.OUTAGE, S0, timedelta(minutes=15)), (Kind.OUTAGE, S1, timedelta(minutes=30))],
    *[(kind, S0, timedelta(hours=1)) for kind in OTHERS],
    *[(kind, S1, timedelta(hours=2)) for kind in OTHERS],
    *[(kind, S2, timedelta(hours=24)) for kind in Kind],
    *[(kind, S3, None) for kind in Kind],
]
NEXT = [
    *[(Kind.OUTAGE, S0, timedelta(minutes=30)), (Kind.OUTAGE, S1, timedelta(minutes=30))],
    *[(kind, S0, timedelta(hours=1)) for kind in OTHERS],
    *[(kind, S1, timedelta(hours=24)) for kind in OTHERS],
    *[(kind, severity, None) for kind in Kind for severity in (S2, S3)],
]


@pytest.mark.parametrize(("kind", "severity", "expected"), FIRST)
def test_the_first_public_update(kind, severity, expected):
    assert term(kind, severity, Duty.PUBLIC_UPDATE) == expected


@pytest.mark.parametrize(("kind", "severity", "expected"), NEXT)
def test_the_next_public_updates(kind, severity, expected):
    assert term(kind, severity, Duty.PUBLIC_UPDATE, Pace.NEXT) == expected


SENTENCES = [
    (
        Kind.OUTAGE,
        S0,
        Pace.FIRST,
        "15 min: outage SEV-0, first update; outage SEV-0 would give 30 min, the severity alone would give 1 h",
    ),
    (Kind.OUTAGE, S0, Pace.NEXT, "30 min: outage SEV-0; the severity alone would give 1 h"),
    (Kind.OUTAGE, S1, Pace.FIRST, "30 min: outage SEV-1; the severity alone would give 2 h"),
    (Kind.OUTAGE, S1, Pace.NEXT, "30 min: outage SEV-1; the severity alone would give 24 h"),
    (Kind.COMMS, S1, Pace.FIRST, "2 h: SEV-1"),
    (Kind.GENERAL, S2, Pace.FIRST, "24 h: SEV-2"),
]


@pytest.mark.parametrize(("kind", "severity", "pace", "sentence"), SENTENCES)
def test_the_rule_says_which_it_is_and_which_it_beat(kind, severity, pace, sentence):
    assert LUMINOUS.strictest(kind, severity, Duty.PUBLIC_UPDATE, pace=pace).sentence() == sentence


def test_both_sides_of_a_contradiction_stay_with_their_sections():
    choice = LUMINOUS.strictest(Kind.OUTAGE, S1, Duty.PUBLIC_UPDATE, pace=Pace.NEXT)
    assert choice.rule.section == "Technical Outage › Public Communication"
    assert [rule.section for rule, _ in choice.beaten] == ["SEV-1 › Communication"]


@pytest.mark.parametrize(
    ("kind", "severity", "duty", "expected"),
    [
        *[(kind, S2, Duty.RESOLUTION_DATE, timedelta(hours=24)) for kind in Kind],
        (Kind.OUTAGE, S1, Duty.RESOLUTION_DATE, None),
        *[(kind, S3, Duty.RELEASE_NOTE, NextRelease()) for kind in Kind],
        *[(kind, S0, Duty.STATUS_PAGE, timedelta(0)) for kind in Kind],
        (Kind.OUTAGE, S1, Duty.STATUS_PAGE, None),
        (Kind.OUTAGE, S0, Duty.AFFECTED_TOLD, timedelta(minutes=15)),
        (Kind.OUTAGE, S1, Duty.AFFECTED_TOLD, timedelta(minutes=30)),
        (Kind.SECURITY, S0, Duty.AFFECTED_TOLD, timedelta(hours=1)),
        (Kind.SECURITY, S1, Duty.AFFECTED_TOLD, timedelta(hours=2)),
        (Kind.OUTAGE, S2, Duty.AFFECTED_TOLD, None),
        *[(Kind.SECURITY, severity, Duty.RECEIPT, timedelta(hours=24)) for severity in Severity],
        *[(Kind.SECURITY, severity, Duty.ASSESS, timedelta(hours=48)) for severity in Severity],
        *[(kind, S0, Duty.RECEIPT, None) for kind in Kind if kind is not Kind.SECURITY],
        (Kind.SECURITY, S0, Duty.FIX, timedelta(0)),
        (Kind.SECURITY, S1, Duty.FIX, timedelta(days=7)),
        (Kind.SECURITY, S2, Duty.FIX, timedelta(days=30)),
        (Kind.SECURITY, S3, Duty.FIX, NextRelease()),
        (Kind.OUTAGE, S0, Duty.FIX, None),
        (Kind.OUTAGE, S1, Duty.SUGGEST_RAISE, None),
        (Kind.OUTAGE, S2, Duty.SUGGEST_RAISE, timedelta(hours=2)),
        (Kind.OUTAGE, S3, Duty.SUGGEST_RAISE, timedelta(hours=2)),
        (Kind.COMMS, S2, Duty.SUGGEST_RAISE, None),
        *[(Kind.COMMS, severity, Duty.CRITICISM_VALID, timedelta(hours=1)) for severity in Severity],
        *[(Kind.COMMS, severity, Duty.CRITICISM_ANSWER, timedelta(hours=6)) for severity in Severity],
        (Kind.OUTAGE, S0, Duty.CRITICISM_VALID, None),
        (Kind.COMMUNITY, S1, Duty.COOLING_OFF, timedelta(hours=24)),
        (Kind.COMMUNITY, S1, Duty.CHECK_IN, timedelta(days=7)),
        (Kind.COMMUNITY, S0, Duty.TEMPORARY_BAN, timedelta(days=7)),
        (Kind.OUTAGE, S0, Duty.COOLING_OFF, None),
        *[(Kind.OUTAGE, severity, Duty.REVIEW_SCHEDULED, timedelta(hours=48)) for severity in (S0, S1, S2)],
        *[(Kind.SECURITY, severity, Duty.REVIEW_HELD, timedelta(days=7)) for severity in (S0, S1, S2)],
        *[(Kind.COMMS, severity, Duty.REVIEW_PUBLISHED, timedelta(days=14)) for severity in (S0, S1, S2)],
        *[(Kind.OUTAGE, S3, duty, None) for duty in (Duty.REVIEW_SCHEDULED, Duty.REVIEW_HELD, Duty.REVIEW_PUBLISHED)],
        *[(kind, S1, Duty.BREAK, timedelta(hours=2)) for kind in Kind],
        *[(kind, S1, Duty.HANDOFF, timedelta(hours=4)) for kind in Kind],
        (Kind.GENERAL, S3, Duty.CONTACTS_REVIEWED, Months(3)),
        (Kind.GENERAL, S3, Duty.SIMULATION_HELD, Months(3)),
    ],
)
def test_the_other_clocks(kind, severity, duty, expected):
    assert term(kind, severity, duty) == expected


@pytest.mark.parametrize("kind", [Kind.SECURITY, Kind.COMMUNITY])
def test_the_lead_of_a_private_sev0_is_asked_within_the_hour(kind):
    assert term(kind, S0, Duty.RELEASE_OR_HOLD) is None
    assert term(kind, S0, Duty.RELEASE_OR_HOLD, given=[Condition.PRIVATE]) == timedelta(hours=1)
    assert term(kind, S1, Duty.RELEASE_OR_HOLD, given=[Condition.PRIVATE]) is None
    assert term(Kind.OUTAGE, S0, Duty.RELEASE_OR_HOLD, given=[Condition.PRIVATE]) is None


def test_a_review_of_a_sev3_is_owed_on_request():
    assert term(Kind.OUTAGE, S3, Duty.REVIEW_HELD, given=[Condition.ON_REQUEST]) == timedelta(days=7)


def test_learnings_promised_in_the_final_post_beat_the_published_review():
    choice = LUMINOUS.strictest(Kind.OUTAGE, S1, Duty.LEARNINGS, given=[Condition.PROMISED])
    assert choice.sentence() == "48 h: promised in the final post; the published review would give 14 d"
    assert term(Kind.OUTAGE, S1, Duty.LEARNINGS) == timedelta(days=14)


def test_a_temporary_ban_is_a_range():
    rule = LUMINOUS.strictest(Kind.COMMUNITY, S0, Duty.TEMPORARY_BAN).rule
    assert (rule.due, rule.latest) == (timedelta(days=7), timedelta(days=30))


STARTS = {
    Duty.ACKNOWLEDGE: Start.DECLARED,
    Duty.PUBLIC_UPDATE: Start.DECLARED,
    Duty.STATUS_PAGE: Start.CHANGED,
    Duty.RECEIPT: Start.REPORT_RECEIVED,
    Duty.ASSESS: Start.REPORT_RECEIVED,
    Duty.COOLING_OFF: Start.COOLED_OFF,
    Duty.CHECK_IN: Start.PATH_AGREED,
    Duty.REVIEW_SCHEDULED: Start.RESOLVED,
    Duty.REVIEW_HELD: Start.RESOLVED,
    Duty.REVIEW_PUBLISHED: Start.RESOLVED,
    Duty.LEARNINGS: Start.RESOLVED,
    Duty.BREAK: Start.WORKING,
    Duty.HANDOFF: Start.WORKING,
}


@pytest.mark.parametrize(("duty", "start"), STARTS.items())
def test_every_clock_says_what_it_runs_from(duty, start):
    assert {rule.runs_from for rule in RULES if rule.duty is duty} == {start}


def test_what_is_ours_says_so():
    ours = {(rule.duty, rule.severity) for rule in RULES if rule.ours}
    assert ours == {
        (Duty.ACKNOWLEDGE, S0),
        (Duty.PUBLIC_UPDATE, S0),
        (Duty.RELEASE_OR_HOLD, S0),
        (Duty.CRITICISM_ANSWER, None),
        (Duty.REVIEW_SCHEDULED, S3),
        (Duty.REVIEW_HELD, S3),
        (Duty.REVIEW_PUBLISHED, S3),
        (Duty.BREAK, None),
        (Duty.HANDOFF, None),
    }


def test_every_duty_has_a_rule_and_every_rule_a_section():
    assert {rule.duty for rule in RULES} == set(Duty)
    assert all(rule.section for rule in RULES)


@given(
    st.sampled_from(Kind),
    st.sampled_from(Severity),
    st.sampled_from(Duty),
    st.sampled_from(Pace),
    st.sets(st.sampled_from(Condition)),
    st.permutations(RULES),
)
def test_the_strictest_is_the_earliest_whatever_the_order(kind, severity, duty, pace, given, rules):
    choice = strictest(rules, kind, severity, duty, pace=pace, given=given)
    terms = [
        rule.due if pace is Pace.FIRST else rule.every for rule in rules if rule.matches(kind, severity, duty, given)
    ]
    plain = [one for one in terms if one is not None and not isinstance(one, With)]
    if choice is None:
        assert not plain
        return
    assert all(about(choice.term) <= about(one) for one in plain)
    assert all(about(choice.term) < about(one) for _, one in choice.beaten)
    assert choice == strictest(RULES, kind, severity, duty, pace=pace, given=given)


# Calendars.


def test_business_days_leave_out_the_weekend_and_keep_the_time_of_day_over_daylight_saving():
    friday = datetime(2026, 3, 27, 15, 30, tzinfo=BERLIN)  # clocks go forward on the Sunday after
    assert after(BusinessDays(1), friday, BERLIN) == datetime(2026, 3, 30, 15, 30, tzinfo=BERLIN)
    assert after(BusinessDays(2), friday, BERLIN) == datetime(2026, 3, 31, 15, 30, tzinfo=BERLIN)
    assert after(BusinessDays(1), friday, BERLIN) - friday == 3 * DAY - HOUR


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (datetime(2026, 1, 14, 9, tzinfo=UTC), 1, datetime(2026, 1, 15, 9, tzinfo=UTC)),
        (datetime(2026, 1, 15, 9, tzinfo=UTC), 2, datetime(2026, 1, 19, 9, tzinfo=UTC)),
        (datetime(2026, 1, 17, 9, tzinfo=UTC), 1, datetime(2026, 1, 19, 9, tzinfo=UTC)),
        (datetime(2026, 1, 18, 9, tzinfo=UTC), 2, datetime(2026, 1, 20, 9, tzinfo=UTC)),
    ],
)
def test_business_days(start, days, expected):
    assert after(BusinessDays(days), start, ZoneInfo("UTC")) == expected


def test_the_weekend_is_that_of_the_server():
    # Friday evening in New York is Saturday in UTC.
    start = datetime(2026, 1, 17, 2, 0, tzinfo=UTC)
    assert after(BusinessDays(1), start, NEW_YORK) == datetime(2026, 1, 20, 2, 0, tzinfo=UTC)


def test_hours_are_elapsed_time_over_daylight_saving():
    start = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    assert after(timedelta(hours=24), start, BERLIN) == datetime(2026, 3, 29, 13, 0, tzinfo=BERLIN)


def test_months_keep_to_the_calendar():
    start = datetime(2025, 11, 30, 8, 0, tzinfo=BERLIN)
    assert after(Months(3), start, BERLIN) == datetime(2026, 2, 28, 8, 0, tzinfo=BERLIN)


def test_a_duty_with_the_next_release_has_no_instant():
    choice = LUMINOUS.strictest(Kind.SECURITY, S3, Duty.FIX)
    assert due_at(choice, datetime(2026, 1, 1, tzinfo=UTC), BERLIN) is None
    assert choice.sentence() == "with the next release: security SEV-3"


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        after(HOUR, datetime(2026, 1, 1), BERLIN)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (timedelta(0), "at once"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=24), "24 h"),
        (timedelta(hours=48), "48 h"),
        (timedelta(days=7), "7 d"),
        (timedelta(days=30), "30 d"),
        (BusinessDays(1), "1 business day"),
        (BusinessDays(2), "2 business days"),
        (Months(3), "3 months"),
    ],
)
def test_terms_in_words(term, words):
    assert term_words(term) == words


# A change of severity or kind.

DECLARED = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)


def first(kind, severity):
    return LUMINOUS.strictest(kind, severity, Duty.PUBLIC_UPDATE)


def test_what_became_stricter_runs_from_the_change_and_not_from_the_past():
    changed = DECLARED + 5 * HOUR
    due = rederive(first(Kind.OUTAGE, S0), before=DECLARED + 24 * HOUR, start=DECLARED, changed_at=changed, zone=BERLIN)
    assert due == changed + 15 * MIN


def test_a_raise_never_moves_a_due_time_later():
    before = DECLARED + 30 * MIN
    due = rederive(first(Kind.OUTAGE, S0), before=before, start=DECLARED, changed_at=DECLARED + 25 * MIN, zone=BERLIN)
    assert due == before


def test_what_became_milder_runs_from_its_own_start():
    due = rederive(
        first(Kind.OUTAGE, S2), before=DECLARED + 30 * MIN, start=DECLARED, changed_at=DECLARED + 20 * MIN, zone=BERLIN
    )
    assert due == DECLARED + 24 * HOUR


def test_what_is_owed_no_more_has_no_due_time_and_what_is_newly_owed_runs_from_the_change():
    changed = DECLARED + 2 * HOUR
    assert rederive(None, before=changed, start=DECLARED, changed_at=changed, zone=BERLIN) is None
    due = rederive(first(Kind.GENERAL, S1), before=None, start=DECLARED, changed_at=changed, zone=BERLIN)
    assert due == changed + 2 * HOUR
