"""What can go wrong on the wire, as rules: which call, which occurrence, what happens to it.

    server.faults.on("POST /channels/{}/messages", status(503), times=2)
    server.faults.on("POST /guilds/{}/channels", reset_after(), nth=1)
    gate = server.faults.on("*", hold(), when=lambda call: call.body.get("nonce") == "…").action
    server.faults.on("*", kill(bot, after=True), nth=7)

An action gets the call and `apply`, which applies it and gives the answer that real Discord would send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.wire.calls import Answer, Call

Apply = Callable[[], Awaitable[Answer]]
Action = Callable[[Call, Apply], Awaitable[Answer]]
Hook = Callable[[Call], Awaitable[object]]


class Lost(Exception):
    """The connection breaks and no answer is sent: by a reset, or, where `clean`, by closing it."""

    def __init__(self, *, clean: bool = False) -> None:
        super().__init__("the answer is lost")
        self.clean = clean


class Killable(Protocol):
    """A bot process."""

    async def kill(self) -> None: ...


@dataclass(eq=False)
class Rule:
    """Strikes calls of `pattern` for which `when` holds: from the `nth` (from 1) on, `times` of them (None: all)."""

    pattern: str
    action: Action
    nth: int = 1
    times: int | None = 1
    when: Callable[[Call], bool] = lambda call: True
    name: str = ""
    seen: int = 0
    struck: list[Call] = field(default_factory=list)
    active: bool = True

    def takes(self, call: Call) -> bool:
        """Counts a fitting call and tells whether this one is struck."""
        if not self.active or not call.matches(self.pattern) or not self.when(call):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and len(self.struck) >= self.times):
            return False
        self.struck.append(call)
        return True

    def remove(self) -> None:
        """From now on no call is struck."""
        self.active = False


class Faults:
    """The rules in force; the first that takes a call decides, all fitting ones count it."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.before: list[Hook] = []
        self.after: list[Hook] = []

    def on(
        self,
        pattern: str,
        action: Action,
        *,
        nth: int = 1,
        times: int | None = 1,
        when: Callable[[Call], bool] = lambda call: True,
    ) -> Rule:
        """Add a rule. `pattern` as in `Call.matches`; counting starts now. Gives the rule, to ask or remove it."""
        rule = Rule(pattern, action, nth, times, when, getattr(action, "__name__", type(action).__name__))
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        for rule in self.rules:
            rule.remove()
        self.rules.clear()

    async def run(self, call: Call, apply: Apply) -> Answer:
        """Answer one call under the rules. Raises Lost when no answer is to be sent."""
        taking = [rule for rule in list(self.rules) if rule.takes(call)]
        for hook in list(self.before):
            await hook(call)
        if taking:
            call.fault = taking[0].name
            answer = await taking[0].action(call, apply)
        else:
            answer = await apply()
        for hook in list(self.after):
            await hook(call)
        return answer


def rate_limited(retry_after: float = 0.05, *, everywhere: bool = False, scope: str = "user") -> Action:
    """429 with Discord's headers and body; `everywhere` for the global limit."""

    async def act(call: Call, apply: Apply) -> Answer:
        return too_many(retry_after, everywhere=everywhere, scope="global" if everywhere else scope)

    return _named(act, "429 global" if everywhere else "429")


def too_many(retry_after: float, *, everywhere: bool = False, scope: str = "user") -> Answer:
    """The 429 itself."""
    headers = {"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
    return Answer(429, body, headers)


def blocked() -> Action:
    """429 from the edge in front of Discord: a page of text, without Discord's own header."""

    async def act(call: Call, apply: Apply) -> Answer:
        return Answer(429, raw=b"error code: 1015", content_type="text/plain", headers={"Via": ""})

    return _named(act, "429 at the edge")


def status(code: int, *, discord_code: int = 0, message: str = "", applied: bool = False) -> Action:
    """An answer with this status; `applied`: although the call took effect."""

    async def act(call: Call, apply: Apply) -> Answer:
        if applied:
            await apply()
        if code >= 500 and not message:
            return Answer(code, raw=b"upstream connect error", content_type="text/plain")
        return Answer(code, {"message": message or "Refused", "code": discord_code})

    return _named(act, f"{code} applied" if applied else f"{code}")


def garbage(*, applied: bool = True) -> Action:
    """200 with a body that is no JSON, though it says so."""

    async def act(call: Call, apply: Apply) -> Answer:
        if applied:
            await apply()
        return Answer(200, raw=b'{"id": "12', content_type="application/json")

    return _named(act, "garbage")


def reset_before(*, clean: bool = False) -> Action:
    """The connection breaks before the call is applied."""

    async def act(call: Call, apply: Apply) -> Answer:
        raise Lost(clean=clean)

    return _named(act, "reset before")


def reset_after(*, clean: bool = False) -> Action:
    """The call is applied, then the connection breaks."""

    async def act(call: Call, apply: Apply) -> Answer:
        await apply()
        raise Lost(clean=clean)

    return _named(act, "reset after")


def slow(*, before: float = 0.0, after: float = 0.0) -> Action:
    """Seconds to wait before the call is applied, and before it is answered."""

    async def act(call: Call, apply: Apply) -> Answer:
        await asyncio.sleep(before)
        answer = await apply()
        await asyncio.sleep(after)
        return answer

    return _named(act, "slow")


class _Gate:
    """`reached` is set when a call waits here; `release()` lets it, and all later ones, go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()
        self.landed = asyncio.Event()

    def release(self) -> None:
        self.released.set()


class hold(_Gate):
    """The call waits, unapplied (or, with `applied`, applied but unanswered), until `release()`."""

    def __init__(self, *, applied: bool = False) -> None:
        super().__init__()
        self.applied = applied

    async def __call__(self, call: Call, apply: Apply) -> Answer:
        answer = await apply() if self.applied else None
        self.reached.set()
        await self.released.wait()
        answer = answer or await apply()
        self.landed.set()
        return answer


class late(_Gate):
    """The connection breaks at once, yet the call is applied later: at `release()`. `landed` is set then."""

    def __init__(self) -> None:
        super().__init__()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, call: Call, apply: Apply) -> Answer:
        self.reached.set()
        self._task = asyncio.create_task(self._land(apply))
        raise Lost

    async def _land(self, apply: Apply) -> None:
        await self.released.wait()
        await apply()
        self.landed.set()


def kill(process: Killable, *, after: bool = False) -> Action:
    """SIGKILL the bot when the call arrives: before it is applied (it never is), or `after` it was; no answer."""

    async def act(call: Call, apply: Apply) -> Answer:
        if after:
            await apply()
        await process.kill()
        raise Lost

    return _named(act, "kill after" if after else "kill before")


def kill_late(process: Killable) -> late:
    """SIGKILL the bot when the call arrives; the call is applied later, at `release()`."""

    class _KillLate(late):
        async def __call__(self, call: Call, apply: Apply) -> Answer:
            await process.kill()
            return await super().__call__(call, apply)

    return _KillLate()


def _named(action: Action, name: str) -> Action:
    action.__name__ = name  # type: ignore[attr-defined]
    return action
