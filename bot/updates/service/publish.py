"""Writing a public update: form, preview, publish; one tap for the first and for no change; corrections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.effects import posted
from bot.incidents import store
from bot.incidents.service.context import HERE, Asked, Which, asked
from bot.incidents.service.duties import choose
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, WrongState
from bot.policy.clocks import Pace, due_at
from bot.policy.promises import Judged, Verdict
from bot.policy.words import Action, Duty, Status
from bot.servers import words
from bot.storage import Tx, UnitOfWork
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import PARTS, Content, Said, Stage, says_nothing
from bot.updates.service import effects
from bot.updates.service.cadence import cadence
from bot.updates.service.drafts import draft_of, drop_draft, from_last, from_the_log, save_draft
from bot.updates.service.promise import judge, promised_time, typed_time
from bot.updates.service.writing import place_of, public_only, write
from bot.updates.store import UpdateView

LOOKS, LOOK_S = 30, 0.1
PASSED = "The time that you promised has passed meanwhile. Press _Edit_ and name a new one; what you wrote is kept."
TOO_LATE_NOW = (
    "That time is later than the cadence allows by now. Press _Edit_ and send it again to see what is allowed."
)
NOTHING_TYPED = "There is nothing to publish yet. Write in one or two sentences what you know."
NOT_HERE = "There is no draft of yours to publish: it was published, or put aside. _Post update_ starts one."


@dataclass(frozen=True)
class Prefill:
    """What the form starts with. `default_at`: when the next update is due if nothing is typed; None: none is owed.

    `asks_date`: people are owed a date by which it is to be solved. Source: guide, "SEV-2 › Communication".
    """

    incident: IncidentView
    content: Content
    default_at: datetime | None
    is_first: bool
    asks_date: bool


@dataclass(frozen=True)
class Preview:
    """What would be published, and what the promised time means; `asks_date` as in `Prefill`."""

    incident: IncidentView
    content: Content
    judged: Judged
    channel_id: int
    questioned: bool
    asks_date: bool


@dataclass(frozen=True)
class Published:
    """What became of it: published (with the message's place), on its way, or waiting for a second responder."""

    incident: IncidentView
    update: UpdateView
    message_id: int | None = None


class UpdateService:
    """`/update`, _Post update_, _We're on it_, _No change_, _Correct_."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def prefill(self, caller: Caller, which: Which = HERE, *, from_log: bool = False) -> Prefill:
        """What the form starts with: the caller's draft, else the last update; `from_log`: the log since then.

        Raises NotFound, NotAllowed, WrongState (private, closed).
        """
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.PUBLISH_UPDATE, which, lock=False)
            public_only(one.incident)
            last = await updates.last(tx, one.incident.id)
            draft = await draft_of(tx, one.incident, caller.user_id)
            content = draft or await from_last(tx, one.incident, last)
            if from_log:
                drafted = await from_the_log(tx, one.incident, last)
                content = Content(content.status, {**content.texts, "known": drafted}, "") if drafted else content
            choice = await cadence(tx, one.incident)
            at = None if choice is None else due_at(choice, tx.now, one.server.zone)
            asks_date = await choose(tx, one.incident, Duty.RESOLUTION_DATE) is not None
            return Prefill(await store.view(tx, one.incident), content, at, last is None, asks_date)

    async def preview(self, caller: Caller, content: Content, which: Which = HERE) -> Preview:
        """Keep it as a draft and show what would be published.

        Raises BadInput for nothing or an unreadable time, NotFound, NotAllowed, WrongState.
        """
        async with self._uow(once=caller.once("preview")) as tx:
            one = await asked(tx, caller, Action.PUBLISH_UPDATE, which)
            public_only(one.incident)
            content = replace(content, promised=await typed_time(tx, one, caller, content))
            before = await from_last(tx, one.incident, await updates.last(tx, one.incident.id))
            await save_draft(tx, one.incident, caller.user_id, content)
            if not content.part("known"):
                raise BadInput(NOTHING_TYPED)
            channel_id = place_of(one)
            judged = await judge(tx, one, caller, content)
            return Preview(
                await store.view(tx, one.incident),
                content,
                judged,
                channel_id,
                questioned=says_nothing(content, before),
                asks_date=await choose(tx, one.incident, Duty.RESOLUTION_DATE) is not None,
            )

    async def publish(self, caller: Caller, which: Which, *, latest: bool = False, gap: bool = False) -> Published:
        """Publish the caller's draft. `latest`: promise the latest allowed time; `gap`: announce a longer gap.

        Raises BadInput, NotFound, NotAllowed, WrongState. Source: guide, "Public Communication"; design, rule 10.
        """
        async with self._uow(once=caller.once("publish")) as tx:
            one = await asked(tx, caller, Action.ANNOUNCE_GAP if gap else Action.PUBLISH_UPDATE, which)
            public_only(one.incident)
            content = await draft_of(tx, one.incident, caller.user_id)
            if content is None or not content.part("known"):
                raise WrongState(NOT_HERE)
            judged = await judge(tx, one, caller, content, gap=gap)
            if judged.verdict is Verdict.PAST and not latest:
                raise BadInput(PASSED)
            if judged.verdict is Verdict.TOO_LATE and not latest:
                raise BadInput(TOO_LATE_NOW)
            waits = judged.verdict is Verdict.NEEDS_SECOND
            promised = (await promised_time(tx, one, caller, content)) if waits else judged.due
            row = await write(
                tx,
                one,
                caller,
                Said.UPDATE,
                content.status,
                {part: content.part(part) for part in PARTS},
                next_at=promised,
                deviation=judged.deviation or waits,
                stage=Stage.WAITING if waits else Stage.SENDING,
            )
            await drop_draft(tx, one.incident, caller.user_id)
            if waits:
                await effects.gap_ask(tx, one.incident, row)
                return Published(await store.view(tx, one.incident), await updates.view(tx, row))
        return await self._when_published(row.id)

    async def first(self, caller: Caller, which: Which) -> Published:
        """_We're on it_: a full sentence from what is known, with the next time, in one tap.

        Raises NotFound, NotAllowed, WrongState where something was published already.
        """
        async with self._uow(once=caller.once("first")) as tx:
            one = await asked(tx, caller, Action.PUBLISH_UPDATE, which)
            public_only(one.incident)
            if await updates.any_yet(tx, one.incident.id):
                raise WrongState("A first update is out already. _Post update_ writes the next one.")
            row = await self._short(tx, one, caller, Said.FIRST)
        return await self._when_published(row.id)

    async def no_change(self, caller: Caller, which: Which) -> Published:
        """_No change_: say honestly that nothing is new, and when the next update comes.

        Raises NotFound, NotAllowed, WrongState where nothing was published yet.
        """
        async with self._uow(once=caller.once("no_change")) as tx:
            one = await asked(tx, caller, Action.PUBLISH_UPDATE, which)
            public_only(one.incident)
            first = await updates.last(tx, one.incident.id) is None
            row = await self._short(tx, one, caller, Said.FIRST if first else Said.NO_CHANGE)
        return await self._when_published(row.id)

    async def _short(self, tx: Tx, one: Asked, caller: Caller, kind: Said) -> PublicUpdate:
        texts = await words.latest(tx, one.incident.subject, ["affected", "impact.who"])
        last = await updates.last(tx, one.incident.id)
        before = await updates.view(tx, last) if last is not None else None
        choice = await cadence(tx, one.incident, pace=Pace.NEXT)
        kept = {"affected": texts.get("impact.who") or texts.get("affected", "")}
        if before is not None:
            kept = {part: before.texts.get(part, "") for part in PARTS}
        return await write(
            tx,
            one,
            caller,
            kind,
            Status(one.incident.status),
            kept,
            next_at=None if choice is None else due_at(choice, tx.now, one.server.zone),
        )

    async def confirm_gap(self, caller: Caller, update_id: int) -> Published:
        """A second responder agrees to the longer gap of a SEV-0. Raises NotFound, NotAllowed, WrongState.

        Source: design, rule 10.
        """
        async with self._uow(once=caller.once("confirm_gap")) as tx:
            row = await updates.row(tx, update_id)
            one = await asked(tx, caller, Action.CONFIRM_GAP, Which(incident_id=row.incident_id))
            await updates.hold(tx, row)
            public_only(one.incident)
            if row.state != Stage.WAITING:
                raise WrongState("That is settled already. The card shows when the next update is due.")
            me = await words.person(tx, row.guild_id, caller.user_id)
            if row.person_id == me:
                raise NotAllowed("A second person needs to agree to this gap. Ask somebody else in the room.")
            if row.next_at is None or row.next_at <= tx.now:
                raise WrongState("The time of that gap has passed. Please write the update again.")
            row.confirmed_by, row.state = me, Stage.SENDING
            await effects.post(tx, one.incident, row)
        return await self._when_published(update_id)

    async def _when_published(self, update_id: int) -> Published:
        """Wait a little for Discord; then say how far it is."""
        for _ in range(LOOKS):
            async with self._uow.read() as tx:
                row = await updates.row(tx, update_id)
                if row.state != Stage.SENDING:
                    break
            await asyncio.sleep(LOOK_S)
        async with self._uow.read() as tx:
            row = await updates.row(tx, update_id)
            place = await posted.find(tx, (await store.row(tx, row.incident_id)).subject, f"update:{row.id}")
            return Published(
                await store.view(tx, await store.row(tx, row.incident_id)),
                await updates.view(tx, row),
                place.message_id if place else None,
            )
