"""What is to be done and is done: lines of the brief, and duties of the guide."""

from __future__ import annotations

from dataclasses import dataclass

from bot import deadlines
from bot.deadlines.store import owed_rows
from bot.incidents import log, store
from bot.incidents.models import Incident, Tick
from bot.incidents.rules import Entry
from bot.incidents.service.context import HERE, Which, asked
from bot.incidents.service.effects import refresh_brief, refresh_card
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound, WrongState
from bot.policy.briefs import BriefItem, Danger, brief
from bot.policy.words import Action, Duty, Kind, Severity
from bot.storage import Tx, UnitOfWork

BRIEF = "brief"
LINE, DUTY = "line", "duty"
BY_ACTS = frozenset({Duty.ACKNOWLEDGE})
"""Duties that only an act of their own meets; nobody can merely say that they are done."""


@dataclass(frozen=True)
class Item:
    """Something that can be said to be done: `value` names it ("line:down", "duty:receipt"), `words` say what it is."""

    value: str
    words: str


@dataclass(frozen=True)
class Finished:
    """What was done, in words, and its incident."""

    incident: IncidentView
    words: str


class ChecklistService:
    """The brief's menu, _Done_, `/incident done`."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def tick(self, caller: Caller, which: Which, item: str) -> IncidentView:
        """Tick a line of the brief, or take the tick back. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("tick")) as tx:
            one = await asked(tx, caller, Action.TICK, which)
            line = _line(one.incident, item)
            ticked = await store.ticks(tx, one.incident.id, BRIEF)
            if item in ticked:
                await store.untick(tx, one.incident.id, BRIEF, item)
            else:
                await _tick(tx, one.incident, line, by=caller.user_id)
            await refresh_brief(tx, one.incident)
            return await store.view(tx, one.incident)

    async def done(self, caller: Caller, value: str, which: Which = HERE) -> Finished:
        """Say that a line or a duty is done, by its value. Twice is once.

        Raises NotFound (also for something that is not on the list), NotAllowed, WrongState for a duty that is not
        owed (any more).
        """
        async with self._uow(once=caller.once("done")) as tx:
            one = await asked(tx, caller, Action.TICK, which, closed_ok=True)
            name, _, key = value.partition(":")
            if name == DUTY and key in list(Duty):
                duty = Duty(key)
                if duty in BY_ACTS or not await meet(tx, one.incident, duty, by=caller.user_id):
                    raise WrongState("That is not owed here, or is done already. The card shows what is due next.")
                return Finished(await store.view(tx, one.incident), duty.phrase)
            line = _line(one.incident, key)
            if one.incident.closed_at is not None:
                raise WrongState(f"{one.incident.ref} is closed, so its checklist is too.")
            if key not in await store.ticks(tx, one.incident.id, BRIEF):
                await _tick(tx, one.incident, line, by=caller.user_id)
                await refresh_brief(tx, one.incident)
            return Finished(await store.view(tx, one.incident), line.words)

    async def open_items(self, caller: Caller, which: Which = HERE) -> list[Item]:
        """Duties that are owed, then lines that nobody ticked. Raises NotFound, NotAllowed."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.TICK, which, closed_ok=True, lock=False)
            owed = await owed_rows(tx, one.incident.subject, [f"duty.{duty}" for duty in Duty if duty not in BY_ACTS])
            duties = [Item(f"{DUTY}:{row.params['duty']}", Duty(row.params["duty"]).phrase) for row in owed]
            if one.incident.closed_at is not None:
                return duties
            ticked = await store.ticks(tx, one.incident.id, BRIEF)
            return duties + [
                Item(f"{LINE}:{line.key}", line.words) for line in _lines(one.incident) if line.key not in ticked
            ]


async def meet(tx: Tx, incident: Incident, duty: Duty, *, by: int) -> bool:
    """Within a transaction: the duty is done; False where it was not owed. The log has who said so."""
    met = await deadlines.meet(tx, incident.subject, [f"duty.{duty}"])
    await deadlines.end(tx, incident.subject, [f"heads_up.{duty}"], "done")
    if not met:
        return False
    await log.note(tx, incident, Entry.DUTY_DONE, actor=by, params={"duty": duty})
    await refresh_card(tx, incident)
    return True


def _lines(incident: Incident) -> tuple[BriefItem, ...]:
    danger = Danger(incident.danger) if incident.danger else None
    return brief(Kind(incident.kind), Severity(incident.severity), danger)


def _line(incident: Incident, key: str) -> BriefItem:
    for line in _lines(incident):
        if line.key == key:
            return line
    raise NotFound("That is not on the checklist (any more). `/incident done` lists what is open.")


async def _tick(tx: Tx, incident: Incident, line: BriefItem, *, by: int) -> None:
    tx.session.add(
        Tick(
            incident_id=incident.id,
            guild_id=incident.guild_id,
            checklist=BRIEF,
            item=line.key,
            user_id=by,
            at=tx.now,
        )
    )
    if line.meets is not None:
        await meet(tx, incident, line.meets, by=by)
