"""A policy: the guide's rules with what a server changed, under a version that an incident keeps.

A server's own number replaces what the guide says for exactly that kind, severity and duty; the guide's rule stays
beside it, so that the reason can be shown.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.kernel.errors import BadInput
from bot.policy import paging
from bot.policy.clocks import RULES, Choice, Condition, Pace, Rule, Start, strictest
from bot.policy.words import Duty, Kind, Severity

BASE_VERSION = "luminous-1"
ANY = "any"
LEAST_MINUTES, MOST_MINUTES = 1, 90 * 24 * 60

# Duties whose time a server may set. A range or a mark that is no promise is not among them.
CHANGEABLE: frozenset[Duty] = frozenset(Duty) - {Duty.TEMPORARY_BAN, Duty.STATUS_PAGE, Duty.RELEASE_NOTE}

_FORM = "public_update.first.outage.SEV-1 = 20"


@dataclass(frozen=True)
class Policy:
    """Rules under a version. `changes`: what the server set, key → minutes, as `with_changes` took it."""

    version: str = BASE_VERSION
    rules: tuple[Rule, ...] = RULES
    changes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def strictest(
        self,
        kind: Kind,
        severity: Severity,
        duty: Duty,
        *,
        pace: Pace = Pace.FIRST,
        given: Collection[Condition] = (),
    ) -> Choice | None:
        """The rule that holds, with those that it beat; None: nothing is owed. See `clocks.strictest`."""
        return strictest(self.rules, kind, severity, duty, pace=pace, given=given)

    def plan(self, kind: Kind, severity: Severity) -> paging.PagePlan:
        """Whom to page, and how it goes on."""
        return paging.plan(kind, severity)

    def with_changes(self, changes: Mapping[str, Any]) -> "Policy":
        """This policy with a server's numbers: "<duty>.<first|next>.<kind|any>.<severity|any>" → minutes.

        None takes a change back. Raises BadInput with the key and the remedy. The version names the changes.
        """
        kept = dict(self.changes)
        for key, minutes in changes.items():
            _read_key(key)
            if minutes is None:
                kept.pop(key, None)
            else:
                kept[key] = _read_minutes(key, minutes)
        kept = dict(sorted(kept.items()))
        ours = tuple(_server_rule(key, minutes) for key, minutes in kept.items())
        return Policy(_version(kept), RULES + ours, MappingProxyType(kept))

    @staticmethod
    def from_version(version: str, changes: Mapping[str, Any] | None = None) -> "Policy":
        """The policy of that version; `changes` as the server's history has them for it.

        Raises ValueError where `changes` do not give this version: an incident must not get other clocks unnoticed.
        """
        policy = LUMINOUS.with_changes(changes or {})
        if policy.version != version:
            raise ValueError(f"no policy {version} with these changes, they give {policy.version}")
        return policy


LUMINOUS = Policy()


def _version(changes: Mapping[str, int]) -> str:
    if not changes:
        return BASE_VERSION
    digest = hashlib.sha256(json.dumps(changes, sort_keys=True).encode()).hexdigest()[:8]
    return f"{BASE_VERSION}+{digest}"


def _read_key(key: str) -> tuple[Duty, Pace, Kind | None, Severity | None]:
    parts = str(key).split(".")
    try:
        duty_word, pace_word, kind_word, severity_word = parts
        duty, pace = Duty(duty_word), Pace(pace_word)
        kind = None if kind_word == ANY else Kind(kind_word)
        severity = None if severity_word == ANY else Severity(severity_word)
    except ValueError:
        raise BadInput(
            "I do not know one of these settings. A setting names a duty, first or next, a kind or any, "
            f"and a severity or any, such as `{_FORM}` for 20 minutes."
        ) from None
    if duty not in CHANGEABLE:
        raise BadInput(f"The time of “{duty.phrase}” is not a setting. Leave it out.")
    if pace is Pace.NEXT and duty is not Duty.PUBLIC_UPDATE:
        raise BadInput(f"“{duty.phrase}” is due once, so only its first time can be set. Use `first`.")
    return duty, pace, kind, severity


def _read_minutes(key: str, minutes: Any) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise BadInput(f"`{key}` needs whole minutes from {LEAST_MINUTES} to {MOST_MINUTES}, such as 20.")
    return minutes


def _server_rule(key: str, minutes: int) -> Rule:
    """The server's rule, with the guide's section and start of the rule in whose place it stands."""
    duty, pace, kind, severity = _read_key(key)
    alike = [
        rule
        for rule in RULES
        if rule.duty is duty and (kind is None or rule.kind in (None, kind)) and severity in (None, rule.severity)
    ] or [rule for rule in RULES if rule.duty is duty]
    model = alike[0] if alike else Rule(kind, severity, duty, None, Start.DECLARED, "")
    term = timedelta(minutes=minutes)
    first, every = (term, None) if pace is Pace.FIRST else (None, term)
    only_if = model.only_if if duty is not Duty.LEARNINGS else None
    return replace(
        model,
        kind=kind,
        severity=severity,
        due=first,
        every=every,
        heads_up=None,
        latest=None,
        only_if=only_if,
        ours=False,
        note="",
        server=True,
    )
