"""The one who coordinates: offered, accepted, taken when vacant, left open without blame; and who has it at all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot import deadlines
from bot.deadlines import store as due_store
from bot.incidents import log, store
from bot.incidents.models import Incident, LeadHandoff
from bot.incidents.rules import Entry, retention
from bot.incidents.service import paging
from bot.incidents.service.context import HERE, Which, asked
from bot.incidents.service.effects import grant, refresh_board, refresh_card, tell
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, NotFound, WrongState
from bot.oncall import store as oncall
from bot.policy.permissions import permitted
from bot.policy.words import Action, Kind
from bot.servers import words
from bot.storage import Tx, UnitOfWork


@dataclass(frozen=True)
class Handoff:
    """An offered handoff; `pending` until the other one accepts."""

    incident: IncidentView
    to_id: int
    pending: bool


class LeadService:
    """`/incident lead`, _Hand over lead_, and the offer's buttons."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def offer(
        self, caller: Caller, to_id: int, notes: str, which: Which = HERE, *, is_bot: bool, absent: bool = False
    ) -> Handoff:
        """Offer the lead with what the next one needs to know; to oneself: take it when vacant.

        `absent`: that person is no member of the server. Raises BadInput for such a one and for a bot, NotFound,
        NotAllowed, WrongState.
        """
        if is_bot:
            raise BadInput("A bot cannot lead an incident. Please name a person.")
        if absent:
            raise BadInput("That person is not in this server, so they cannot lead here. Please name somebody who is.")
        async with self._uow(once=caller.once("lead")) as tx:
            to_self = to_id == caller.user_id
            one = await asked(tx, caller, Action.TAKE_LEAD if to_self else Action.SEE, which)
            incident = one.incident
            if incident.lead_id == to_id:
                raise WrongState("You lead this incident already." if to_self else "They lead this incident already.")
            if to_self:
                if incident.lead_id is not None:
                    raise WrongState(
                        f"<@{incident.lead_id}> leads this incident. They can hand it over with _Hand over lead_, "
                        "or tag out."
                    )
                await give(tx, incident, to_id, by=to_id)
                await works_on_it(tx, incident, to_id)
                return Handoff(await store.view(tx, incident), to_id, pending=False)
            known = await store.participant(tx, incident.id, to_id)
            if known is not None and known.tagged_out_at is not None:
                raise WrongState(
                    "They tagged out of this incident, so it does not call them again. Please ask another."
                )
            vacant = incident.lead_id is None
            if not vacant and not permitted(Action.HAND_OVER_LEAD, one.standings, kind=Kind(incident.kind)):
                raise NotAllowed("The lead passes it on, or the one on call. Ask them, or offer to help in the room.")
            await self._offer(tx, incident, caller, to_id, notes)
            return Handoff(await store.view(tx, incident), to_id, pending=True)

    async def _offer(self, tx: Tx, incident: Incident, caller: Caller, to_id: int, notes: str) -> None:
        words_id = None
        if notes.strip():
            words_id = await words.write(
                tx,
                notes.strip(),
                guild_id=incident.guild_id,
                subject=incident.subject,
                field="handoff",
                retention=retention(Kind(incident.kind), practice=incident.practice),
            )
        for earlier in await _pending(tx, incident.id):
            earlier.answered_at, earlier.answer = tx.now, "overtaken"
        row = LeadHandoff(
            incident_id=incident.id,
            guild_id=incident.guild_id,
            from_id=incident.lead_id,
            to_id=to_id,
            words_id=words_id,
            offered_at=tx.now,
        )
        tx.session.add(row)
        await tx.session.flush()
        if await store.bring_in(tx, incident, to_id, "responder"):
            await grant(tx, incident, to_id)
        await log.note(tx, incident, Entry.LEAD_OFFERED, actor=caller.user_id, params={"to": to_id, "handoff": row.id})
        await tell(tx, incident, "lead_offer", f"lead_offer:{row.id}", handoff=row.id)

    async def answer(self, caller: Caller, handoff_id: int, *, accept: bool) -> IncidentView:
        """The one who was asked accepts, or not. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("lead_answer")) as tx:
            row = await tx.session.get(LeadHandoff, handoff_id)
            if row is None:
                raise NotFound(store.NO_SUCH)
            one = await asked(tx, caller, Action.SEE, Which(incident_id=row.incident_id))
            await tx.session.refresh(row)  # somebody may have answered while this one waited for the incident
            if row.to_id != caller.user_id:
                raise NotAllowed("This was offered to somebody else; only they can accept it.")
            if row.answered_at is not None:
                raise WrongState("This offer is settled already. The card shows who leads.")
            row.answered_at, row.answer = tx.now, "accepted" if accept else "declined"
            if accept:
                await give(tx, one.incident, caller.user_id, by=caller.user_id)
                await works_on_it(tx, one.incident, caller.user_id)
            else:
                await tell(tx, one.incident, "lead_declined", f"lead_declined:{row.id}", handoff=row.id)
            return await store.view(tx, one.incident)


async def give(tx: Tx, incident: Incident, user_id: int, *, by: int) -> None:
    """The lead is theirs now; who led before stays in as a responder."""
    before = incident.lead_id
    incident.lead_id = user_id
    await store.bring_in(tx, incident, user_id, "lead", active=True)
    if before is not None and before != user_id:
        old = await store.participant(tx, incident.id, before)
        if old is not None:
            old.role = "responder"
    for row in await due_store.open_rows(tx, incident.subject):
        if row.owner is not None or row.kind.startswith("duty."):
            row.owner = str(user_id)
    for offer in await _pending(tx, incident.id):
        offer.answered_at, offer.answer = tx.now, "overtaken"
    await log.note(tx, incident, Entry.LEAD, actor=by, params={"lead": user_id, "before": before})
    await refresh_card(tx, incident)
    await refresh_board(tx, incident)


async def vacate(tx: Tx, incident: Incident) -> None:
    """The lead is open; the secondary, else the others who are here, are asked once.

    Source: guide, "Self-Care During Incidents": nobody has to be a hero.
    """
    before = incident.lead_id
    incident.lead_id = None
    me = await store.participant(tx, incident.id, before) if before is not None else None
    if me is not None:
        me.role = "responder"
    on_call = await oncall.on_call_at(tx, incident.guild_id, tx.now)
    resting = {one.user_id for one in await store.participants(tx, incident.id) if one.tagged_out_at is not None}
    asking = [user_id for user_id in (on_call.secondary, on_call.primary) if user_id and user_id not in resting][:1]
    if incident.practice:
        asking = []
    for user_id in asking:
        if await store.bring_in(tx, incident, user_id, "responder"):
            await grant(tx, incident, user_id)
    entry = await log.note(tx, incident, Entry.LEAD_OPEN, params={"asking": asking, "before": before})
    await tell(tx, incident, "lead_open", f"lead_open:{entry}", asking=",".join(str(user_id) for user_id in asking))
    await refresh_board(tx, incident)


async def _pending(tx: Tx, incident_id: int) -> list[LeadHandoff]:
    rows = await tx.session.scalars(
        select(LeadHandoff).where(LeadHandoff.incident_id == incident_id, LeadHandoff.answered_at.is_(None))
    )
    return list(rows.all())


async def acknowledge(tx: Tx, incident: Incident, user_id: int) -> tuple[bool, bool]:
    """Within a transaction: (was the first, took a vacant lead)."""
    await store.bring_in(tx, incident, user_id, "responder", active=True)
    for page in await store.pages(tx, incident.id):
        if page.user_id == user_id and page.answer is None:
            page.answer, page.answered_at = "acknowledged", tx.now
    first = incident.acknowledged_at is None
    if first:
        incident.acknowledged_at, incident.acknowledged_by = tx.now, user_id
        await deadlines.meet(tx, incident.subject, ["duty.acknowledge"])
        await deadlines.end(tx, incident.subject, [paging.ESCALATE], "acknowledged")
        waited = int((tx.now - incident.declared_at).total_seconds())
        await log.note(tx, incident, Entry.ACKNOWLEDGED, actor=user_id, params={"after_s": waited})
    took_lead = incident.lead_id is None
    if took_lead:
        await give(tx, incident, user_id, by=user_id)
    await refresh_card(tx, incident)
    await refresh_board(tx, incident)
    return first, took_lead


async def works_on_it(tx: Tx, incident: Incident, user_id: int) -> None:
    """Logging, updating or leading makes somebody a participant.

    By one who was paged or is on call it is also an acknowledgement (design §1).
    """
    if incident.closed_at is not None:
        return
    await store.bring_in(tx, incident, user_id, "responder", active=True)
    if incident.acknowledged_at is None and await _is_asked(tx, incident, user_id):
        await acknowledge(tx, incident, user_id)
    else:
        await refresh_card(tx, incident)


async def _is_asked(tx: Tx, incident: Incident, user_id: int) -> bool:
    """Whether this person was paged, or is on call now (of a practice only who was paged)."""
    if any(page.user_id == user_id for page in await store.pages(tx, incident.id)):
        return True
    return not incident.practice and await oncall.is_on_call(tx, incident.guild_id, user_id, tx.now)
