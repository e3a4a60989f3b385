"""Recording an update: where it goes, its words, and sending it on its way."""

from __future__ import annotations

from datetime import datetime

from bot.incidents.models import Incident
from bot.incidents.rules import retention
from bot.incidents.service.change import set_status
from bot.incidents.service.context import Asked
from bot.incidents.service.lead import works_on_it
from bot.kernel.caller import Caller
from bot.kernel.errors import WrongState
from bot.policy.words import Kind, Status
from bot.servers import words
from bot.storage import Tx
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import Said, Stage
from bot.updates.service import effects
from bot.updates.service.promise import to_the_minute

PRIVATE = (
    "This incident is private, so nothing about it is posted in public. Tell the people concerned directly; "
    "`/incident log` keeps what you told them."
)
NO_CHANNEL = (
    "No channel for public updates is set up, so there is nowhere to publish this. Who has Manage Server picks one "
    "with `/setup`; what you wrote is kept."
)


def place_of(one: Asked) -> int:
    """The channel for its public updates; practice goes to operations. Raises WrongState where there is none."""
    server = one.server
    if one.incident.practice:
        channel = server.operations_channel_id or one.incident.channel_id
    else:
        channel = server.updates_channel_id
    if channel is None:
        raise WrongState(NO_CHANNEL)
    return channel


async def write(
    tx: Tx,
    one: Asked,
    caller: Caller,
    kind: Said,
    status: Status,
    texts: dict[str, str],
    *,
    next_at: datetime | None,
    deviation: bool = False,
    stage: Stage = Stage.SENDING,
) -> PublicUpdate:
    """Record an update and send it on its way; its clock moves when it is out. Raises WrongState without a channel."""
    incident = one.incident
    row = PublicUpdate(
        guild_id=incident.guild_id,
        incident_id=incident.id,
        kind=kind,
        state=stage,
        status=status,
        person_id=await words.person(tx, incident.guild_id, caller.user_id),
        recorded_at=tx.now,
        next_at=None if next_at is None else to_the_minute(next_at, tx.now),
        deviation=deviation,
        channel_id=place_of(one),
    )
    tx.session.add(row)
    await tx.session.flush()
    await keep_words(tx, incident, row, texts)
    for earlier in await updates.waiting(tx, incident.id):
        if earlier.id != row.id:
            earlier.state = Stage.FAILED
    if not status.closed:
        await set_status(tx, incident, status, by=caller.user_id)
        await works_on_it(tx, incident, caller.user_id)
    if stage is Stage.SENDING:
        await effects.post(tx, incident, row)
    return row


def public_only(incident: Incident) -> None:
    """Raises WrongState for a private incident, of which nothing is posted in public."""
    if incident.private:
        raise WrongState(PRIVATE)


async def keep_words(tx: Tx, incident: Incident, row: PublicUpdate, texts: dict[str, str]) -> None:
    """Keep the words of an update, part by part; a correction may empty one."""
    for part, text in texts.items():
        if text.strip() or row.corrected_at is not None:
            await words.write(
                tx,
                text,
                guild_id=incident.guild_id,
                subject=row.subject,
                field=part,
                retention=retention(Kind(incident.kind), practice=incident.practice),
            )
