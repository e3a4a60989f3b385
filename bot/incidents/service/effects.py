"""The effects that incidents need, each recorded under a key that makes it happen once."""

from __future__ import annotations

from bot.effects import record
from bot.effects.store import unfinished
from bot.incidents.models import Incident
from bot.storage import Tx

ROOM_CREATE = "incident.room"
ROOM_GRANT = "incident.grant"
ROOM_REVOKE = "incident.revoke"
ROOM_ARCHIVE = "incident.archive"
ROOM_RECONCILE = "incident.reconcile"
ARCHIVE_RECONCILE = "incident.archive_reconcile"
PAGE = "incident.page"
PAGE_DM = "incident.page_dm"
ROOM_SEAL = "incident.seal"
ROOM_LOG = "incident.room_log"
CARD = "incident.card"
CARD_PIN = "incident.card_pin"
BRIEF = "incident.brief"
BOARD = "incident.board"
LINE = "incident.line"
TELL = "incident.tell"
WITHDRAW = "incident.withdraw"


async def room_need(tx: Tx, incident: Incident) -> int | None:
    """The effect that makes the room, while it has not ended; what is posted there waits for it."""
    return await unfinished(tx, incident.subject, ROOM_CREATE)


async def refresh_card(tx: Tx, incident: Incident, *, needs: tuple[int | None, ...] = ()) -> int:
    """Bring the incident card up to date; several changes in a row need one edit."""
    return await record(
        tx,
        CARD,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"card:{incident.id}",
        payload={"incident": incident.id},
        needs=[await room_need(tx, incident), *needs],
        latest_wins=True,
    )


async def refresh_board(tx: Tx, incident: Incident) -> int:
    """Bring the line in operations up to date (never for private incidents: the handler checks).

    It links the room, so it waits for one that is being made rather than to be edited at once.
    """
    return await record(
        tx,
        BOARD,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"board:{incident.id}",
        payload={"incident": incident.id},
        needs=[await room_need(tx, incident)],
        latest_wins=True,
    )


async def refresh_brief(tx: Tx, incident: Incident, *, needs: tuple[int | None, ...] = ()) -> int:
    """Post the brief, or bring its ticks up to date."""
    return await record(
        tx,
        BRIEF,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"brief:{incident.id}",
        payload={"incident": incident.id},
        needs=[await room_need(tx, incident), *needs],
        latest_wins=True,
    )


async def grant(tx: Tx, incident: Incident, user_id: int) -> int | None:
    """Let somebody see the room. None where there is no room to open, or it is still to be made (then with them)."""
    if incident.channel_id is None:
        return None
    return await record(
        tx,
        ROOM_GRANT,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"grant:{incident.id}:{user_id}:{tx.now.timestamp():.3f}",
        payload={"incident": incident.id, "user": user_id},
        lane=f"grant:{incident.id}:{user_id}",
    )


async def line(tx: Tx, incident: Incident, entry_id: int | None) -> None:
    """Show a log entry in the room."""
    if entry_id is None:
        return
    await record(
        tx,
        LINE,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"line:{entry_id}",
        payload={"incident": incident.id, "entry": entry_id},
        needs=[await room_need(tx, incident)],
        lane=f"line:{incident.id}",
    )


async def tell(
    tx: Tx,
    incident: Incident,
    what: str,
    key: str,
    *,
    user_id: int | None = None,
    **params: int | str | bool | list[int],
) -> int:
    """Send one of the notices of `notices.tellings` by name: to the room, or privately to `user_id`."""
    return await record(
        tx,
        TELL,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"tell:{incident.id}:{key}",
        payload={"incident": incident.id, "what": what, "user": user_id, **params},
        needs=[await room_need(tx, incident)],
    )
