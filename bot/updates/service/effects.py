"""The effects of public updates, each recorded under a key that makes it happen once."""

from __future__ import annotations

from datetime import datetime

from bot.effects import posted, record
from bot.effects import store as effects
from bot.incidents.models import Incident
from bot.incidents.service.effects import room_need
from bot.incidents.service.pushes import Ringing
from bot.storage import Tx
from bot.updates.models import PublicUpdate

POST = "update.post"
EDIT = "update.edit"
REMIND = "update.remind"
REMIND_OPERATIONS = "update.remind_operations"
HEADS_UP = "update.heads_up"
GAP_ASK = "update.gap_ask"
WITHDRAW = "update.withdraw"
REMINDER = "reminder:"
OPERATIONS = "reminder:operations:"


async def post(tx: Tx, incident: Incident, update: PublicUpdate) -> int:
    """Publish it; the updates of one incident appear in the order in which they were recorded."""
    return await record(
        tx,
        POST,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"update:{update.id}",
        payload={"update": update.id},
        lane=f"updates:{incident.id}",
    )


async def edit(tx: Tx, incident: Incident, update: PublicUpdate) -> int:
    """Bring the published message to its corrected words."""
    return await record(
        tx,
        EDIT,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"update_edit:{update.id}",
        payload={"update": update.id},
        latest_wins=True,
    )


async def remind(
    tx: Tx, incident: Incident, due_at: datetime, number: int, ringing: Ringing, needs: list[int | None]
) -> int:
    """Say in the room that the update is due, rung `number` of the ladder; it rings for those of `ringing`, if any."""
    return await record(
        tx,
        REMIND,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"remind:{incident.id}:{due_at.isoformat()}:{number}",
        payload={
            "incident": incident.id,
            "due": due_at.isoformat(),
            "number": number,
            "users": list(ringing.users),
            "also": list(ringing.also),
        },
        needs=[await room_need(tx, incident), *needs],
        lane=f"remind:{incident.id}",
    )


async def remind_operations(tx: Tx, incident: Incident, due_at: datetime, number: int) -> int:
    """Say in operations, without a ping, that the update is overdue."""
    return await record(
        tx,
        REMIND_OPERATIONS,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"remind_operations:{incident.id}:{due_at.isoformat()}:{number}",
        payload={"incident": incident.id, "due": due_at.isoformat(), "number": number},
        lane=f"remind_operations:{incident.id}",
    )


async def heads_up(tx: Tx, incident: Incident, due_at: datetime) -> int:
    """Say silently in the room that an update is due soon, with a draft."""
    return await record(
        tx,
        HEADS_UP,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"heads_up:{incident.id}:{due_at.isoformat()}",
        payload={"incident": incident.id, "due": due_at.isoformat()},
        needs=[await room_need(tx, incident)],
        lane=f"remind:{incident.id}",
    )


async def gap_ask(tx: Tx, incident: Incident, update: PublicUpdate) -> int:
    """Ask in the room for a second responder."""
    return await record(
        tx,
        GAP_ASK,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"gap:{update.id}",
        payload={"update": update.id},
        needs=[await room_need(tx, incident)],
    )


async def withdraw(tx: Tx, incident: Incident, *, in_room: bool = True) -> None:
    """Reminders that nobody needs any more go away: those that wait, and those that stand.

    Without `in_room` only those in operations: the one in the room, with the buttons that answer, is still the newest.
    """
    await effects.cancel(
        tx, incident.subject, [REMIND, REMIND_OPERATIONS, HEADS_UP] if in_room else [REMIND_OPERATIONS]
    )
    for one in await posted.find_all(tx, incident.subject, REMINDER if in_room else OPERATIONS):
        await withdraw_message(tx, incident, one.channel_id, one.message_id)
        await posted.forget(tx, incident.subject, one.what)


async def withdraw_message(tx: Tx, incident: Incident, channel_id: int, message_id: int) -> None:
    """Take one message back."""
    await record(
        tx,
        WITHDRAW,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"withdraw:{message_id}",
        payload={"channel": channel_id, "message": message_id},
    )
