"""What Vigil said of an incident outside its room, and taking it back when the incident becomes private (rule 4)."""

from __future__ import annotations

from sqlalchemy import select

from bot.effects import posted, record
from bot.incidents.models import Incident, Report
from bot.incidents.service.effects import WITHDRAW
from bot.policy.words import Visibility
from bot.storage import Tx

NOTICE = "outside:"
"""Names of notices in operations begin so."""
_NAMES = (NOTICE, "page_here:")


async def take_back(tx: Tx, incident: Incident) -> None:
    """Notices in operations, a page where it was declared, and the card of the report that it came from.

    The board takes itself away, and the updates their reminders.
    """
    for name in _NAMES:
        for one in await posted.find_all(tx, incident.subject, name):
            await withdraw(tx, incident, one.channel_id, one.message_id)
            await posted.forget(tx, incident.subject, one.what)
    for report in await tx.session.scalars(select(Report).where(Report.incident_id == incident.id)):
        card = await posted.find(tx, report.subject, "card")
        if card is not None:
            await withdraw(tx, incident, card.channel_id, card.message_id)


async def still_may(tx: Tx, incident: Incident, what: str | None, channel_id: int, message_id: int) -> None:
    """After one was posted: if the incident became private while it was on its way, it is taken back at once."""
    if what and what.startswith(_NAMES) and Visibility(incident.visibility) is Visibility.PARTICIPANTS:
        await withdraw(tx, incident, channel_id, message_id)


async def withdraw(tx: Tx, incident: Incident, channel_id: int, message_id: int) -> None:
    """Delete one message of ours."""
    await record(
        tx,
        WITHDRAW,
        guild_id=incident.guild_id,
        subject=incident.subject,
        key=f"withdraw:{message_id}",
        payload={"incident": incident.id, "channel": channel_id, "message": message_id},
    )
