"""The words of the guide and of Vigil's design, as enums: one word each, the same in commands, rows and tests."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What an incident is about."""

    OUTAGE = "outage"
    SECURITY = "security"
    COMMS = "comms"
    COMMUNITY = "community"
    GENERAL = "general"

    @property
    def private(self) -> bool:
        """True where an incident of this kind is private from its first instant (design, rule 4)."""
        return self in PRIVATE_KINDS

    @property
    def meaning(self) -> str:
        """A short phrase for pickers and cards, at most 100 characters."""
        return _KIND_MEANING[self]


PRIVATE_KINDS: frozenset[Kind] = frozenset({Kind.SECURITY, Kind.COMMUNITY})

_KIND_MEANING: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.OUTAGE: "something technical is down, slow or losing data",
        Kind.SECURITY: "a weakness or an attack; private from the start",
        Kind.COMMS: "public criticism, press or a statement that went wrong",
        Kind.COMMUNITY: "a conflict or conduct among people; private from the start",
        Kind.GENERAL: "anything else that needs coordination",
    }
)


class Severity(StrEnum):
    """How bad it is; SEV-0 is the worst, so compare with `at_least`, never with `<`."""

    SEV0 = "SEV-0"
    SEV1 = "SEV-1"
    SEV2 = "SEV-2"
    SEV3 = "SEV-3"

    @property
    def rank(self) -> int:
        """0 for the worst, 3 for the mildest."""
        return int(self.value[-1])

    def at_least(self, other: "Severity") -> bool:
        """True where this is as bad as `other`, or worse."""
        return self.rank <= other.rank

    @property
    def worse(self) -> "Severity | None":
        """The next worse severity; None for SEV-0."""
        return _BY_RANK.get(self.rank - 1)

    @property
    def milder(self) -> "Severity | None":
        """The next milder severity; None for SEV-3."""
        return _BY_RANK.get(self.rank + 1)

    @property
    def word(self) -> str:
        """The guide's one-word name: critical, high, medium, low."""
        return _SEVERITY_WORD[self]

    @property
    def meaning(self) -> str:
        """A short phrase for pickers and cards, at most 100 characters."""
        return _SEVERITY_MEANING[self]

    def meaning_for(self, kind: Kind) -> str:
        """The meaning of this severity for an incident of `kind`; community conflicts have words of their own."""
        return _COMMUNITY_MEANING[self] if kind is Kind.COMMUNITY else _SEVERITY_MEANING[self]


_BY_RANK: Mapping[int, Severity] = MappingProxyType({severity.rank: severity for severity in Severity})

_SEVERITY_WORD: Mapping[Severity, str] = MappingProxyType(
    {Severity.SEV0: "critical", Severity.SEV1: "high", Severity.SEV2: "medium", Severity.SEV3: "low"}
)
_SEVERITY_MEANING: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.SEV0: "critical: everyone helps now; data exposed, all down, someone in danger",
        Severity.SEV1: "high: urgent; a main part is down or many people are affected",
        Severity.SEV2: "medium: important; partly degraded or limited in scope",
        Severity.SEV3: "low: keep an eye on it; there is a workaround",
    }
)
_COMMUNITY_MEANING: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.SEV0: "critical: conduct that harms someone, such as harassment or threats",
        Severity.SEV1: "high: a disagreement turns personal; a moderator steps in",
        Severity.SEV2: "medium: a concern about governance or process; talk it through",
        Severity.SEV3: "low: a general concern; keep an eye on it",
    }
)


class Status(StrEnum):
    """Where an incident stands; `resolved` and `cancelled` are closed."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"

    @property
    def closed(self) -> bool:
        """True for resolved and cancelled."""
        return self in CLOSED

    @property
    def meaning(self) -> str:
        """A short phrase that a reader outside the team understands."""
        return _STATUS_MEANING[self]

    def may_become(self, other: "Status") -> bool:
        """True where `ALLOWED` has the move; staying as it is is no move."""
        return other in ALLOWED[self]


CLOSED: frozenset[Status] = frozenset({Status.RESOLVED, Status.CANCELLED})

_OPEN: frozenset[Status] = frozenset(Status) - CLOSED

# From a closed status there is one way back, reopening, and it starts at the beginning: what was known may not hold.
ALLOWED: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.INVESTIGATING: (_OPEN - {Status.INVESTIGATING}) | CLOSED,
        Status.IDENTIFIED: (_OPEN - {Status.IDENTIFIED}) | CLOSED,
        Status.MONITORING: (_OPEN - {Status.MONITORING}) | CLOSED,
        Status.RESOLVED: frozenset({Status.INVESTIGATING}),
        Status.CANCELLED: frozenset({Status.INVESTIGATING}),
    }
)

_STATUS_MEANING: Mapping[Status, str] = MappingProxyType(
    {
        Status.INVESTIGATING: "we are looking for the cause",
        Status.IDENTIFIED: "the cause is known, a fix is under way",
        Status.MONITORING: "a fix is in place, we watch whether it holds",
        Status.RESOLVED: "it works again",
        Status.CANCELLED: "it was not an incident",
    }
)


class Visibility(StrEnum):
    """Who may know of something: the people in it, all responders, or everyone."""

    PARTICIPANTS = "participants"
    RESPONDERS = "responders"
    PUBLIC = "public"

    @property
    def width(self) -> int:
        """0 for the narrowest."""
        return _WIDTH[self]

    def narrower(self, other: "Visibility") -> "Visibility":
        """The narrower of the two."""
        return self if self.width <= other.width else other


_WIDTH: Mapping[Visibility, int] = MappingProxyType(
    {Visibility.PARTICIPANTS: 0, Visibility.RESPONDERS: 1, Visibility.PUBLIC: 2}
)

DEFAULT_VISIBILITY: Mapping[Kind, Visibility] = MappingProxyType(
    {kind: Visibility.PARTICIPANTS if kind in PRIVATE_KINDS else Visibility.RESPONDERS for kind in Kind}
)


def visibility_after(current: Visibility, new_kind: Kind) -> Visibility:
    """The visibility after a change of kind: it only narrows by itself, never widens (design, section 1)."""
    return current.narrower(DEFAULT_VISIBILITY[new_kind])


class Standing(StrEnum):
    """What somebody is towards a server or one of its incidents; a person usually has several."""

    ANYONE = "anyone"  # every member; always held
    REPORTER = "reporter"  # reported this incident
    PARTICIPANT = "participant"  # is in this incident's roster and has not left
    LEAD = "lead"  # leads this incident
    RESPONDER = "responder"
    CORE = "core"
    MODERATOR = "moderator"
    SECURITY = "security"
    COMMS = "comms"
    ON_CALL = "on_call"  # primary or secondary of the rotation now
    MANAGER = "manager"  # has Manage Server


# The groups of a server's roster. What somebody is in one incident, or by the rotation, or by a right on Discord, is
# found elsewhere and cannot be entered.
ON_THE_ROSTER: frozenset[Standing] = frozenset(
    {Standing.RESPONDER, Standing.CORE, Standing.MODERATOR, Standing.SECURITY, Standing.COMMS}
)

# Who the specialists of a kind are; None: a kind without a roster of its own, whose specialists are the responders.
SPECIALISTS: Mapping[Kind, Standing | None] = MappingProxyType(
    {
        Kind.OUTAGE: None,
        Kind.SECURITY: Standing.SECURITY,
        Kind.COMMS: Standing.COMMS,
        Kind.COMMUNITY: Standing.MODERATOR,
        Kind.GENERAL: None,
    }
)


class Target(StrEnum):
    """Whom a page or a reminder goes to; people are found for it at the instant at which it leaves."""

    LEAD = "lead"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    CORE = "core"
    SPECIALISTS = "specialists"
    OWNER = "owner"  # of the affected component or of the kind, where one is named
    NAMED_OWNER = "named_owner"  # takes a SEV-3, silently
    OPERATIONS = "operations"  # a notice in the operations channel


class Duty(StrEnum):
    """What the guide asks for by a time."""

    ACKNOWLEDGE = "acknowledge"
    PUBLIC_UPDATE = "public_update"
    STATUS_PAGE = "status_page"
    RESOLUTION_DATE = "resolution_date"
    RELEASE_NOTE = "release_note"
    AFFECTED_TOLD = "affected_told"
    RECEIPT = "receipt"
    ASSESS = "assess"
    FIX = "fix"
    RELEASE_OR_HOLD = "release_or_hold"
    SUGGEST_RAISE = "suggest_raise"
    CRITICISM_VALID = "criticism_valid"
    CRITICISM_ANSWER = "criticism_answer"
    COOLING_OFF = "cooling_off"
    CHECK_IN = "check_in"
    TEMPORARY_BAN = "temporary_ban"
    REVIEW_SCHEDULED = "review_scheduled"
    REVIEW_HELD = "review_held"
    REVIEW_PUBLISHED = "review_published"
    LEARNINGS = "learnings"
    BREAK = "break"
    HANDOFF = "handoff"
    CONTACTS_REVIEWED = "contacts_reviewed"
    SIMULATION_HELD = "simulation_held"

    @property
    def phrase(self) -> str:
        """What is due, as a noun phrase: "public update", "review scheduled"."""
        return _DUTY_PHRASE.get(self, self.value.replace("_", " "))


_DUTY_PHRASE: Mapping[Duty, str] = MappingProxyType(
    {
        Duty.ACKNOWLEDGE: "someone says “I have it”",
        Duty.STATUS_PAGE: "status page brought up to date",
        Duty.RESOLUTION_DATE: "date by which it is to be solved",
        Duty.RELEASE_NOTE: "line for the next release notes",
        Duty.AFFECTED_TOLD: "affected people told",
        Duty.RECEIPT: "receipt to the reporter",
        Duty.ASSESS: "first assessment",
        Duty.RELEASE_OR_HOLD: "decision to release or to hold",
        Duty.SUGGEST_RAISE: "question whether this is a SEV-1 by now",
        Duty.CRITICISM_VALID: "answer to whether the criticism is valid",
        Duty.CRITICISM_ANSWER: "answer to the criticism",
        Duty.COOLING_OFF: "end of the cooling-off, start of the talk",
        Duty.CHECK_IN: "check-in after the agreed path",
        Duty.TEMPORARY_BAN: "end of the temporary ban",
        Duty.LEARNINGS: "learnings shared",
        Duty.BREAK: "break",
        Duty.HANDOFF: "handoff to somebody rested",
    }
)


class Action(StrEnum):
    """What somebody may ask Vigil to do; the permission table has a row for each."""

    DECLARE = "declare"
    REPORT = "report"
    TRIAGE = "triage"  # "Declare" or "Not an incident" on a report
    PRACTISE = "practise"
    JOIN = "join"
    SEE = "see"
    SHOW = "show"
    LIST = "list"
    EXPORT = "export"
    LOG = "log"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"  # "I can't right now"
    TICK = "tick"  # a line of the brief or of the checks
    CHANGE_SEVERITY = "change_severity"
    CHANGE_KIND = "change_kind"
    WIDEN_VISIBILITY = "widen_visibility"
    HAND_OVER_LEAD = "hand_over_lead"
    TAKE_LEAD = "take_lead"
    SET_STATUS = "set_status"
    SET_IMPACT = "set_impact"
    SET_TITLE = "set_title"
    ADD_PERSON = "add_person"
    ADD_ROLE = "add_role"
    TAG_OUT = "tag_out"
    DUPLICATE = "duplicate"
    CANCEL = "cancel"
    REOPEN = "reopen"
    RESOLVE = "resolve"
    PUBLISH_UPDATE = "publish_update"
    CORRECT_UPDATE = "correct_update"
    ANNOUNCE_GAP = "announce_gap"
    CONFIRM_GAP = "confirm_gap"
    PAGE = "page"
    RETRY = "retry"  # "Try again" on what could not be done
    SEE_ROTATION = "see_rotation"
    EDIT_ROTATION = "edit_rotation"
    EDIT_ROSTER = "edit_roster"
    SETUP = "setup"
