"""Values to fill cards with: every field of what a card takes, as full and as hostile as people and servers can be.

A card's parameters are read from its signature, and dataclasses are filled field by field, so a new card with known
types needs nothing here. What must be well-formed (a reference, a zone) stands in WELL_FORMED by the field's name.
"""

from __future__ import annotations

import dataclasses
import random
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.incidents.cards import forms
from bot.incidents.log import LogView
from bot.incidents.rules import Entry
from bot.kernel.message import Modal
from bot.oncall.rules import Rotation, Shift
from bot.oncall.service import OnCall
from bot.policy import LUMINOUS, Policy
from bot.policy.clocks import Choice, Pace, Rule, Start
from bot.policy.terms import BusinessDays, Term
from bot.policy.words import Duty, Kind, Severity, Standing, Status
from bot.setup.roster import GROUPS
from bot.setup.rules import ORDER, Does, Plan, Step, Thing

LONG, NAME = 4000, 100
PILED = "e" + "\u0301" * 50

HOSTILE: tuple[str, ...] = (
    "a" * LONG,
    "word " * (LONG // 5),
    "one line\n" * (LONG // 9),
    "@everyone @here <@&123456789012345678> <@123456789012345678> " * 65,
    "*_~`|>#[](-\\" * 330,
    "\\" * LONG,
    "```" * 1300,
    "||spoiler||" * 360,
    "[here](https://example.org/) " * 135,
    "https://example.org/" + "a*b_c~d" * 560,
    "\u202e" + "gnp.exe" * 570,
    "\u200b\u200d\u2060\ufeff" * 1000,
    "\u05e9\u05dc\u05d5\u05dd " * 800,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 360,
    "\U0001f9d1\U0001f3fd" * 1000,
    "two words " + "\U0001f9d1\U0001f3fd" * 990,
    PILED * 80,
    "<t:1772445600:R> <#123456789012345678> <:emoji:123456789012345678> " * 60,
    "<script>alert(1)</script>&amp;\"'" * 120,
    "| a | b |\n|---|---|\n" * 190,
    "\r\n\x00\x07\x1b[31m\x85\u2028" * 400,
    "> quote\n# heading\n- list\n1. one\n" * 120,
    "x",
    " ",
    "",
)
"""What people type, on purpose or not; each at most 4,000 characters."""

PEOPLE, LINES, INCIDENTS = 25, 60, 10
MANY = {"people": PEOPLE, "log": LINES, "open": INCIDENTS, "closed": INCIDENTS, "candidates": 3, "shifts": 8}
OWN = ("words", "sentence", "due_words", "lines", "before")
WELL_FORMED: dict[str, Sequence[str]] = {
    "ref": ("inc-0042", "case-7f3a2b", "practice-0003"),
    "other_ref": ("inc-0042", "case-7f3a2b"),
    "danger": ("violence", "legal"),
    "about": ("system", "weakness", "person"),
    "role": ("lead", "responder", "specialist"),
    "zone": ("America/Argentina/ComodRivadavia",),
    "asking": ("",),
    "rule": ("Technical Outage › Public Communication",),
    **dict.fromkeys(OWN, ("What Vigil itself says of it: " + "w" * 150,)),
}
KINDS = ("duty.review_scheduled", "public_update", "escalate", "archive", "something.new")
EFFECT_KINDS = ("incident.room", "incident.card_pin", "update.post", "update.nothing_known")


class Missing(Exception):
    """There is no sample for this type; the sentence says what to add."""


class Maker:
    """Fills types; the same `seed` gives the same values."""

    def __init__(self, seed: int) -> None:
        self.seed, self._random = seed, random.Random(seed)
        self.text = HOSTILE[seed % len(HOSTILE)]

    def arguments(self, function: Any) -> dict[str, Any]:
        """What to call it with. Raises Missing."""
        hints = typing.get_type_hints(function)
        hints.pop("return", None)
        return {name: self.make(hint, name, function.__name__) for name, hint in hints.items()}

    def make(self, hint: Any, name: str, owner: str) -> Any:
        """A value of this type for the field or parameter `name`. Raises Missing."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            return self._one_of(inner, name, owner)
        if origin is Literal:
            return self._random.choice(inner)
        if origin in (tuple, list, Sequence, frozenset, Collection):
            return self._several(origin, inner, name, owner)
        if origin in (dict, Mapping):
            return self._table(inner, name, owner)
        if hint is Standing:
            return self._random.choice(GROUPS)
        if name == "ids" and hint is Any:
            return [self._number("user_id") for _ in range(PEOPLE)]
        special = SPECIAL.get(hint)
        if special is not None:
            return special(self)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self._random.choice(list(hint))
        if dataclasses.is_dataclass(hint):
            hints = typing.get_type_hints(hint)
            fields = [one.name for one in dataclasses.fields(hint) if one.init]
            return hint(**{field: self.make(hints[field], field, hint.__name__) for field in fields})
        return self._plain(hint, name, owner)

    def _plain(self, hint: Any, name: str, owner: str) -> Any:
        if hint is str:
            return self._words(name, owner)
        if hint is bool:
            return self._random.random() < 0.5
        if hint is int:
            return self._number(name)
        if hint is datetime:
            return datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(minutes=self._random.randrange(-9000, 90000))
        if hint is date:
            return date(2026, 3, 2)
        if hint is timedelta:
            return timedelta(minutes=self._random.choice([0, 1, 59, 4000, 60 * 24 * 400]))
        if hint is ZoneInfo:
            return ZoneInfo("America/Argentina/ComodRivadavia")
        if hint is Any:
            return self.make(datetime, name, owner)
        raise Missing(
            f"`{owner}` takes `{name}: {hint}`, for which tests/limits/samples.py has no sample. Add it to SPECIAL."
        )

    def _words(self, name: str, owner: str) -> str:
        if name in WELL_FORMED:
            return self._random.choice(WELL_FORMED[name])
        if name == "subject":
            return self._random.choice(["here", "new", "inc-0042"])
        if name == "kind":
            return self._random.choice(KINDS if owner == "DueView" else EFFECT_KINDS)
        if name == "state":
            return self._random.choice(["open", "declared", "dismissed"])
        if name == "arg":
            return "a" * 40
        if name == "value":
            return "line:down"
        return self.text[:NAME] if name in ("name", "own_role") else self.text

    def _number(self, name: str) -> int:
        small = {"weekday": 6, "hour": 23, "sequence": 3, "version": 7, "number": 4, "late_min": 500, "step": 3}
        if name == "code":
            return self._random.choice([50013, 50001, 10003, 30013, 50007, 0, 99999])
        if name in small:
            return self._random.randint(0, small[name])
        if name in ("told", "attempts", "settings_version"):
            return self._random.choice([0, 1, 25])
        return 1_300_000_000_000_000_000 + self._random.randrange(10**16)

    def _one_of(self, inner: tuple[Any, ...], name: str, owner: str) -> Any:
        kinds = [one for one in inner if one is not type(None)]
        if len(kinds) < len(inner) and self._random.random() < 0.25:
            return None
        return self.make(self._random.choice(kinds), name, owner)

    def _several(self, origin: Any, inner: tuple[Any, ...], name: str, owner: str) -> Any:
        if origin is tuple and len(inner) > 1 and inner[1] is not Ellipsis:
            return tuple(self.make(one, name, owner) for one in inner)
        count = self._random.choice([MANY.get(name, PEOPLE), MANY.get(name, PEOPLE), 1, 0])
        if inner[0] is str and name == "names":
            return tuple(self.text[:NAME] for _ in range(count))
        made = [self.make(inner[0], name, owner) for _ in range(count)]
        return frozenset(made) if origin is frozenset else tuple(made) if origin is tuple else made

    def _table(self, inner: tuple[Any, ...], name: str, owner: str) -> dict[Any, Any]:
        key, value = inner
        if key is str and value is str:
            return {**dict.fromkeys(TEXTS, self.text), "title": self.text[: NAME * 4]}
        if name == "ticked":
            return {one: self._number("user_id") for one in ("down", "scale", "smoke_test", "metrics", "user_reports")}
        if name == "params":
            return {"duty": self._random.choice(list(Duty)), "due": "2026-03-02T10:00:00+00:00"}
        if name == "names":
            return {self._number("user_id"): self.text[:NAME] for _ in range(PEOPLE)}
        if isinstance(key, type) and issubclass(key, Enum):
            return {one: self.make(value, name, owner) for one in (GROUPS if name == "groups" else key)}
        raise Missing(f"`{owner}` takes `{name}`, a table of {key} and {value}: add it to tests/limits/samples.py")

    def line(self) -> LogView:
        """A line of a log, of any kind, with everything that such a line may hold."""
        fields = {one.name for one in dataclasses.fields(LogView)}
        some = [self._number("user_id") for _ in range(PEOPLE)]
        given: dict[str, Any] = {
            "params": {
                "users": some,
                "user": some[0],
                "to": some[0],
                "lead": some[0],
                "asking": some,
                "severity": "SEV-1",
                "kind": "outage",
                "before": "SEV-1",
                "after": "SEV-0",
                "duty": self._random.choice(list(Duty)),
                "item": "smoke_test",
                "what": "incident.room",
                "ref": "inc-0042",
                "after_s": 7000,
                "duration_min": 90,
            },
            "kind": self._random.choice(list(Entry)),
        }
        hints = typing.get_type_hints(LogView)
        return LogView(**{one: given.get(one, self.make(hints[one], one, "LogView")) for one in fields if one != ""})

    def choice(self) -> Choice:
        """A rule that beat several others."""
        found = LUMINOUS.strictest(Kind.OUTAGE, Severity.SEV0, Duty.PUBLIC_UPDATE, pace=Pace.FIRST)
        assert found is not None
        rule = Rule(Kind.OUTAGE, Severity.SEV1, Duty.PUBLIC_UPDATE, timedelta(hours=1), Start.DECLARED, "s", note="n")
        return self._random.choice([found, Choice(rule, BusinessDays(2), ((rule, timedelta(days=400)),) * 5)])

    def plan(self) -> Plan:
        """A set-up plan with a line for every part."""
        steps = tuple(
            Step(
                thing,
                self._random.choice(list(Does)),
                self._random.choice([None, self._number("id")]),
                self.text[:NAME],
            )
            for thing in ORDER
        )
        found = self.make(typing.get_type_hints(Plan)["findings"], "findings", "Plan")
        return Plan(steps, "America/Argentina/ComodRivadavia", True, found, self.text[:NAME])

    def on_call(self) -> OnCall:
        """A rotation of many, with the weeks ahead."""
        shifts = tuple(self.make(Shift, "shifts", "OnCall") for _ in range(8))
        return OnCall(self.make(Rotation, "rotation", "OnCall"), shifts, may_edit=True)


TEXTS = (
    *("title", "summary", "affected", "impact.down", "impact.who", "impact.data", "impact.cause"),
    *("known", "advice", "cause", "fix", "impact", "data"),
)

SPECIAL: dict[Any, Any] = {
    LogView: Maker.line,
    Choice: Maker.choice,
    Plan: Maker.plan,
    OnCall: Maker.on_call,
    Policy: lambda maker: LUMINOUS,
    Term: lambda maker: timedelta(minutes=30),
    Modal: lambda maker: forms.impact_form(None, "here"),
    Thing: lambda maker: maker._random.choice(list(Thing)),
    Status: lambda maker: maker._random.choice(list(Status)),
}
