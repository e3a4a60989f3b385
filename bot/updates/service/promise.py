"""The time that an update promises for the next one: as typed, as previewed, as the cadence allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.incidents.service.context import Asked
from bot.kernel.caller import Caller
from bot.kernel.times import read_instant
from bot.policy.clocks import Choice, Pace
from bot.policy.promises import Judged, judge_promise
from bot.policy.words import Severity
from bot.servers import store as servers
from bot.storage import Tx
from bot.updates.rules import Content
from bot.updates.service.cadence import cadence


async def judge(tx: Tx, one: Asked, caller: Caller, content: Content, *, gap: bool = False) -> Judged:
    """What becomes of the promised time, by the cadence that holds now. Raises BadInput for an unreadable one."""
    choice: Choice | None = await cadence(tx, one.incident, pace=Pace.NEXT)
    promised = await promised_time(tx, one, caller, content)
    return judge_promise(
        choice,
        Severity(one.incident.severity),
        base=tx.now,
        promised=promised,
        zone=one.server.zone,
        gap=gap,
    )


async def promised_time(tx: Tx, one: Asked, caller: Caller, content: Content) -> datetime | None:
    """What the preview showed; what was typed where there was none (a draft that a refusal kept)."""
    return content.promised or await typed_time(tx, one, caller, content)


async def typed_time(tx: Tx, one: Asked, caller: Caller, content: Content) -> datetime | None:
    """What was typed, in the person's own zone; None for nothing. Raises BadInput for an unreadable one."""
    if not content.next.strip():
        return None
    zone = await servers.zone_of(tx, one.server, caller.user_id)
    found = read_instant(content.next, now=tx.now, zone=zone, want="future")
    return to_the_minute(found, tx.now)


def to_the_minute(at: datetime, now: datetime) -> datetime:
    """People read the promised minute, so its beginning is what counts; a time less than a minute ahead stays."""
    return at.replace(second=0, microsecond=0) if at - now > timedelta(minutes=1) else at
