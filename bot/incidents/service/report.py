"""What any member may report: about a system, a weakness or a person; the last two go to named people only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.effects import Effect, record
from bot.incidents import store
from bot.incidents.models import Report
from bot.incidents.service import fair
from bot.incidents.service.context import standings_in_server
from bot.incidents.service.declaration import Declaration, says_something
from bot.incidents.service.declare import Declared, declare
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, NotFound, WrongState
from bot.kernel.text import plain
from bot.policy.permissions import permitted
from bot.policy.words import SPECIALISTS, Action, Kind, Severity, Standing
from bot.servers import store as servers
from bot.servers import words
from bot.servers.store import ServerView
from bot.storage import Tx, UnitOfWork
from bot.storage.row_ids import counted_id, hidden_id

CARD, TO_PERSON, ANSWER = "report.card", "report.person", "report.answer"
UNNAMED = "report.unnamed"
KIND_OF = {"system": Kind.OUTAGE, "weakness": Kind.SECURITY, "person": Kind.COMMUNITY}


@dataclass(frozen=True)
class Reported:
    """`told`: how many named people were told privately; `in_operations`: a card stands there.

    `owner_asked`: nobody is named; the owner of the server reads it, or (what is private) is asked to name somebody.
    """

    about: str
    told: int
    in_operations: bool
    owner_asked: bool = False


class ReportService:
    """`/incident report` and the two buttons on its card."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def report(self, caller: Caller, about: str, text: str) -> Reported:
        """Take a report. `about`: "system", "weakness" or "person". Raises BadInput, TooMany.

        Source: guide, "Security › Reporting" and "Community Conflict Response".
        """
        body = plain(text, one_line=False).strip()
        if about not in KIND_OF or len(body) < 3:
            raise BadInput("Please write in a sentence or two what you saw, and what it is about.")
        if caller.guild_id is None:
            raise BadInput("Please report in the server that it is about.")
        async with self._uow(once=caller.once("report")) as tx:
            server = await servers.settings(tx, caller.guild_id)
            await fair.reports(tx, caller.guild_id, caller, about)
            row = Report(
                id=await counted_id(tx, Report) if about == "system" else hidden_id(),
                guild_id=caller.guild_id,
                reporter_id=caller.user_id,
                about=about,
                words_id=0,
                state="open",
                at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
            row.words_id = await words.write(
                tx,
                body,
                guild_id=caller.guild_id,
                subject=row.subject,
                field="report",
                retention="incident" if about == "system" else "private",
            )
            named = await named_people(tx, server, KIND_OF[about], besides=caller.user_id)
            if about == "system" and server.operations_channel_id is not None:
                await record(
                    tx,
                    CARD,
                    guild_id=caller.guild_id,
                    subject=row.subject,
                    key=f"report:{row.id}",
                    payload={"report": row.id},
                )
                return Reported(about, 0, in_operations=True)
            for user_id in named:
                await to_person(tx, row, user_id)
            owner = None if named or caller.owner_id == caller.user_id else caller.owner_id
            if owner is not None:
                await (to_person if about == "system" else _ask_owner)(tx, row, owner)
            return Reported(about, len(named), in_operations=False, owner_asked=owner is not None)

    async def declare(self, caller: Caller, report_id: int, *, severity: Severity = Severity.SEV2) -> Declared:
        """_Declare_: an incident with the report as its summary. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("report_declare")) as tx:
            row, caller = await self._mine(tx, caller, report_id)
            body = (await words.read(tx, [row.words_id]))[row.words_id]
            # A report may say all in signs; it can be declared all the same.
            first_line = next((line for line in body.splitlines() if says_something(line)), f"Report {row.id}")
            found = await declare(
                tx,
                caller,
                Declaration(title=first_line, severity=severity, kind=KIND_OF[row.about], summary=body),
                anyway=True,
            )
            assert isinstance(found, Declared)
            row.incident_id = found.incident.id
            await self._settle(tx, row, "declared")
            return found

    async def dismiss(self, caller: Caller, report_id: int) -> None:
        """_Not an incident_: settled, and the reporter gets a kind answer. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("report_dismiss")) as tx:
            row, _ = await self._mine(tx, caller, report_id)
            await self._settle(tx, row, "dismissed")

    async def _mine(self, tx: Tx, caller: Caller, report_id: int) -> tuple[Report, Caller]:
        row = await tx.session.get(Report, report_id, with_for_update=True)
        if row is None or (caller.guild_id is not None and row.guild_id != caller.guild_id):
            raise NotFound(store.NO_SUCH)
        server = await servers.settings(tx, row.guild_id)
        standings = await standings_in_server(tx, server, caller)
        named = await named_people(tx, server, KIND_OF[row.about], besides=row.reporter_id)
        if row.about != "system" and caller.user_id not in named:
            raise NotFound(store.NO_SUCH)
        if not permitted(Action.TRIAGE, standings, unset_server=not server.is_set_up) and caller.user_id not in named:
            raise NotAllowed("Responders look at reports here.")
        if row.state != "open":
            raise WrongState("This report is settled already.")
        placed = Caller(
            user_id=caller.user_id,
            guild_id=row.guild_id,
            role_ids=caller.role_ids,
            manager=caller.manager,
            channel_id=caller.channel_id,
            interaction_id=caller.interaction_id,
            name=caller.name,
        )
        return row, placed

    async def _settle(self, tx: Tx, row: Report, state: str) -> None:
        row.state, row.answered_at = state, tx.now
        for kind, key in ((ANSWER, f"report_answer:{row.id}"), (CARD, f"report_card:{row.id}:{state}")):
            if kind == CARD and row.about != "system":
                continue
            await record(
                tx,
                kind,
                guild_id=row.guild_id,
                subject=row.subject,
                key=key,
                payload={"report": row.id, "user": row.reporter_id},
            )


async def to_person(tx: Tx, row: Report, user_id: int) -> None:
    """Tell one named person, privately."""
    await record(
        tx,
        TO_PERSON,
        guild_id=row.guild_id,
        subject=row.subject,
        key=f"report:{row.id}:{user_id}",
        payload={"report": row.id, "user": user_id},
    )


async def _ask_owner(tx: Tx, row: Report, owner_id: int) -> None:
    """A report waits and nobody is named to read it: the owner may change that, and learns nothing of what it says."""
    await record(
        tx,
        UNNAMED,
        guild_id=row.guild_id,
        subject=row.subject,
        key=f"report_unnamed:{row.id}",
        payload={"report": row.id, "user": owner_id},
    )


async def deliver_waiting(tx: Tx, guild_id: int) -> None:
    """Somebody was named: what waited because nobody was goes to those who may read it now."""
    server = await servers.settings(tx, guild_id)
    waiting = await tx.session.scalars(
        select(Report).where(Report.guild_id == guild_id, Report.state == "open", Report.about != "system")
    )
    for row in waiting.all():
        told = select(Effect.id).where(Effect.subject == row.subject, Effect.kind == TO_PERSON).limit(1)
        if await tx.session.scalar(told) is None:
            for user_id in await named_people(tx, server, KIND_OF[row.about], besides=row.reporter_id):
                await to_person(tx, row, user_id)


async def named_people(tx: Tx, server: ServerView, kind: Kind, *, besides: int) -> list[int]:
    """Who is told of a private report: the specialists of its kind, else the core team; never the reporter."""
    for group in (SPECIALISTS[kind], Standing.CORE, Standing.RESPONDER):
        if group is None or (kind.private and group is Standing.RESPONDER):
            continue
        found = [one for one in await servers.roster(tx, server.guild_id, [group]) if one != besides]
        if found:
            return found
    return []
