"""How much one person may ask for in a while, as data: what fills a server with rooms, or other people's nights.

A limit stands far above what anybody needs in an incident, and who is on call has the widest. What an incident that is
open needs (acknowledge, join, update, resolve, tag out) has none. Each is counted from rows that exist, so that neither
a restart nor another process forgets it. What one person did never limits another, but for reports about a system:
there the first of a person always goes through.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.policy.permissions import STAFF
from bot.policy.words import Standing

MOMENT, DAY = timedelta(minutes=10), timedelta(days=1)


class Act(StrEnum):
    """What is limited."""

    DECLARE = "declare"
    DECLARE_SEV0 = "declare_sev0"  # besides what DECLARE gives: an emergency does not wait for a number
    PRACTISE = "practise"
    REPORT = "report"
    PAGE = "page"  # by hand, in one incident
    PAGE_AGAIN = "page_again"  # the same person, in one incident
    LOG = "log"  # lines of one person in one incident


@dataclass(frozen=True)
class Rate:
    """At most `times` within any span of `within`."""

    times: int
    within: timedelta


ANYBODY: Mapping[Act, tuple[Rate, ...]] = MappingProxyType(
    {
        Act.DECLARE: (Rate(3, MOMENT), Rate(12, DAY)),  # anybody may declare where nothing is set up yet
        Act.DECLARE_SEV0: (Rate(2, MOMENT), Rate(6, DAY)),
        Act.PRACTISE: (Rate(3, MOMENT), Rate(12, DAY)),
        Act.REPORT: (Rate(5, MOMENT), Rate(20, DAY)),
        Act.PAGE: (Rate(20, MOMENT),),
        Act.PAGE_AGAIN: (Rate(3, MOMENT),),
        Act.LOG: (Rate(600, MOMENT),),
    }
)
RESPONDERS: Mapping[Act, tuple[Rate, ...]] = MappingProxyType(
    {Act.DECLARE: (Rate(10, MOMENT), Rate(60, DAY)), Act.DECLARE_SEV0: (Rate(5, MOMENT), Rate(20, DAY))}
)
WHO_IS_ON_CALL: Mapping[Act, tuple[Rate, ...]] = MappingProxyType({Act.DECLARE: (Rate(60, MOMENT),), Act.LOG: ()})

REPORTS_TOGETHER = Rate(40, MOMENT)
"""Reports about a system in one server; beyond it only the first of each person is taken. Private ones are not counted
together: a number would tell that there are any."""
DRAFTS_KEPT = 50
"""Drafts of one person in one server; the oldest goes."""


def rates(act: Act, standings: Collection[Standing]) -> tuple[Rate, ...]:
    """What holds for somebody with these `standings`: the widest row that is theirs."""
    held = frozenset(standings)
    if Standing.ON_CALL in held and act in WHO_IS_ON_CALL:
        return WHO_IS_ON_CALL[act]
    if held & STAFF and act in RESPONDERS:
        return RESPONDERS[act]
    return ANYBODY[act]
