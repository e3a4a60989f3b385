"""Working on an incident: acknowledge, log, join, bring in, tick, tag out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.effects import record
from bot.incidents import log, store
from bot.incidents.rules import Entry
from bot.incidents.service import fair, paging
from bot.incidents.service import lead as leading
from bot.incidents.service.context import HERE, Which, asked, standings_in_server
from bot.incidents.service.effects import (
    ROOM_GRANT,
    grant,
    line,
    refresh_card,
)
from bot.incidents.store import IncidentView
from bot.kernel import ids
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotFound, Repeated, WrongState
from bot.kernel.text import plain
from bot.kernel.times import read_instant
from bot.policy.words import Action
from bot.servers import store as servers
from bot.servers import words
from bot.servers.models import Draft
from bot.storage import UnitOfWork


@dataclass(frozen=True)
class Acknowledged:
    """`first`: this one stopped the escalation. `took_lead`: the lead was vacant and is now theirs."""

    incident: IncidentView
    first: bool
    took_lead: bool


@dataclass(frozen=True)
class Logged:
    """A line was added; `late`: it happened longer ago than it was recorded."""

    incident: IncidentView
    entry_id: int
    late: timedelta


@dataclass(frozen=True)
class MessageSource:
    """A message taken into the log: its author, time and place."""

    author_id: int
    channel_id: int
    message_id: int


@dataclass(frozen=True)
class WhichOne:
    """A message stands outside any room and several incidents are open: which one is meant? It is kept meanwhile."""

    draft_id: int
    incidents: tuple[IncidentView, ...]


MESSAGE_DRAFT = "incident.add_message"
NO_LOG = (
    "No incident is open that you can see, so there is no log to add it to. `/incident declare` starts one, and "
    "`/incident report` tells the responders."
)


class CoordinateService:
    """Everything that responders do in a room, besides leading and closing."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def acknowledge(self, caller: Caller, which: Which = HERE) -> Acknowledged:
        """`caller` has it: escalation stops, a vacant lead is theirs. Twice by the same person: no change.

        Raises NotFound, NotAllowed, WrongState. Source: guide, "Technical Outage › Assign Incident Lead".
        """
        async with self._uow(once=caller.once("acknowledge")) as tx:
            one = await asked(tx, caller, Action.ACKNOWLEDGE, which)
            first, took_lead = await leading.acknowledge(tx, one.incident, caller.user_id)
            return Acknowledged(await store.view(tx, one.incident), first, took_lead)

    async def decline(self, caller: Caller, which: Which = HERE) -> IncidentView:
        """ "I can't right now": the next person is asked at once, nobody asks why.

        Raises NotFound, NotAllowed, WrongState. Source: guide, "Self-Care During Incidents".
        """
        async with self._uow(once=caller.once("decline")) as tx:
            one = await asked(tx, caller, Action.DECLINE, which)
            incident = one.incident
            mine = [page for page in await store.pages(tx, incident.id) if page.user_id == caller.user_id]
            for page in mine:
                page.answer, page.answered_at = "declined", tx.now
            await log.note(tx, incident, Entry.DECLINED, actor=caller.user_id, once=f"declined:{caller.user_id}")
            if mine and incident.acknowledged_at is None:
                await paging.schedule_next(tx, incident, max(page.step for page in mine), after=timedelta(0))
            await refresh_card(tx, incident)
            return await store.view(tx, incident)

    async def add_log(
        self,
        caller: Caller,
        text: str,
        which: Which = HERE,
        *,
        at: str = "",
        source: MessageSource | None = None,
        corrects_id: int | None = None,
    ) -> Logged:
        """Add a line to the log; `at` is when it happened ("10:15", "5 min ago"), else now or the message's time.

        Raises BadInput, NotFound, NotAllowed, WrongState, TooMany. Source: guide, "Investigation › Maintain
        Communication Log".
        """
        body = plain(text, one_line=False).strip()
        if not body:
            raise BadInput("There is nothing to log yet. Write what happened, such as “Restarted the service”.")
        async with self._uow(once=caller.once("log")) as tx:
            one = await asked(tx, caller, Action.LOG, which, closed_ok=True)
            occurred = tx.now
            if at.strip():
                zone = await servers.zone_of(tx, one.server, caller.user_id)
                occurred = read_instant(at, now=tx.now, zone=zone, want="past")
            elif source is not None:
                occurred = ids.snowflake_time(source.message_id)
            await fair.lines(tx, one.incident, caller, one.standings, occurred)
            entry_id = await log.note(
                tx,
                one.incident,
                Entry.MESSAGE if source else Entry.CORRECTION if corrects_id else Entry.NOTE,
                actor=caller.user_id,
                text=body,
                occurred_at=occurred,
                params={} if source is None else vars(source),
                corrects_id=corrects_id,
                once=None if source is None else f"message:{source.message_id}",
            )
            if entry_id is None:
                raise WrongState("That message is in the log already.")
            await line(tx, one.incident, entry_id)
            await leading.works_on_it(tx, one.incident, caller.user_id)
            return Logged(await store.view(tx, one.incident), entry_id, tx.now - occurred)

    async def first_mention(self, caller: Caller) -> bool:
        """Whether this person may be told now that there is no log here: once an hour, so that nobody is drawn into a
        flood of replies."""
        hour = self._uow.clock.now().strftime("%Y%m%d%H")
        try:
            async with self._uow(once=f"mention:{caller.guild_id}:{caller.user_id}:{hour}"):
                return True
        except Repeated:
            return False

    async def add_message(self, caller: Caller, text: str, source: MessageSource) -> Logged | WhichOne:
        """Add a message to the log of its room's incident; elsewhere to the one that is open, or ask which is meant.

        Raises BadInput, NotFound where none is open that the caller may see, NotAllowed, WrongState.
        """
        try:
            return await self.add_log(caller, text, source=source)
        except NotFound:
            if caller.guild_id is None:
                raise
        async with self._uow() as tx:
            server = await servers.settings(tx, caller.guild_id)
            standings = await standings_in_server(tx, server, caller)
            found = await store.open_incidents(tx, caller.guild_id, caller.user_id, standings)
            if not found:
                raise NotFound(NO_LOG)
            draft_id = await words.save_draft(
                tx,
                guild_id=caller.guild_id,
                user_id=caller.user_id,
                purpose=MESSAGE_DRAFT,
                subject=str(source.message_id),
                data={"text": text, **vars(source)},
            )
        if len(found) == 1:
            return await self.add_kept_message(caller, draft_id, found[0].id)
        return WhichOne(draft_id, tuple(found))

    async def add_kept_message(self, caller: Caller, draft_id: int, incident_id: int) -> Logged:
        """The incident that was meant is chosen. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow.read() as tx:
            draft = await tx.session.get(Draft, draft_id)
            if draft is None or draft.user_id != caller.user_id or draft.purpose != MESSAGE_DRAFT:
                raise NotFound("That message is not kept any more. Please pick _Add to incident log_ on it again.")
            kept = dict(draft.data)
        source = MessageSource(kept["author_id"], kept["channel_id"], kept["message_id"])
        return await self.add_log(caller, kept["text"], Which(incident_id=incident_id), source=source)

    async def join(self, caller: Caller, which: Which = HERE) -> IncidentView:
        """A responder takes part and sees the room. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("join")) as tx:
            one = await asked(tx, caller, Action.JOIN, which)
            new = await store.bring_in(tx, one.incident, caller.user_id, "responder", active=True)
            if new:
                await grant(tx, one.incident, caller.user_id)
                await log.note(tx, one.incident, Entry.JOINED, actor=caller.user_id)
            await refresh_card(tx, one.incident)
            return await store.view(tx, one.incident)

    async def add_person(self, caller: Caller, user_id: int, which: Which = HERE, *, is_bot: bool) -> IncidentView:
        """Bring somebody in; they see the room. Raises BadInput for a bot, NotFound, NotAllowed, WrongState."""
        if is_bot:
            raise BadInput("A bot cannot take part in an incident. Please name a person.")
        async with self._uow(once=caller.once("add")) as tx:
            one = await asked(tx, caller, Action.ADD_PERSON, which)
            if not await store.bring_in(tx, one.incident, user_id, "responder"):
                raise WrongState("They are in this incident already.")
            await grant(tx, one.incident, user_id)
            await log.note(tx, one.incident, Entry.ADDED, actor=caller.user_id, params={"user": user_id})
            await refresh_card(tx, one.incident)
            return await store.view(tx, one.incident)

    async def add_role(self, caller: Caller, role_id: int, which: Which = HERE) -> IncidentView:
        """Let a role see the room; never for a private incident. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("add_role")) as tx:
            one = await asked(tx, caller, Action.ADD_ROLE, which)
            if one.incident.channel_id is None:
                raise WrongState("This incident has no room yet. Try again when it is there.")
            if role_id == one.incident.guild_id:
                raise BadInput("That would open the room to everyone. Please name a role of the people who help.")
            await record(
                tx,
                ROOM_GRANT,
                guild_id=one.incident.guild_id,
                subject=one.incident.subject,
                key=f"grant:{one.incident.id}:role:{role_id}",
                payload={"incident": one.incident.id, "role": role_id},
            )
            await log.note(tx, one.incident, Entry.ADDED, actor=caller.user_id, params={"role": role_id})
            return await store.view(tx, one.incident)

    async def tag_out(self, caller: Caller, which: Which = HERE) -> IncidentView:
        """Leave at once, no reason asked; a lead who leaves leaves the lead open and others are asked.

        Raises NotFound. Source: guide, "Self-Care During Incidents".
        """
        async with self._uow(once=caller.once("tag_out")) as tx:
            one = await asked(tx, caller, Action.TAG_OUT, which)
            incident = one.incident
            me = await store.participant(tx, incident.id, caller.user_id)
            if me is None or me.left_at is not None:
                raise WrongState("You are not in this incident, so nothing of it will call you.")
            if me.tagged_out_at is None:
                me.tagged_out_at, me.active = tx.now, False
                await log.note(tx, incident, Entry.TAGGED_OUT, actor=caller.user_id)
            for page in await store.pages(tx, incident.id):
                if page.user_id == caller.user_id and page.answer is None:
                    page.answer, page.answered_at = "declined", tx.now
                    await paging.schedule_next(tx, incident, page.step, after=timedelta(0))
            if incident.lead_id == caller.user_id:
                await leading.vacate(tx, incident)
            await refresh_card(tx, incident)
            return await store.view(tx, incident)

    async def page_someone(
        self, caller: Caller, user_id: int, which: Which = HERE, *, is_bot: bool = False
    ) -> IncidentView:
        """Page one more person by hand. Raises BadInput for a bot, NotFound, NotAllowed, WrongState, TooMany."""
        if is_bot:
            raise BadInput("A bot cannot answer a page. Please name a person.")
        async with self._uow(once=caller.once("page")) as tx:
            one = await asked(tx, caller, Action.PAGE, which)
            by_hand = range(paging.BY_HAND, paging.RAISED)
            await fair.pages(tx, one.incident, one.standings, user_id, by_hand)
            steps = [page.step for page in await store.pages(tx, one.incident.id) if page.step in by_hand]
            step = max(steps, default=paging.BY_HAND) + 1
            if not await paging.page_step(tx, one.incident, step, {user_id: "responder"}):
                raise WrongState("They tagged out, or said that they cannot right now. Please page somebody else.")
            await refresh_card(tx, one.incident)
            return await store.view(tx, one.incident)
