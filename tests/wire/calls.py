"""Every REST call that reached this Discord, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.wire.actors import Json


@dataclass(eq=False)
class Call:
    """One request. `route` is its template; `applied` tells whether the world changed (or was read) by it.

    `fault` names the rule that struck it; `status` is None while it is under way, or when its answer was lost.
    """

    n: int
    method: str
    path: str
    route: str
    params: dict[str, str]
    at: float
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    reason: str | None = None
    status: int | None = None
    code: int | None = None
    applied: bool = False
    fault: str | None = None
    answer: Any = None

    @property
    def key(self) -> str:
        """Method and template, such as `POST /channels/{channel_id}/messages`."""
        return f"{self.method} {self.route}"

    @property
    def interaction(self) -> bool:
        """Whether it answers an interaction (callback or follow-up)."""
        return self.route.startswith(("/interactions/", "/webhooks/"))

    def matches(self, pattern: str) -> bool:
        """Whether its key fits; `{…}` stands for any parameter, `*` for anything."""
        return re.fullmatch(_expression(pattern), self.key) is not None

    def __str__(self) -> str:
        end = f"{self.status}" + (f"/{self.code}" if self.code else "") if self.status else "no answer"
        marks = "".join([" [" + self.fault + "]" if self.fault else "", "" if self.applied else " (not applied)"])
        return f"{self.n:4} {self.method} {self.path} -> {end}{marks}"


def _expression(pattern: str) -> str:
    parts = re.split(r"(\{[^}]*\}|\*)", pattern)
    named = {"*": ".*"}
    return "".join(named.get(part, r"\{[^}]*\}" if part.startswith("{") else re.escape(part)) for part in parts)


@dataclass
class Answer:
    """What goes back: a status and a JSON body (None: an empty body)."""

    status: int = 200
    body: Json | list[Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"
