"""Use cases of the set-up: propose, do, wait for the outcome, say who responds, arrive and leave."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.deadlines import store as deadlines
from bot.effects import State, record
from bot.effects import store as effects
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed
from bot.kernel.ids import mark
from bot.kernel.times import read_zone
from bot.oncall import store as oncall
from bot.policy.permissions import permitted
from bot.policy.words import Action
from bot.servers import store as servers
from bot.servers import words
from bot.servers.models import Server
from bot.setup import store
from bot.setup.kinds import GREET, MAKE, OPEN
from bot.setup.roster import show_roster
from bot.setup.rules import LEAVE, ORDER, PLACES, TEAMS, Choices, Current, Does, Plan, Thing, Wish, plan
from bot.setup.rules import MAKE as MAKE_ONE
from bot.setup.seen import Seen
from bot.setup.store import Result
from bot.storage import Tx, UnitOfWork

DRAFT = "setup"
LOOKS_AFTER_S = (0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 4.0)
"""Pauses between looks while somebody waits: short at first, twelve seconds in all."""
ONLY_MANAGERS = "Setting Vigil up needs the permission Manage Server. Please ask somebody who has it to run `/setup`."
ONLY_HERE = "Please use this in the server that is to be set up."


@dataclass(frozen=True)
class Done:
    """What was begun: the effects to wait for, and whether anything was changed at once."""

    effect_ids: tuple[int, ...]
    changed: bool


class SetupService:
    """`/setup`, its buttons, and the server's arrival and departure."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    # The plan ------------------------------------------------------------------------------------------------------

    async def current(self, caller: Caller) -> Current:
        """The set-up that holds. Raises NotAllowed without Manage Server, BadInput outside a server."""
        async with self._uow.read() as tx:
            guild_id = await _manager(tx, caller)
            return store.current(await servers.settings(tx, guild_id))

    async def choices(self, caller: Caller) -> Choices:
        """What this person chose and did not do yet."""
        async with self._uow.read() as tx:
            return Choices.from_draft(await _draft(tx, caller, await _manager(tx, caller)))

    async def choose(
        self, caller: Caller, wishes: Mapping[Thing, Wish], zone: str | None = None, *, afresh: bool = False
    ) -> Choices:
        """Keep what was chosen; `afresh` forgets what was chosen before. Raises BadInput for an unknown zone."""
        name = str(read_zone(zone)) if zone and zone.strip() else None
        async with self._uow() as tx:
            guild_id = await _manager(tx, caller)
            before = Choices() if afresh else Choices.from_draft(await _draft(tx, caller, guild_id))
            made = before.plus(wishes, name)
            await words.save_draft(
                tx,
                guild_id=guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=store.subject(guild_id),
                data=made.draft(),
            )
            return made

    async def do(self, caller: Caller, seen: Seen) -> Done | Plan:
        """Do what was chosen; a plan with something in its way is handed back instead.

        What is there already counts at once; what must be made is recorded, one after the other.
        """
        async with self._uow(once=caller.once("setup")) as tx:
            guild_id = await _manager(tx, caller)
            now = store.current(await servers.settings(tx, guild_id))
            wanted = plan(now, seen, Choices.from_draft(await _draft(tx, caller, guild_id)))
            if wanted.blocked:
                return wanted
            await servers.server(tx, guild_id)
            again = await store.settle_failed(tx, guild_id)
            person_id = await words.person(tx, guild_id, caller.user_id)
            at_once = {step.thing: step.id for step in wanted.steps if wanted.changing(step) and not step.does.makes}
            if at_once or wanted.zone_changes:
                view = await store.put(tx, guild_id, at_once, person_id=person_id, zone=wanted.zone)
                if Thing.OPERATIONS in at_once:
                    await show_roster(tx, view)
            ids = await _record(tx, caller, guild_id, wanted, person_id, reopen=OPEN in again)
            return Done(ids, wanted.changes)

    async def outcome(self, caller: Caller, effect_ids: Sequence[int]) -> Result:
        """Wait a little for these effects, then say how it stands; once all is well the choices are forgotten."""
        result = await outcome(self._uow, _guild(caller), effect_ids)
        if not result.failed and not result.waiting:
            await self._forget_draft(caller)
        return result

    async def _forget_draft(self, caller: Caller) -> None:
        assert caller.guild_id is not None, "asked before"
        async with self._uow() as tx:
            await words.drop_draft(
                tx,
                guild_id=caller.guild_id,
                user_id=caller.user_id,
                purpose=DRAFT,
                subject=store.subject(caller.guild_id),
            )

    # Arriving and leaving ------------------------------------------------------------------------------------------

    async def joined(self, guild_id: int, owner_id: int) -> None:
        """Note the server, and tell its owner once, by direct message, how to go on. No channel is picked for it.

        On a return everything that is still owed is due again.
        """
        async with self._uow() as tx:
            row = await servers.server(tx, guild_id)
            await _returned(tx, row)
            await record(
                tx,
                GREET,
                guild_id=guild_id,
                subject=store.subject(guild_id),
                key=f"greet:{guild_id}:{int(row.joined_at.timestamp())}",
                payload={"user": owner_id},
            )

    async def removed_from(self, guild_ids: Collection[int]) -> frozenset[int]:
        """Those of these servers from which the bot was removed, as far as it knows."""
        async with self._uow.read() as tx:
            return await servers.left(tx) & frozenset(guild_ids)

    async def removed(self, guild_id: int) -> None:
        """Note that the bot was removed: nothing of the server runs; its record stays for the time its tables state."""
        async with self._uow() as tx:
            await _left(tx, await servers.server(tx, guild_id))


async def _left(tx: Tx, row: Server) -> None:
    if row.left_at is None:
        row.left_at = tx.now
        await deadlines.pause(tx, row.guild_id)
        await effects.drop_of_server(tx, row.guild_id)


async def _returned(tx: Tx, row: Server) -> None:
    if row.left_at is not None:
        row.joined_at, row.left_at = tx.now, None
        await deadlines.resume(tx, row.guild_id)


async def outcome(uow: UnitOfWork, guild_id: int, effect_ids: Sequence[int]) -> Result:
    """Wait a little for these effects, then say how they and the set-up stand."""
    for pause in LOOKS_AFTER_S:
        async with uow.read() as tx:
            if all(one.ended for one in await store.outcomes(tx, effect_ids)):
                break
        await asyncio.sleep(pause)
    async with uow.read() as tx:
        found = await store.outcomes(tx, effect_ids)
        shift = await oncall.on_call_at(tx, guild_id, tx.now)
        return Result(
            failed=tuple(one for one in found if one.state is State.FAILED),
            waiting=tuple(one for one in found if not one.ended),
            now=store.current(await servers.settings(tx, guild_id)),
            on_call=shift.primary is not None,
        )


def wishes_of_places(category: int | None, updates: int | None, operations: int | None) -> dict[Thing, Wish]:
    """What a form about channels says; an empty field leaves that thing as it is, or lets it be made."""
    given = zip(PLACES, (category, updates, operations), strict=True)
    return {thing: id_ for thing, id_ in given if id_ is not None}


def wishes_of_roles(responders: int | None, teams: Mapping[Thing, int | None], before: Choices) -> dict[Thing, Wish]:
    """What a form about roles says. A team left empty goes without its role, unless one was to be made `before`."""
    wishes: dict[Thing, Wish] = {
        thing: id_ if id_ is not None else MAKE_ONE if before.wishes.get(thing) == MAKE_ONE else LEAVE
        for thing, id_ in teams.items()
    }
    return wishes if responders is None else {Thing.RESPONDER: responders, **wishes}


def make_teams(wanted: Plan) -> dict[Thing, Wish]:
    """The wish that every team without a role gets one."""
    return {thing: MAKE_ONE for thing in TEAMS if wanted.step(thing).does is Does.LEAVE}


async def _record(
    tx: Tx, caller: Caller, guild_id: int, wanted: Plan, person_id: int, *, reopen: bool
) -> tuple[int, ...]:
    ids: list[int] = []
    run = mark()

    async def add(kind: str, name: str, payload: dict[str, Any]) -> None:
        subject = store.subject(guild_id)
        key = f"{subject}:{name}:{run}"
        ids.append(await record(tx, kind, guild_id=guild_id, subject=subject, key=key, payload=payload, lane=subject))

    for thing in ORDER:
        step = wanted.step(thing)
        if step.does.makes:
            payload = {
                "thing": thing,
                "name": step.name,
                "known": step.known,
                "alike": list(step.alike),
                "person": person_id,
                "by": caller.user_id,
            }
            await add(MAKE, thing, payload)
    operations = wanted.step(Thing.OPERATIONS)
    roles_change = any(wanted.changing(wanted.step(thing)) for thing in (Thing.RESPONDER, Thing.CORE))
    if operations.does is Does.USE or (operations.does is Does.KEEP and (roles_change or reopen)):
        await add(OPEN, "open", {"by": caller.user_id})
    return tuple(ids)


async def _manager(tx: Tx, caller: Caller) -> int:
    guild_id = _guild(caller)
    view = await servers.settings(tx, guild_id)
    standings = await servers.standings(tx, view, caller.user_id, caller.role_ids, manager=caller.manager)
    if not permitted(Action.SETUP, standings):
        raise NotAllowed(ONLY_MANAGERS)
    return guild_id


async def _draft(tx: Tx, caller: Caller, guild_id: int) -> dict[str, object] | None:
    return await words.draft(
        tx, guild_id=guild_id, user_id=caller.user_id, purpose=DRAFT, subject=store.subject(guild_id)
    )


def _guild(caller: Caller) -> int:
    if caller.guild_id is None:
        raise BadInput(ONLY_HERE)
    return caller.guild_id
