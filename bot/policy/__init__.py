"""The guide as data: its words, its clocks, whom it calls, who may do what, and what to ask; pure, no input or output.

A rule of the guide stands here and nowhere else, with the guide's section beside it. Other parts ask: `strictest` for
what is due and why, `paging.plan` for whom to call, `permitted` and `may_see` for rights, `briefs` for checklists.
"""

from bot.policy.clocks import RULES, Choice, Condition, Pace, Rule, Start, due_at, rederive, strictest
from bot.policy.permissions import PERMITTED, may_see, permitted
from bot.policy.policy import LUMINOUS, Policy
from bot.policy.promises import heads_up_at, judge_promise, overdue_step
from bot.policy.terms import BusinessDays, Months, NextRelease, Term, term_words
from bot.policy.words import (
    ALLOWED,
    DEFAULT_VISIBILITY,
    PRIVATE_KINDS,
    SPECIALISTS,
    Action,
    Duty,
    Kind,
    Severity,
    Standing,
    Status,
    Target,
    Visibility,
    visibility_after,
)

__all__ = [
    "ALLOWED",
    "DEFAULT_VISIBILITY",
    "LUMINOUS",
    "PERMITTED",
    "PRIVATE_KINDS",
    "RULES",
    "SPECIALISTS",
    "Action",
    "BusinessDays",
    "Choice",
    "Condition",
    "Duty",
    "Kind",
    "Months",
    "NextRelease",
    "Pace",
    "Policy",
    "Rule",
    "Severity",
    "Standing",
    "Start",
    "Status",
    "Target",
    "Term",
    "Visibility",
    "due_at",
    "heads_up_at",
    "judge_promise",
    "may_see",
    "overdue_step",
    "permitted",
    "rederive",
    "strictest",
    "term_words",
    "visibility_after",
]
