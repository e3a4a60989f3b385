"""Whom a page goes to, how often it repeats and where it ends, by severity, as data.

A step's time runs from the delivery of the page before it. Acknowledging ends the plan; how soon somebody should
acknowledge is a clock and stands with the clocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.kernel.text import sentence_list
from bot.policy.terms import term_words
from bot.policy.words import SPECIALISTS, Kind, Severity, Target

__all__ = ["PLANS", "AfterSteps", "PagePlan", "PageStep", "Target", "plan"]

ON_CALL = frozenset({Target.PRIMARY, Target.SECONDARY})
HOUR = timedelta(hours=1)
TARGET_WORDS: Mapping[Target, str] = MappingProxyType(
    {
        Target.LEAD: "the lead",
        Target.PRIMARY: "the primary",
        Target.SECONDARY: "the secondary",
        Target.CORE: "the core team",
        Target.SPECIALISTS: "the specialists",
        Target.OWNER: "the owner",
        Target.NAMED_OWNER: "the owner",
        Target.OPERATIONS: "operations",
    }
)


class AfterSteps(StrEnum):
    """What comes when every step passed and nobody acknowledged."""

    HOURLY = "hourly"  # all again each hour, with whom to call outside, until acknowledged or cancelled
    OPERATIONS_NOTICE = "operations_notice"  # one notice to operations, then silence
    NOTHING = "nothing"


@dataclass(frozen=True)
class PageStep:
    """`after` the delivery of the step before, page `targets`; `again`: they were paged before.

    `whom_to_call`: the page also says whom to reach outside Discord. `last`: nothing follows.
    """

    after: timedelta
    targets: frozenset[Target]
    again: bool = False
    whom_to_call: bool = False
    last: bool = False

    def sentence(self) -> str:
        """What it does, in words: "15 min after the page; it goes to the primary again"."""
        whom = sentence_list([TARGET_WORDS[one] for one in Target if one in self.targets])
        return f"{term_words(self.after)} after the page before; it goes to {whom}{' again' if self.again else ''}"


@dataclass(frozen=True)
class PagePlan:
    """Whom to page at once, the steps after it, and how it ends.

    `otherwise`: whom to page at once where nobody is found for `first`. `silent`: no push, the owner finds it.
    """

    first: frozenset[Target]
    steps: tuple[PageStep, ...]
    then: AfterSteps
    section: str
    otherwise: frozenset[Target] = ON_CALL
    silent: bool = False
    ours: bool = True

    def step(self, number: int) -> PageStep | None:
        """Step `number`, counted from 1 (0 is the first page itself); None after the end.

        With `HOURLY` there is no end. With `OPERATIONS_NOTICE` the step after the last is the notice.
        """
        if number < 1:
            return None
        if number <= len(self.steps):
            return self.steps[number - 1]
        if self.then is AfterSteps.HOURLY:
            return PageStep(HOUR, self.first | {Target.OPERATIONS}, again=True, whom_to_call=True)
        if self.then is AfterSteps.OPERATIONS_NOTICE and number == len(self.steps) + 1:
            return PageStep(self.steps[-1].after, frozenset({Target.OPERATIONS}), last=True)
        return None


def _onwards(every: timedelta) -> tuple[PageStep, ...]:
    return (
        PageStep(every, frozenset({Target.PRIMARY}), again=True),
        PageStep(every, frozenset({Target.SECONDARY})),
        PageStep(every, frozenset({Target.CORE})),
    )


_EVERYONE = ON_CALL | {Target.CORE}

PLANS: Mapping[Severity, PagePlan] = MappingProxyType(
    {
        Severity.SEV0: PagePlan(
            first=_EVERYONE,
            steps=(PageStep(timedelta(minutes=5), _EVERYONE, again=True),) * 3,
            then=AfterSteps.HOURLY,
            section="SEV-0 › Response Team",
        ),
        Severity.SEV1: PagePlan(
            first=frozenset({Target.PRIMARY, Target.SPECIALISTS}),
            steps=_onwards(timedelta(minutes=15)),
            then=AfterSteps.OPERATIONS_NOTICE,
            section="SEV-1 › Response Team",
        ),
        Severity.SEV2: PagePlan(
            first=frozenset({Target.OWNER}),
            steps=_onwards(timedelta(minutes=60)),
            then=AfterSteps.OPERATIONS_NOTICE,
            section="SEV-2 › Response Team",
            otherwise=frozenset({Target.PRIMARY}),
        ),
        Severity.SEV3: PagePlan(
            first=frozenset({Target.NAMED_OWNER}),
            steps=(),
            then=AfterSteps.NOTHING,
            section="SEV-3 › Response Team",
            otherwise=frozenset({Target.PRIMARY}),
            silent=True,
        ),
    }
)


def plan(kind: Kind, severity: Severity) -> PagePlan:
    """Whom to page for an incident of `kind` and `severity`; specialists only where the kind has some of its own."""
    chosen = PLANS[severity]
    if SPECIALISTS[kind] is None:
        return replace(chosen, first=chosen.first - {Target.SPECIALISTS})
    return chosen
