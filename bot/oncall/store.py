"""Queries on rotations. Whom `on_call_at` names is whom a page reaches and what `/oncall who` shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update

from bot.oncall import rules
from bot.oncall.models import RotationPlace, RotationRow
from bot.oncall.rules import Rotation, Shift
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.storage import Tx

MAIN = "main"
MONDAY, NINE = 0, 9


async def rotation_at(tx: Tx, guild_id: int, at: datetime, team: str | None = None) -> Rotation | None:
    """The version of the team's rotation that holds at `at`; None where none was entered."""
    row = await tx.session.scalar(
        select(RotationRow)
        .where(
            RotationRow.guild_id == guild_id,
            RotationRow.team == (team or MAIN),
            RotationRow.valid_from <= at,
            or_(RotationRow.valid_until.is_(None), RotationRow.valid_until > at),
        )
        .order_by(RotationRow.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    people = await tx.session.scalars(
        select(RotationPlace.user_id).where(RotationPlace.rotation_id == row.id).order_by(RotationPlace.position)
    )
    return Rotation(tuple(people), row.first, row.weekday, row.hour, ZoneInfo(row.zone))


async def on_call_at(tx: Tx, guild_id: int, at: datetime, team: str | None = None) -> Shift:
    """Who is on call at `at` (aware); a shift of nobody where there is no rotation."""
    rotation = await rotation_at(tx, guild_id, at, team)
    return Shift(None, None, at, at) if rotation is None else rules.shift_at(rotation, at)


async def is_on_call(tx: Tx, guild_id: int, user_id: int, at: datetime) -> bool:
    """Whether this person is primary or secondary at `at`."""
    shift = await on_call_at(tx, guild_id, at)
    return user_id in (shift.primary, shift.secondary)


async def put_rotation(
    tx: Tx,
    guild_id: int,
    people: Sequence[int],
    starts: datetime | None = None,
    *,
    by: int | None = None,
    weekday: int | None = None,
    hour: int | None = None,
    team: str = MAIN,
) -> Rotation:
    """Put this rotation in the place of the one that holds. Its people join the roster as responders.

    `people`: user ids in order; the first is primary in the week of `starts` (aware; now). `weekday` and `hour` of the
    handoff, in the server's zone, stay as they were if left out; Monday at nine for the first rotation.
    """
    before = await rotation_at(tx, guild_id, tx.now, team)
    server = await servers.settings(tx, guild_id)
    weekday = weekday if weekday is not None else before.weekday if before else MONDAY
    hour = hour if hour is not None else before.hour if before else NINE
    people = tuple(dict.fromkeys(people))
    local = (starts or tx.now).astimezone(server.zone)
    first = rules.handoff_before(local.date(), weekday)
    # Early on the day of the handoff the week before still runs: the first one is on call from now on all the same.
    probe = Rotation(people, first, weekday, hour, server.zone)
    if rules.handoff_at(probe, first) > (starts or tx.now):
        first -= rules.WEEK
    await tx.session.execute(
        update(RotationRow)
        .where(RotationRow.guild_id == guild_id, RotationRow.team == team, RotationRow.valid_until.is_(None))
        .values(valid_until=tx.now)
    )
    row = RotationRow(
        guild_id=guild_id,
        team=team,
        first=first,
        weekday=weekday,
        hour=hour,
        zone=str(server.zone),
        valid_from=tx.now,
        made_by=by,
    )
    tx.session.add(row)
    await tx.session.flush()
    for position, user_id in enumerate(people):
        tx.session.add(RotationPlace(rotation_id=row.id, guild_id=guild_id, position=position, user_id=user_id))
        await servers.enrol(tx, guild_id, user_id, Standing.RESPONDER)
    await tx.session.flush()
    return Rotation(people, first, weekday, hour, server.zone)


async def drop_person(tx: Tx, guild_id: int, user_id: int) -> bool:
    """Take somebody out of the rotation (they left); the others move up from now. False if they were not in it."""
    rotation = await rotation_at(tx, guild_id, tx.now)
    if rotation is None or user_id not in rotation.people:
        return False
    shift = rules.shift_at(rotation, tx.now)
    index = rotation.people.index(shift.primary) if shift.primary in rotation.people else 0
    order = rotation.people[index:] + rotation.people[:index]
    await put_rotation(tx, guild_id, [one for one in order if one != user_id])
    return True
