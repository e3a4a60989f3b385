"""The end of an outage: three checks, the final update, then the incident is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents import log, store
from bot.incidents.models import Incident, Tick
from bot.incidents.rules import Entry, duration
from bot.incidents.service import close
from bot.incidents.service.context import HERE, Asked, Which, asked
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, WrongState
from bot.policy.briefs import BriefItem, resolve_checks
from bot.policy.words import Action, Kind, Severity, Status
from bot.servers import words
from bot.storage import Tx, UnitOfWork
from bot.updates import store as updates
from bot.updates.rules import FINAL_PARTS, Said
from bot.updates.service.writing import place_of, write

CHECKLIST, DRAFT = "resolve", "resolve.form"


@dataclass(frozen=True)
class Checks:
    """What to confirm before resolving; `ticked`: key → who confirmed it."""

    incident: IncidentView
    items: tuple[BriefItem, ...]
    ticked: dict[str, int]

    @property
    def open(self) -> tuple[BriefItem, ...]:
        """What nobody has confirmed yet."""
        return tuple(item for item in self.items if item.key not in self.ticked)


@dataclass(frozen=True)
class Final:
    """The final update as it stands: its parts, and how long the incident lasted until `at`."""

    incident: IncidentView
    texts: dict[str, str]
    at: datetime
    lasted: timedelta
    channel_id: int | None
    unconfirmed: tuple[BriefItem, ...] = ()


class ResolveService:
    """_Resolve_ and `/incident resolve`."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def checks(self, caller: Caller, which: Which = HERE) -> Checks:
        """The three checks of the kind. Raises NotFound, NotAllowed, WrongState.

        Source: guide, "Technical Outage › Confirm Service Restored".
        """
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.RESOLVE, which, lock=False)
            return await _checks(tx, one.incident)

    async def tick(self, caller: Caller, which: Which, keys: Sequence[str]) -> Checks:
        """Exactly these checks are confirmed now. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow(once=caller.once("resolve_tick")) as tx:
            one = await asked(tx, caller, Action.RESOLVE, which)
            before = await store.ticks(tx, one.incident.id, CHECKLIST)
            known = {item.key: item for item in resolve_checks(Kind(one.incident.kind))}
            for key in set(before) - set(keys):
                await store.untick(tx, one.incident.id, CHECKLIST, key)
            for key in (key for key in keys if key in known and key not in before):
                tx.session.add(
                    Tick(
                        incident_id=one.incident.id,
                        guild_id=one.incident.guild_id,
                        checklist=CHECKLIST,
                        item=key,
                        user_id=caller.user_id,
                        at=tx.now,
                    )
                )
                await log.note(
                    tx, one.incident, Entry.TICKED, actor=caller.user_id, params={"list": CHECKLIST, "item": key}
                )
            await tx.session.flush()
            return await _checks(tx, one.incident)

    async def prefill(self, caller: Caller, which: Which = HERE) -> Final:
        """What the form of the final update starts with. Raises NotFound, NotAllowed, WrongState."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.RESOLVE, which, lock=False)
            draft = await words.draft(
                tx,
                guild_id=one.incident.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=str(one.incident.id),
            )
            texts = dict(draft.get("fields", {})) if draft else await _from_incident(tx, one.incident)
            return await _final(tx, one, texts)

    async def preview(self, caller: Caller, texts: dict[str, str], which: Which = HERE) -> Final:
        """Keep it as a draft and show it. Raises BadInput for nothing, NotFound, NotAllowed, WrongState."""
        given = {part: texts.get(part, "").strip() for part in FINAL_PARTS}
        async with self._uow(once=caller.once("final_preview")) as tx:
            one = await asked(tx, caller, Action.RESOLVE, which)
            await words.save_draft(
                tx,
                guild_id=one.incident.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=str(one.incident.id),
                data={"fields": given},
            )
            if not any(given.values()):
                raise BadInput("Please write at least what it was, or what fixed it; “not known yet” is an answer.")
            return await _final(tx, one, given)

    async def publish(self, caller: Caller, which: Which) -> Final:
        """Publish the final update and resolve the incident. Raises NotFound, NotAllowed, WrongState.

        Source: guide, "Technical Outage › Final Public Update". A private incident, a SEV-3 that nobody was told of,
        and a server without a channel for updates resolve without a public word; the log has the text.
        """
        async with self._uow(once=caller.once("resolve")) as tx:
            one = await asked(tx, caller, Action.RESOLVE, which)
            draft = await words.draft(
                tx,
                guild_id=one.incident.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=str(one.incident.id),
            )
            if not draft or not any(draft.get("fields", {}).values()):
                raise WrongState("There is no final update of yours to publish. _Resolve_ starts one.")
            final = await _final(tx, one, draft["fields"])
            summary = "\n".join(f"{part}: {text}" for part, text in final.texts.items() if text)
            await words.drop_draft(
                tx,
                guild_id=one.incident.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=str(one.incident.id),
            )
            if final.channel_id is not None:
                await write(tx, one, caller, Said.FINAL, Status.RESOLVED, final.texts, next_at=None)
            await close.resolve(tx, one.incident, one.server, by=caller.user_id, summary=summary)
            return Final(
                await store.view(tx, one.incident),
                final.texts,
                tx.now,
                final.lasted,
                final.channel_id,
                final.unconfirmed,
            )


async def _checks(tx: Tx, incident: Incident) -> Checks:
    return Checks(
        await store.view(tx, incident),
        resolve_checks(Kind(incident.kind)),
        await store.ticks(tx, incident.id, CHECKLIST),
    )


async def _final(tx: Tx, one: Asked, texts: dict[str, str]) -> Final:
    incident = one.incident
    ticked = await store.ticks(tx, incident.id, CHECKLIST)
    return Final(
        await store.view(tx, incident),
        {part: texts.get(part, "") for part in FINAL_PARTS},
        tx.now,
        duration(incident.started_at, tx.now),
        await _place(tx, one),
        tuple(item for item in resolve_checks(Kind(incident.kind)) if item.key not in ticked),
    )


async def _place(tx: Tx, one: Asked) -> int | None:
    """Where the final update goes; None: nowhere, since nobody in public was told, or nowhere is set up."""
    if one.incident.private:
        return None
    told = await updates.any_yet(tx, one.incident.id)
    if not told and not Severity(one.incident.severity).at_least(Severity.SEV2):
        return None
    try:
        return place_of(one)
    except WrongState:
        return None


async def _from_incident(tx: Tx, incident: Incident) -> dict[str, str]:
    known = await words.latest(tx, incident.subject)
    return {
        "cause": known.get("impact.cause", ""),
        "impact": known.get("impact.who") or known.get("affected", ""),
        "data": known.get("impact.data", ""),
    }
