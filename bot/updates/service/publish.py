"""Writing a public update: form, preview, publish; one tap for the first and for no change; corrections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.effects import posted
from bot.incidents import log, store
from bot.incidents.models import Incident
from bot.incidents.rules import Entry, retention
from bot.incidents.service.change import set_status
from bot.incidents.service.context import HERE, Asked, Which, asked
from bot.incidents.service.coordinate import works_on_it
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, WrongState
from bot.kernel.ids import row_id
from bot.kernel.text import plain
from bot.policy.clocks import Pace, due_at
from bot.policy.promises import Judged, Verdict
from bot.policy.words import Action, Kind, Status
from bot.servers import words
from bot.storage import Tx, UnitOfWork
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import PARTS, Content, Said, Stage, says_nothing
from bot.updates.service import effects
from bot.updates.service.cadence import cadence
from bot.updates.service.drafts import draft_of, drop_draft, from_last, from_the_log, save_draft
from bot.updates.service.promise import judge, promised_time, to_the_minute, typed_time
from bot.updates.store import UpdateView

LOOKS, LOOK_S = 30, 0.1
PRIVATE = (
    "This incident is private, so nothing about it is posted in public. Tell the people concerned directly; "
    "`/incident log` keeps what you told them."
)
NO_CHANNEL = (
    "No channel for public updates is set up, so there is nowhere to publish this. Who has Manage Server picks one "
    "with `/setup`; what you wrote is kept."
)
PASSED = "The time that you promised has passed meanwhile. Press _Edit_ and name a new one; what you wrote is kept."
TOO_LATE_NOW = (
    "That time is later than the cadence allows by now. Press _Edit_ and send it again to see what is allowed."
)
NOTHING_TYPED = "There is nothing to publish yet. Write in one or two sentences what you know."
NOT_HERE = "There is no draft of yours to publish: it was published, or put aside. _Post update_ starts one."


@dataclass(frozen=True)
class Prefill:
    """What the form starts with. `default_at`: when the next update is due if nothing is typed; None: none is owed."""

    incident: IncidentView
    content: Content
    default_at: datetime | None
    is_first: bool


@dataclass(frozen=True)
class Preview:
    """What would be published, and what the promised time means."""

    incident: IncidentView
    content: Content
    judged: Judged
    channel_id: int
    questioned: bool


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
            _public(one.incident)
            last = await updates.last(tx, one.incident.id)
            draft = await draft_of(tx, one.incident, caller.user_id)
            content = draft or await from_last(tx, one.incident, last)
            if from_log:
                drafted = await from_the_log(tx, one.incident, last)
                content = Content(content.status, {**content.texts, "known": drafted}, "") if drafted else content
            choice = await cadence(tx, one.incident)
            at = None if choice is None else due_at(choice, tx.now, one.server.zone)
            return Prefill(await store.view(tx, one.incident), content, at, last is None)

    async def preview(self, caller: Caller, content: Content, which: Which = HERE) -> Preview:
        """Keep it as a draft and show what would be published.

        Raises BadInput for nothing or an unreadable time, NotFound, NotAllowed, WrongState.
        """
        async with self._uow(once=caller.once("preview")) as tx:
            one = await asked(tx, caller, Action.PUBLISH_UPDATE, which)
            _public(one.incident)
            content = replace(content, promised=await typed_time(tx, one, caller, content))
            await save_draft(tx, one.incident, caller.user_id, content)
            if not content.part("known"):
                raise BadInput(NOTHING_TYPED)
            channel_id = place_of(one)
            judged = await judge(tx, one, caller, content)
            return Preview(
                await store.view(tx, one.incident), content, judged, channel_id, questioned=says_nothing(content)
            )

    async def publish(self, caller: Caller, which: Which, *, latest: bool = False, gap: bool = False) -> Published:
        """Publish the caller's draft. `latest`: promise the latest allowed time; `gap`: announce a longer gap.

        Raises BadInput, NotFound, NotAllowed, WrongState. Source: guide, "Public Communication"; design, rule 10.
        """
        async with self._uow(once=caller.once("publish")) as tx:
            one = await asked(tx, caller, Action.ANNOUNCE_GAP if gap else Action.PUBLISH_UPDATE, which)
            _public(one.incident)
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
            _public(one.incident)
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
            _public(one.incident)
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
            row = await updates.row(tx, update_id, lock=True)
            one = await asked(tx, caller, Action.CONFIRM_GAP, Which(incident_id=row.incident_id))
            _public(one.incident)
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

    async def last(self, caller: Caller, which: Which = HERE) -> tuple[IncidentView, UpdateView]:
        """The last published update, to correct it. Raises NotFound, NotAllowed, WrongState where there is none."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.CORRECT_UPDATE, which, closed_ok=True, lock=False)
            _public(one.incident)
            found = await updates.last(tx, one.incident.id)
            if found is None:
                raise WrongState("Nothing was published yet, so there is nothing to correct.")
            return await store.view(tx, one.incident), await updates.view(tx, found)

    async def server_of(self, subject: str) -> int | None:
        """The server of an update, by its row id as a custom id carries it; None where it is gone."""
        number = row_id(subject)
        async with self._uow.read() as tx:
            found = None if number is None else await tx.session.get(PublicUpdate, number)
            return found.guild_id if found is not None else None

    async def of(self, caller: Caller, update_id: int) -> tuple[IncidentView, UpdateView]:
        """One update by its id, to correct it. Raises NotFound, NotAllowed."""
        async with self._uow.read() as tx:
            found = await updates.row(tx, update_id)
            which = Which(incident_id=found.incident_id)
            one = await asked(tx, caller, Action.CORRECT_UPDATE, which, closed_ok=True, lock=False)
            _public(one.incident)
            return await store.view(tx, one.incident), await updates.view(tx, found)

    async def correct(self, caller: Caller, update_id: int, texts: dict[str, str]) -> Published:
        """Change the words of a published update; it shows that it was corrected, the log keeps what it said.

        Raises BadInput, NotFound, NotAllowed, WrongState.
        """
        given = {key: plain(text, one_line=False).strip() for key, text in texts.items()}
        if not any(given.values()):
            raise BadInput("A correction needs words. To say that something was wrong, write what is right.")
        async with self._uow(once=caller.once("correct")) as tx:
            row = await updates.row(tx, update_id, lock=True)
            one = await asked(tx, caller, Action.CORRECT_UPDATE, Which(incident_id=row.incident_id), closed_ok=True)
            _public(one.incident)
            before = await updates.view(tx, row)
            if row.state != Stage.PUBLISHED:
                raise WrongState("That update is not published, so there is nothing to correct yet.")
            changed = {key: text for key, text in given.items() if text != before.texts.get(key, "")}
            if not changed:
                raise BadInput("Nothing is different. Change the words that are wrong, then send it again.")
            row.corrected_at = tx.now
            await _keep(tx, one.incident, row, changed)
            await log.note(
                tx,
                one.incident,
                Entry.UPDATE_CORRECTED,
                actor=caller.user_id,
                text="\n".join(before.texts.get(key, "") or "(nothing)" for key in changed),
                params={"update": row.id},
            )
            await effects.edit(tx, one.incident, row)
            return Published(await store.view(tx, one.incident), await updates.view(tx, row))

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
    await _keep(tx, incident, row, texts)
    for earlier in await updates.waiting(tx, incident.id):
        if earlier.id != row.id:
            earlier.state = Stage.FAILED
    if not status.closed:
        await set_status(tx, incident, status, by=caller.user_id)
        await works_on_it(tx, incident, caller.user_id)
    if stage is Stage.SENDING:
        await effects.post(tx, incident, row)
    return row


def _public(incident: Incident) -> None:
    if Kind(incident.kind).private:
        raise WrongState(PRIVATE)


async def _keep(tx: Tx, incident: Incident, row: PublicUpdate, texts: dict[str, str]) -> None:
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
