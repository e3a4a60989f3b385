"""Messages about reports: the silent card in operations, the private word to named people, the answer."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from bot.effects import Attempt, Effect, Refused, State, posted, record
from bot.effects.messages import Outgoing
from bot.incidents.cards import reports as cards
from bot.incidents.models import Incident, Report
from bot.incidents.service import report as service
from bot.policy.words import Visibility
from bot.servers import store as servers
from bot.servers import words
from bot.storage import Tx

logger = structlog.get_logger(__name__)


async def _load(tx: Tx, attempt: Attempt) -> tuple[Report, str] | None:
    row = await tx.session.get(Report, attempt.payload["report"])
    if row is None:
        return None
    return row, (await words.read(tx, [row.words_id])).get(row.words_id, "")


async def card(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """In operations, silently; settled later by an edit."""
    found = await _load(tx, attempt)
    if found is None:
        return None
    row, text = found
    server = await servers.settings(tx, row.guild_id)
    known = await posted.find(tx, row.subject, "card")
    incident = None if row.incident_id is None else await tx.session.get(Incident, row.incident_id)
    if incident is not None and Visibility(incident.visibility) is Visibility.PARTICIPANTS:
        return None  # operations may not know of it; the card was taken back, or is about to be
    message = cards.report_card(row.id, row.reporter_id, text, row.state, incident.ref if incident else None)
    if known is not None:
        return Outgoing(message, channel_id=known.channel_id, edit=known.message_id, edit_mark=known.mark)
    if server.operations_channel_id is None:
        return None
    return Outgoing(message, channel_id=server.operations_channel_id, what="card")


async def to_person(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """To a named person, privately."""
    found = await _load(tx, attempt)
    if found is None or found[0].state != "open":
        return None
    row, text = found
    return Outgoing(
        cards.private_report(row.id, row.about, row.reporter_id, text),
        user_id=attempt.payload["user"],
        what=f"private:{attempt.payload['user']}",
    )


async def unnamed(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """To the owner of the server, while nobody is named: that a report waits, and nothing of what it says."""
    found = await _load(tx, attempt)
    if found is None or found[0].state != "open":
        return None
    return Outgoing(cards.nobody_named(found[0].about), user_id=attempt.payload["user"])


async def answer(tx: Tx, attempt: Attempt) -> Outgoing | None:
    """To the reporter: what became of it."""
    row = await tx.session.get(Report, attempt.payload["report"])
    if row is None:
        return None
    state = "unread" if attempt.payload.get("unread") else row.state
    return Outgoing(cards.answer(state), user_id=row.reporter_id)


async def refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """The answer did not reach the reporter: noted, since nobody else is concerned."""
    logger.warning("report.not_delivered", effect=attempt.id, code=error.code)


async def card_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Operations cannot be posted in: those who would have read it there are told one by one."""
    await refused(tx, attempt, error)
    row = await tx.session.get(Report, attempt.payload["report"])
    if row is None or row.state != "open":
        return
    server = await servers.settings(tx, row.guild_id)
    for user_id in await service.named_people(tx, server, service.KIND_OF[row.about], besides=row.reporter_id):
        await service.to_person(tx, row, user_id)


async def person_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """A named person cannot be reached. Nothing private may go elsewhere; where none of them can be, the reporter
    learns it, so that nobody waits for an answer that nobody writes."""
    await refused(tx, attempt, error)
    row = await tx.session.get(Report, attempt.payload["report"])
    if row is None or row.state != "open":
        return
    others = await tx.session.scalar(
        select(Effect.id)
        .where(
            Effect.subject == row.subject,
            Effect.kind == service.TO_PERSON,
            Effect.id != attempt.id,
            Effect.state.in_((State.PENDING, State.RUNNING, State.DONE)),
        )
        .limit(1)
    )
    if others is None:
        await record(
            tx,
            service.ANSWER,
            guild_id=row.guild_id,
            subject=row.subject,
            key=f"report_unread:{row.id}",
            payload={"report": row.id, "user": row.reporter_id, "unread": True},
        )
