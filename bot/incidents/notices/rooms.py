"""Effects on rooms: make, open, close. Rights are computed from the record when the effect's turn comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.effects import Attempt, Refused, record
from bot.incidents import store
from bot.incidents.models import Incident
from bot.incidents.notices.rights import (
    BOT_MAY,
    MANAGE_CHANNELS,
    MANAGE_ROLES,
    MEMBER_MAY,
    VIEW,
    as_far_as_held,
)
from bot.incidents.ports import MakeOverwrite, RoomPort
from bot.incidents.rules import Place
from bot.incidents.service import detour, problems
from bot.incidents.service.effects import ROOM_RECONCILE, grant, refresh_board, refresh_brief, refresh_card
from bot.incidents.store import IncidentView
from bot.kernel.text import plain, slug
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx

MAX_CHANNELS = 30013
LOOK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True)
class RoomPlan:
    """A room to be made."""

    incident: IncidentView
    server: ServerView
    people: tuple[int, ...]
    name: str
    topic: str


@dataclass(frozen=True)
class CreateRoom:
    """Makes the private room; exactly its people see it (owner and administrators apart, as Discord has it)."""

    port: RoomPort
    overwrite: MakeOverwrite
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> RoomPlan | None:
        """None when it has a room, or is closed by now."""
        row = await store.row(tx, attempt.payload["incident"])
        if row.channel_id is not None or row.closed_at is not None:
            return None
        incident = await store.view(tx, row)
        server = await servers.settings(tx, row.guild_id)
        topic = f"{incident.ref} · {attempt.mark}"
        if not incident.private:
            topic = f"{incident.ref} · {plain(incident.title)[:200]} · {attempt.mark}"
        return RoomPlan(
            incident=incident,
            server=server,
            people=tuple(one.user_id for one in incident.people if not one.tagged_out),
            name=room_name(incident),
            topic=topic,
        )

    async def act(self, attempt: Attempt, plan: RoomPlan) -> dict[str, Any]:
        """Find the one of an earlier try, else create; without the category where that is full or gone."""
        guild_id = plan.incident.guild_id
        if attempt.uncertain:
            found = await self.port.find_channels(guild_id, attempt.mark)
            if found:
                for extra in found[1:]:
                    await self.port.delete_channel(extra, reason=plan.incident.ref)
                return {"channel_id": found[0]}

        async def make(mask: int) -> dict[str, Any]:
            return await self._make(plan, mask)

        return await as_far_as_held(self.port, guild_id, self.own_id(), VIEW | MANAGE_CHANNELS, make)

    async def _make(self, plan: RoomPlan, mask: int) -> dict[str, Any]:
        guild_id = plan.incident.guild_id
        rights = [
            self.overwrite(guild_id, False, deny=VIEW),
            self.overwrite(self.own_id(), True, allow=BOT_MAY & mask),
            *(self.overwrite(user_id, True, allow=MEMBER_MAY & mask) for user_id in plan.people[:900]),
        ]
        parents = [plan.server.category_id, None] if plan.server.category_id else [None]
        for parent in parents:
            try:
                channel_id = await self.port.create_channel(
                    guild_id,
                    plan.name,
                    parent_id=parent,
                    topic=plan.topic,
                    overwrites=rights,
                    reason=plan.incident.ref,
                )
            except Refused as error:
                # A category that is full, gone, hidden or closed to the bot is no reason to have no room.
                if parent is None or (error.code == MAX_CHANNELS and "500" in error.words):
                    raise
                continue
            return {"channel_id": channel_id, "without_category": parent is None and len(parents) > 1}
        raise AssertionError("the last parent either works or raises")

    async def done(self, tx: Tx, attempt: Attempt, plan: RoomPlan, result: dict[str, Any]) -> None:
        """The incident has its room; after an uncertain try, look once more for a late twin."""
        incident = await store.row(tx, plan.incident.id, lock=True)
        incident.channel_id, incident.place = result["channel_id"], Place.CHANNEL
        now_in = {one.user_id for one in await store.participants(tx, incident.id)}
        for late in now_in - set(plan.people):
            await grant(tx, incident, late)
        if attempt.uncertain:
            await record(
                tx,
                ROOM_RECONCILE,
                guild_id=incident.guild_id,
                subject=incident.subject,
                key=f"reconcile:{attempt.id}",
                payload={"incident": incident.id, "mark": attempt.mark},
                not_before=tx.now + LOOK_AGAIN,
            )
        await refresh_card(tx, incident)
        await refresh_brief(tx, incident)
        await refresh_board(tx, incident)
        if await problems.was_refused(tx, incident, attempt):
            await problems.show_log(tx, incident, room=None, key=f"room_log:room:{attempt.id}")

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """No room: the page goes by direct message and the person who declared learns what to change."""
        incident = await store.row(tx, attempt.payload["incident"], lock=True)
        incident.place = Place.NONE
        await detour.without_room(tx, incident)
        await problems.refused(tx, attempt, error)
        await refresh_board(tx, incident)


def room_name(incident: IncidentView) -> str:
    """`inc-0042-api-timeouts`; of a private incident only the reference, which tells nothing."""
    words = "" if incident.private else slug(incident.title)
    return f"{incident.ref}-{words}".rstrip("-")[:90]


@dataclass(frozen=True)
class Reconcile:
    """After an uncertain creation: of two rooms with one mark the older stays."""

    port: RoomPort

    async def load(self, tx: Tx, attempt: Attempt) -> Incident | None:
        """Always worth a look."""
        return await store.row(tx, attempt.payload["incident"])

    async def act(self, attempt: Attempt, plan: Incident) -> dict[str, Any]:
        """Delete the twins that came later, never the one in use."""
        found = await self.port.find_channels(plan.guild_id, attempt.payload["mark"])
        extra = [one for one in found if one != plan.channel_id] if plan.channel_id in found else found[1:]
        for one in extra:
            await self.port.delete_channel(one, reason=plan.ref)
        return {"deleted": extra}

    async def done(self, tx: Tx, attempt: Attempt, plan: Incident, result: dict[str, Any]) -> None:
        """Nothing to write."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """A twin that cannot be deleted is told."""
        await problems.refused(tx, attempt, error)


@dataclass(frozen=True)
class Grant:
    """Lets a person or a role see the room."""

    port: RoomPort
    overwrite: MakeOverwrite
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> Incident | None:
        """None without a room."""
        incident = await store.row(tx, attempt.payload["incident"])
        return incident if incident.channel_id is not None else None

    async def act(self, attempt: Attempt, plan: Incident) -> dict[str, Any]:
        """One overwrite; twice is once."""
        channel_id, role = plan.channel_id, attempt.payload.get("role")
        assert channel_id is not None

        async def open_to(mask: int) -> None:
            target = self.overwrite(role or attempt.payload["user"], role is None, allow=MEMBER_MAY & mask)
            await self.port.set_overwrite(channel_id, target, reason=plan.ref)

        await as_far_as_held(self.port, plan.guild_id, self.own_id(), VIEW | MANAGE_ROLES, open_to)
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: Incident, result: dict[str, Any]) -> None:
        """Nothing to write: the participant's row says it already."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """Told in the room."""
        await problems.refused(tx, attempt, error)


@dataclass(frozen=True)
class Seal:
    """An incident went private: its old room is closed to everyone but administrators, and tells nothing."""

    port: RoomPort
    overwrite: MakeOverwrite
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> Incident | None:
        """Always."""
        return await store.row(tx, attempt.payload["incident"])

    async def act(self, attempt: Attempt, plan: Incident) -> dict[str, Any]:
        """Only the bot's own rights stay."""

        async def close(mask: int) -> None:
            await self.port.modify_channel(
                attempt.payload["channel"],
                permission_overwrites=[
                    self.overwrite(plan.guild_id, False, deny=VIEW).payload(),
                    self.overwrite(self.own_id(), True, allow=BOT_MAY & mask).payload(),
                ],
                reason="closed",
            )

        await as_far_as_held(self.port, plan.guild_id, self.own_id(), VIEW | MANAGE_CHANNELS | MANAGE_ROLES, close)
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: Incident, result: dict[str, Any]) -> None:
        """Nothing to write: what stands in another channel than the room is not edited any more."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """Told in the new room."""
        await problems.refused(tx, attempt, error)
