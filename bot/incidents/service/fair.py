"""Fair limits: how much one person asked for lately, and the sentence when it is more than one person can."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.incidents.models import Incident, LogEntry, Page, Report
from bot.incidents.rules import Entry
from bot.kernel.caller import Caller
from bot.kernel.errors import TooMany
from bot.kernel.text import duration, person, when_both
from bot.policy.fairness import REPORTS_TOGETHER, Act, Rate, rates
from bot.policy.words import Severity, Standing
from bot.servers import words
from bot.storage import Tx

At = InstrumentedAttribute[datetime]
TYPED = (Entry.NOTE, Entry.MESSAGE, Entry.CORRECTION)


async def declares(
    tx: Tx, guild_id: int, caller: Caller, standings: Collection[Standing], severity: Severity, *, practice: bool
) -> None:
    """Raises TooMany for who declared (or practised) more than one person can; a SEV-0 goes on for longer."""
    mine = (Incident.guild_id == guild_id, Incident.declared_by == caller.user_id, Incident.practice.is_(practice))
    held = rates(Act.PRACTISE if practice else Act.DECLARE, standings)
    more = rates(Act.DECLARE_SEV0, standings) if severity is Severity.SEV0 and not practice else ()
    for rate in held:
        wider = Rate(rate.times + sum(one.times for one in more if one.within == rate.within), rate.within)
        if (again := await _again(tx, Incident.declared_at, mine, wider)) is None:
            continue
        if practice:
            raise TooMany(f"You have practised {_so_often(wider)}. You can practise again {when_both(again)}.")
        first = "declare it as SEV-0, " if not more else ""
        raise TooMany(
            f"You have declared {_so_often(wider)}, as much as one person can, so that a flood cannot bury the others. "
            f"You can declare again {when_both(again)}. If it cannot wait, {first}ask somebody else to declare it, or "
            "add it to an incident that is open with `/incident log`."
        )


async def reports(tx: Tx, guild_id: int, caller: Caller, about: str) -> None:
    """Raises TooMany for who reported more than one person can, or where all together report about a system."""
    mine = (Report.guild_id == guild_id, Report.reporter_id == caller.user_id)
    for rate in rates(Act.REPORT, ()):
        if again := await _again(tx, Report.at, mine, rate):
            raise TooMany(
                f"You have reported {_so_often(rate)}. Thank you: each one is being looked at. You can report again "
                f"{when_both(again)}. If it cannot wait, tell somebody of the team directly."
            )
    if about != "system" or await _again(tx, Report.at, mine, Rate(1, REPORTS_TOGETHER.within)) is None:
        return
    together = (Report.guild_id == guild_id, Report.about == "system")
    if again := await _again(tx, Report.at, together, REPORTS_TOGETHER):
        raise TooMany(
            "Many people have reported in these minutes, so the responders know that something is wrong. You can add "
            f"to what you reported {when_both(again)}. If it cannot wait, tell a responder directly."
        )


async def pages(tx: Tx, incident: Incident, standings: Collection[Standing], user_id: int, by_hand: range) -> None:
    """Raises TooMany for one who is paged by hand again and again, or for many in a row. `by_hand`: its steps."""
    here = (Page.incident_id == incident.id, Page.step >= by_hand.start, Page.step < by_hand.stop)
    for rate in rates(Act.PAGE_AGAIN, standings):
        if again := await _again(tx, Page.recorded_at, (*here, Page.user_id == user_id), rate):
            raise TooMany(
                f"{person(user_id)} was paged {_so_often(rate)} for {incident.ref}, and can be again "
                f"{when_both(again)}. Please page somebody else, or call them."
            )
    for rate in rates(Act.PAGE, standings):
        if again := await _again(tx, Page.recorded_at, here, rate):
            raise TooMany(
                f"People were paged by hand {_so_often(rate)} for {incident.ref}, and can be again "
                f"{when_both(again)}. A higher severity pages more people at once: `/incident severity`."
            )


async def lines(
    tx: Tx, incident: Incident, caller: Caller, standings: Collection[Standing], occurred: datetime
) -> None:
    """Raises TooMany for who logs line upon line about the same minutes."""
    held = rates(Act.LOG, standings)
    if not held:
        return
    mine = (
        LogEntry.incident_id == incident.id,
        LogEntry.person_id == await words.person(tx, incident.guild_id, caller.user_id),
        LogEntry.kind.in_([str(one) for one in TYPED]),
        LogEntry.occurred_at <= occurred,
    )
    for rate in held:
        if again := await _again(tx, LogEntry.occurred_at, mine, rate, now=occurred):
            raise TooMany(
                f"You have logged {_so_often(rate)} for {incident.ref}; the next line goes {when_both(again)}. Several "
                "lines fit into one entry."
            )


async def _again(
    tx: Tx, at: At, whose: Collection[ColumnElement[bool]], rate: Rate, *, now: datetime | None = None
) -> datetime | None:
    """When the next one goes; None where it goes now. Reads no more rows than the rate has times."""
    query: Any = select(at).where(*whose).order_by(at.desc()).limit(1).offset(rate.times - 1)
    earliest: datetime | None = await tx.session.scalar(query.where(at > (now or tx.now) - rate.within))
    return None if earliest is None else earliest + rate.within + timedelta(seconds=1)


def _so_often(rate: Rate) -> str:
    times = "once" if rate.times == 1 else f"{rate.times} times"
    return f"{times} within {duration(rate.within)}"
