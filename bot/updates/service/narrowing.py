"""An incident that became private: nothing about it goes out any more (rule 4)."""

from __future__ import annotations

from sqlalchemy import update

from bot.effects import store as effects
from bot.incidents import store
from bot.incidents.events import SeverityChanged
from bot.storage import Tx
from bot.updates.models import PublicUpdate
from bot.updates.rules import Stage
from bot.updates.service.effects import EDIT, POST


async def on_changed(tx: Tx, event: SeverityChanged) -> None:
    """What waits, for a second responder or for Discord, is put aside; what is on its way is taken back on landing."""
    incident = await store.row(tx, event.incident_id)
    if not incident.private:
        return
    await effects.cancel(tx, incident.subject, [POST, EDIT])
    await tx.session.execute(
        update(PublicUpdate)
        .where(PublicUpdate.incident_id == incident.id, PublicUpdate.state.in_((Stage.WAITING, Stage.SENDING)))
        .values(state=Stage.FAILED)
    )
