"""Queries on servers: the set-up that holds, the roster, who somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update

from bot.policy import LUMINOUS, Policy
from bot.policy.words import ON_THE_ROSTER, Standing
from bot.servers.events import RosterChanged
from bot.servers.models import Person, RosterEntry, Server, ServerSettings
from bot.storage import Tx
from bot.storage.once import insert_if_absent

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class ServerView:
    """A server's set-up as it holds now. `version` 0: nobody has set it up. Roles and channels are ids or None."""

    guild_id: int
    version: int = 0
    category_id: int | None = None
    updates_channel_id: int | None = None
    operations_channel_id: int | None = None
    archive_category_ids: tuple[int, ...] = ()
    roles: dict[Standing, int] = field(default_factory=dict)
    zone: ZoneInfo = UTC_ZONE
    policy: Policy = LUMINOUS

    @property
    def is_set_up(self) -> bool:
        """Whether `/setup` was finished at least once."""
        return self.version > 0 and self.operations_channel_id is not None


def _view(guild_id: int, version: int, data: dict[str, Any]) -> ServerView:
    return ServerView(
        guild_id=guild_id,
        version=version,
        category_id=data.get("category_id"),
        updates_channel_id=data.get("updates_channel_id"),
        operations_channel_id=data.get("operations_channel_id"),
        archive_category_ids=tuple(data.get("archive_category_ids", ())),
        roles={Standing(name): role for name, role in data.get("roles", {}).items()},
        zone=ZoneInfo(data.get("zone", "UTC")),
        policy=LUMINOUS.with_changes(data["policy"]) if data.get("policy") else LUMINOUS,
    )


async def settings(tx: Tx, guild_id: int, version: int | None = None) -> ServerView:
    """The set-up that holds (or a past version of it); a server never set up gets the defaults."""
    query = select(ServerSettings).where(ServerSettings.guild_id == guild_id)
    if version is not None:
        query = query.where(ServerSettings.version == version)
    row = await tx.session.scalar(query.order_by(ServerSettings.version.desc()).limit(1))
    return ServerView(guild_id) if row is None else _view(guild_id, row.version, row.data)


async def change_settings(tx: Tx, guild_id: int, *, person_id: int | None, **changes: Any) -> ServerView:
    """Add a version with these keys changed; earlier versions stay as history."""
    await server(tx, guild_id)  # whoever changes something at the same time waits here, and then adds the next version
    row = await tx.session.scalar(
        select(ServerSettings)
        .where(ServerSettings.guild_id == guild_id)
        .order_by(ServerSettings.version.desc())
        .limit(1)
    )
    data = {**(row.data if row else {}), **changes}
    version = (row.version if row else 0) + 1
    tx.session.add(ServerSettings(guild_id=guild_id, version=version, at=tx.now, person_id=person_id, data=data))
    await tx.session.flush()
    return _view(guild_id, version, data)


async def server(tx: Tx, guild_id: int) -> Server:
    """The server's row, made on first sight and locked for this transaction."""
    row = await tx.session.get(Server, guild_id, with_for_update=True)
    if row is None:
        await insert_if_absent(tx, Server, guild_id=guild_id, joined_at=tx.now)
        row = await tx.session.get_one(Server, guild_id, with_for_update=True)
    return row


async def left(tx: Tx) -> frozenset[int]:
    """Ids of the servers from which the bot was removed, as far as it knows."""
    return frozenset(await tx.session.scalars(select(Server.guild_id).where(Server.left_at.is_not(None))))


async def enrol(tx: Tx, guild_id: int, user_id: int, standing: Standing) -> bool:
    """Put somebody on the roster; False if they already were."""
    known = await tx.session.scalar(
        select(RosterEntry.id).where(
            RosterEntry.guild_id == guild_id,
            RosterEntry.user_id == user_id,
            RosterEntry.standing == standing,
            RosterEntry.until.is_(None),
        )
    )
    if known is not None:
        return False
    tx.session.add(RosterEntry(guild_id=guild_id, user_id=user_id, standing=standing, since=tx.now))
    await tx.session.flush()
    await tx.emit(RosterChanged(guild_id))
    return True


async def discharge(tx: Tx, guild_id: int, user_id: int, standing: Standing | None = None) -> None:
    """Take somebody off the roster (of one group, or of all: they left the server)."""
    query = update(RosterEntry).where(
        RosterEntry.guild_id == guild_id, RosterEntry.user_id == user_id, RosterEntry.until.is_(None)
    )
    if standing is not None:
        query = query.where(RosterEntry.standing == standing)
    await tx.session.execute(query.values(until=tx.now))
    await tx.emit(RosterChanged(guild_id))


async def roster(tx: Tx, guild_id: int, standings: Iterable[Standing]) -> list[int]:
    """User ids of these groups, in the order in which they joined."""
    rows = await tx.session.execute(
        select(RosterEntry.user_id, func.min(RosterEntry.id))
        .where(
            RosterEntry.guild_id == guild_id,
            RosterEntry.standing.in_([str(one) for one in standings]),
            or_(RosterEntry.until.is_(None), RosterEntry.until > tx.now),
        )
        .group_by(RosterEntry.user_id)
        .order_by(func.min(RosterEntry.id))
    )
    return [user_id for user_id, _ in rows]


async def standings(
    tx: Tx, view: ServerView, user_id: int, role_ids: Iterable[int], *, manager: bool = False
) -> frozenset[Standing]:
    """Everything that somebody is towards the server: by the roster, by mapped roles, by Manage Server."""
    rows = await tx.session.scalars(
        select(RosterEntry.standing).where(
            RosterEntry.guild_id == view.guild_id,
            RosterEntry.user_id == user_id,
            or_(RosterEntry.until.is_(None), RosterEntry.until > tx.now),
        )
    )
    held = set(role_ids)
    found = {Standing(name) for name in rows} & set(ON_THE_ROSTER)
    found |= {standing for standing, role in view.roles.items() if role in held}
    found.add(Standing.ANYONE)
    if manager:
        found.add(Standing.MANAGER)
    return frozenset(found)


async def zone_of(tx: Tx, view: ServerView, user_id: int) -> ZoneInfo:
    """The person's own time zone, else the server's."""
    name = await tx.session.scalar(
        select(Person.zone).where(Person.guild_id == view.guild_id, Person.user_id == user_id)
    )
    return ZoneInfo(name) if name else view.zone
