"""Effects that move a closed room to the archive, and back. Nothing of an incident is ever deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.effects import Attempt, Refused, record
from bot.effects.messages import LOOK_AGAIN
from bot.incidents import store
from bot.incidents.notices.rights import (
    BOT_MAY,
    HISTORY,
    MANAGE_CHANNELS,
    MANAGE_ROLES,
    MEMBER_MAY,
    SEND,
    VIEW,
    as_far_as_held,
)
from bot.incidents.ports import MakeOverwrite, RoomPort
from bot.incidents.service import problems
from bot.incidents.service.effects import ARCHIVE_RECONCILE
from bot.incidents.store import IncidentView
from bot.kernel.ids import snowflake_time
from bot.kernel.limits import CHANNELS_PER_CATEGORY
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx

ARCHIVE_NAME, REASON = "Incident archive", "archive of incidents"
CATEGORY = 4
CLOCKS_DIFFER = timedelta(minutes=10)
"""Ids carry Discord's time, effects have ours."""


@dataclass(frozen=True)
class ArchivePlan:
    """A room to move."""

    incident: IncidentView
    server: ServerView
    back: bool


@dataclass(frozen=True)
class Archive:
    """Moves a closed room to the archive, read-only, or back. Nothing is deleted; full archives roll over."""

    port: RoomPort
    overwrite: MakeOverwrite
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> ArchivePlan | None:
        """None where it was reopened (or closed again) meanwhile, or has no room."""
        row = await store.row(tx, attempt.payload["incident"])
        back = bool(attempt.payload.get("back"))
        if row.channel_id is None or back != (row.archived_at is None):
            return None
        return ArchivePlan(await store.view(tx, row), await servers.settings(tx, row.guild_id), back)

    async def act(self, attempt: Attempt, plan: ArchivePlan) -> dict[str, Any]:
        """Set the rights and the category in one call."""
        incident = plan.incident
        assert incident.channel_id is not None
        people = [one.user_id for one in incident.people]
        may = MEMBER_MAY if plan.back else VIEW | HISTORY
        deny = 0 if plan.back else SEND
        channel_id = incident.channel_id

        async def move(mask: int) -> dict[str, Any]:
            parent, made = await self._category(attempt, plan, mask)
            await self.port.modify_channel(
                channel_id,
                permission_overwrites=[
                    self.overwrite(incident.guild_id, False, deny=VIEW).payload(),
                    self.overwrite(self.own_id(), True, allow=BOT_MAY & mask).payload(),
                    *(self.overwrite(one, True, allow=may & mask, deny=deny & mask).payload() for one in people[:900]),
                ],
                parent_id=None if parent is None else str(parent),
                reason=incident.ref,
            )
            return {"category_id": parent, "made": made}

        needs = VIEW | MANAGE_CHANNELS | MANAGE_ROLES
        return await as_far_as_held(self.port, incident.guild_id, self.own_id(), needs, move)

    async def _category(self, attempt: Attempt, plan: ArchivePlan, mask: int) -> tuple[int | None, bool]:
        """The category to move to: the first archive with room, else a new one."""
        if plan.back:
            return plan.server.category_id, False
        channels = await self.port.channels(plan.incident.guild_id)
        alive = {int(one["id"]) for one in channels}
        filled: dict[int, int] = {}
        for one in channels:
            if one.get("parent_id"):
                filled[int(one["parent_id"])] = filled.get(int(one["parent_id"]), 0) + 1
        for category in plan.server.archive_category_ids:
            if category in alive and filled.get(category, 0) < CHANNELS_PER_CATEGORY:
                return category, False
        name = f"{ARCHIVE_NAME} {len(plan.server.archive_category_ids) + 1}"
        for one in channels:
            if attempt.uncertain and one.get("type") == CATEGORY and one.get("name") == name:
                return int(one["id"]), True
        made = await self.port.create_channel(
            plan.incident.guild_id,
            name,
            kind=CATEGORY,
            overwrites=[
                self.overwrite(plan.incident.guild_id, False, deny=VIEW),
                self.overwrite(self.own_id(), True, allow=BOT_MAY & mask),
            ],
            reason=REASON,
        )
        return made, True

    async def done(self, tx: Tx, attempt: Attempt, plan: ArchivePlan, result: dict[str, Any]) -> None:
        """A new archive category belongs to the server's set-up; after an uncertain try, look for a late twin."""
        if not result.get("made"):
            return
        guild_id = plan.incident.guild_id
        known = [*(await servers.settings(tx, guild_id)).archive_category_ids, result["category_id"]]
        known = list(dict.fromkeys(known))
        await servers.change_settings(tx, guild_id, person_id=None, archive_category_ids=known)
        if attempt.uncertain:
            await record(
                tx,
                ARCHIVE_RECONCILE,
                guild_id=guild_id,
                subject=attempt.subject,
                key=f"archive_reconcile:{attempt.id}",
                payload={**attempt.payload, "kept": result["category_id"], "since": attempt.created_at.isoformat()},
                not_before=tx.now + LOOK_AGAIN,
            )

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """Told in the room, which stays where it is."""
        await problems.refused(tx, attempt, error)


@dataclass(frozen=True)
class ReconcileArchive:
    """After an uncertain creation of an archive category: an empty one that came of the same try goes again."""

    port: RoomPort

    async def load(self, tx: Tx, attempt: Attempt) -> ServerView:
        """Always worth a look."""
        return await servers.settings(tx, attempt.guild_id)

    async def act(self, attempt: Attempt, plan: ServerView) -> dict[str, Any]:
        """Delete what has the name of the one in use, is none of the archives, holds nothing and is as new."""
        kept, since = attempt.payload["kept"], datetime.fromisoformat(attempt.payload["since"]) - CLOCKS_DIFFER
        listed = await self.port.channels(attempt.guild_id)
        names = [one["name"] for one in listed if int(one["id"]) == kept]
        spared = {*plan.archive_category_ids, *(int(one["parent_id"]) for one in listed if one.get("parent_id"))}
        found = [int(one["id"]) for one in listed if one.get("type") == CATEGORY and one["name"] in names]
        extra = [one for one in found if one not in spared and snowflake_time(one) >= since]
        for one in extra:
            await self.port.delete_channel(one, reason=REASON)
        return {"deleted": extra}

    async def done(self, tx: Tx, attempt: Attempt, plan: ServerView, result: dict[str, Any]) -> None:
        """Nothing to write."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """An empty category that stays is in nobody's way."""
