"""What to ask and to gather for each kind, what to check before resolving, and whom to call outside Discord first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bot.policy.words import Duty, Kind, Severity


@dataclass(frozen=True)
class BriefItem:
    """A line to tick: `key` stays the same for ever and is unique in its list, `words` at most 100 characters.

    `meets`: the duty that is done when this is ticked.
    """

    key: str
    words: str
    section: str
    meets: Duty | None = None


_IMPACT = "Technical Outage › Assess Impact"
_GATHER = "Technical Outage › Gather Information"
_ASSESS = "Security › Assess Severity"
_DISCLOSE = "Security › Coordinate Disclosure"
_VALID = "Communication Crisis › Assess Validity"
_RESPONSE = "Communication Crisis › Coordinate Response"
_CONFLICT = "Community Conflict › Assess Severity"
_STEP_IN = "Community Conflict › Initial Intervention"
_CORE = "Core Principles"
_CONFIRM = "Technical Outage › Confirm Service Restored"

BRIEFS: Mapping[Kind, tuple[BriefItem, ...]] = MappingProxyType(
    {
        Kind.OUTAGE: (
            BriefItem("down", "Find out what is down: service, API, website, documentation", _IMPACT),
            BriefItem("who", "Find out who is affected, and roughly how many", _IMPACT),
            BriefItem("data", "Find out whether data is at risk", _IMPACT),
            BriefItem("cause", "Write down the suspected cause, if there is one", _IMPACT),
            BriefItem("errors", "Gather error messages and stack traces", _GATHER),
            BriefItem("changes", "Look at what was deployed or changed lately", _GATHER),
            BriefItem("metrics", "Look at monitoring: processor, memory, disk, network", _GATHER),
            BriefItem("logs", "Gather logs of the affected services", _GATHER),
            BriefItem("reports", "Gather what users report", _GATHER),
        ),
        Kind.SECURITY: (
            BriefItem("remote", "Find out whether it can be used from afar", _ASSESS),
            BriefItem("risk", "Find out which data and systems are at risk", _ASSESS),
            BriefItem("affected", "Find out whether users are affected already", _ASSESS),
            BriefItem("exploited", "Find out whether somebody is using it right now", _ASSESS),
            BriefItem("quiet", "Keep it in this room; no public issue, no public word until disclosure", _DISCLOSE),
            BriefItem("receipt", "Send the reporter a receipt", "Security › Acknowledge Receipt", Duty.RECEIPT),
            BriefItem("date", "Agree on a date of disclosure with the reporter", _DISCLOSE),
        ),
        Kind.COMMS: (
            BriefItem("valid", "Decide: is the criticism accurate, inaccurate or mixed?", _VALID, Duty.CRITICISM_VALID),
            BriefItem("voice", "Name the one person who answers", _RESPONSE),
            BriefItem("place", "Answer where the criticism was made, if that is possible", _RESPONSE),
            BriefItem("time", "Answer within hours, without rushing", _RESPONSE),
            BriefItem("tone", "Keep it humble and factual, and say what will be done", _RESPONSE),
            BriefItem(
                "keep", "Delete nothing, block nobody for criticism, stay in touch", "Communication Crisis › Avoid"
            ),
        ),
        Kind.COMMUNITY: (
            BriefItem("safe", "Make sure that nobody is in danger", _CONFLICT),
            BriefItem("conduct", "Is it conduct that harms, a quarrel turned personal, or a concern?", _CONFLICT),
            BriefItem("step_in", "Step in calmly, as a moderator, and say so", _STEP_IN),
            BriefItem("cool_off", "Ask for a cooling-off of 24 hours if it is heated", _STEP_IN),
            BriefItem(
                "private", "Talk to each person in private, not in the room", "Community Conflict › Private Follow-Up"
            ),
            BriefItem("support", "Ask those who were hurt what they need", "Community Conflict › Enforcement Actions"),
            BriefItem("record", "Write down what was decided and why", "Community Conflict › Enforcement Actions"),
        ),
        Kind.GENERAL: (
            BriefItem("what", "Write down what happened, as far as it is known", f"{_CORE} › Transparency"),
            BriefItem("unknown", "Write down what is not known yet", f"{_CORE} › Transparency"),
            BriefItem("who", "Find out who is affected and what they need", f"{_CORE} › Care for All Affected"),
            BriefItem("size", "Does the severity still fit? Raise or lower it", f"{_CORE} › Proportional Response"),
        ),
    }
)

_GENERAL_CHECKS = (
    BriefItem("done", "What was wrong is put right", _CORE),
    BriefItem("told", "Those affected know how it ended", f"{_CORE} › Care for All Affected"),
    BriefItem("follow_up", "What is left to do has an owner", f"{_CORE} › Learning Over Blame"),
)

RESOLVE_CHECKS: Mapping[Kind, tuple[BriefItem, ...]] = MappingProxyType(
    {
        Kind.OUTAGE: (
            BriefItem("smoke_test", "A smoke test passes", _CONFIRM),
            BriefItem("metrics", "The key metrics are back to normal", _CONFIRM),
            BriefItem("user_reports", "Users report that it works again", _CONFIRM),
        ),
        Kind.SECURITY: (
            BriefItem("fixed", "The fix is released", "Security › Public Disclosure"),
            BriefItem("verified", "The weakness no longer works", "Security › Develop Fix"),
            BriefItem("reporter", "The reporter knows, and is credited if they wish", "Security › Public Disclosure"),
        ),
        Kind.COMMS: (
            BriefItem("answered", "The answer is out, in the right place", _RESPONSE),
            BriefItem("followed", "Questions that came back are answered", _RESPONSE),
            BriefItem(
                "promised", "What was promised has an owner and a date", "Communication Crisis › Response Template"
            ),
        ),
        Kind.COMMUNITY: (
            BriefItem("safe", "Those affected are safe and have support", "Community Conflict › Enforcement Actions"),
            BriefItem("path", "The agreed path is written down", "Community Conflict › Facilitated Resolution"),
            BriefItem("check_in", "A check-in is planned", "Community Conflict › Facilitated Resolution"),
        ),
        Kind.GENERAL: _GENERAL_CHECKS,
    }
)


class Danger(StrEnum):
    """What a SEV-0 may be about that Discord is the wrong place for."""

    VIOLENCE = "violence"
    LEGAL = "legal"


_OUTSIDE: Mapping[Danger, BriefItem] = MappingProxyType(
    {
        Danger.VIOLENCE: BriefItem(
            "call_emergency",
            "If someone may be hurt: call the emergency services first (112, 911, 999)",
            "SEV-0 › Examples",
        ),
        Danger.LEGAL: BriefItem(
            "call_legal",
            "If it is a legal matter: call your legal contact first, and delete nothing",
            "SEV-0 › Examples",
        ),
    }
)


# What a kind may be about while nobody has said it; an outage is neither, and its page stays short.
_POSSIBLE: Mapping[Kind, tuple[Danger, ...]] = MappingProxyType(
    {
        Kind.OUTAGE: (),
        Kind.SECURITY: (Danger.LEGAL,),
        Kind.COMMS: (Danger.LEGAL,),
        Kind.COMMUNITY: (Danger.VIOLENCE, Danger.LEGAL),
        Kind.GENERAL: (Danger.VIOLENCE, Danger.LEGAL),
    }
)


def outside_first(kind: Kind, severity: Severity, danger: Danger | None = None) -> tuple[BriefItem, ...]:
    """Whom to call outside Discord before anything else; only a SEV-0 has such lines.

    With `danger` known its line alone; unknown, those that the kind may be about, worded with their condition.
    """
    if severity is not Severity.SEV0:
        return ()
    return tuple(_OUTSIDE[one] for one in ((danger,) if danger is not None else _POSSIBLE[kind]))


_TELL_AFFECTED: Mapping[Severity, BriefItem] = MappingProxyType(
    {
        Severity.SEV0: BriefItem(
            "tell_affected",
            "Tell everyone who is affected directly, with the first update",
            "SEV-0 › Communication",
            Duty.AFFECTED_TOLD,
        ),
        Severity.SEV1: BriefItem(
            "tell_affected",
            "Let those who are affected know, with the first update",
            "SEV-1 › Communication",
            Duty.AFFECTED_TOLD,
        ),
    }
)


def brief(kind: Kind, severity: Severity, danger: Danger | None = None) -> tuple[BriefItem, ...]:
    """The checklist of an incident: whom to call outside first, then what its kind and its severity ask.

    While a kind is private, the affected are told one by one and never with a public update (design §4, note 1).
    """
    told = () if kind.private or severity not in _TELL_AFFECTED else (_TELL_AFFECTED[severity],)
    return outside_first(kind, severity, danger) + BRIEFS[kind] + told


def resolve_checks(kind: Kind) -> tuple[BriefItem, ...]:
    """The three checks before an incident of `kind` is resolved."""
    return RESOLVE_CHECKS[kind]
