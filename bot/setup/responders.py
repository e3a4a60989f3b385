"""_Who responds?_ and the roster: people into a group, its role and (responders) the rotation, and out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.effects import record
from bot.incidents.service.report import deliver_waiting
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, WrongState
from bot.kernel.ids import mark
from bot.oncall import rules as rotation_rules
from bot.oncall import store as oncall
from bot.policy.permissions import permitted
from bot.policy.words import ON_THE_ROSTER, Action, Standing
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.setup import store
from bot.setup.kinds import GIVE
from bot.setup.roster import GROUPS
from bot.setup.service import ONLY_HERE, outcome
from bot.setup.store import Result
from bot.storage import Tx, UnitOfWork

ONLY_EDITORS = "The core team says who responds, or who has Manage Server. Please ask one of them."


@dataclass(frozen=True)
class Enrolled:
    """Who was put into which group, and the rotation as it is now (empty for a group that takes no turns)."""

    group: Standing
    people: tuple[int, ...]
    rotation: tuple[int, ...]
    effect_ids: tuple[int, ...]
    has_role: bool


@dataclass(frozen=True)
class Roster:
    """Who is in which group; `mine`: the asker's groups, `open_to_me`: those whose role they hold and are not in."""

    groups: dict[Standing, tuple[int, ...]]
    mine: frozenset[Standing]
    open_to_me: frozenset[Standing]
    may_edit: bool


class RespondersService:
    """The select and its _Try again_."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def enrol(
        self,
        caller: Caller,
        people: Sequence[int],
        group: Standing = Standing.RESPONDER,
        *,
        bots: Sequence[int],
        absent: Sequence[int],
    ) -> Enrolled:
        """Put people into a group of the roster and give them its role; responders also take turns, week by week.

        A rotation that runs goes on with whoever is on call; who is new joins at its end. Raises BadInput for a bot
        or somebody who is not in the server, NotAllowed, WrongState before the set-up.
        """
        if group not in ON_THE_ROSTER:
            raise BadInput("There is no such group. `/oncall roster` shows those that there are.")
        if bots:
            raise BadInput("A bot cannot respond to an incident. Please pick people only.")
        if absent:
            raise BadInput("Somebody whom you picked is not in this server any more. Please pick people who are.")
        if not people:
            raise BadInput("Nobody was picked. Please pick at least one person.")
        async with self._uow(once=caller.once("responders")) as tx:
            view = await _allowed(tx, caller)
            order: tuple[int, ...] = ()
            for one in people:
                await servers.enrol(tx, view.guild_id, one, group)
            if group is Standing.RESPONDER:
                order = await _join_rotation(tx, caller, view.guild_id, people)
            ids = await _give(tx, caller, view.guild_id, group, people) if group in view.roles else ()
            await deliver_waiting(tx, view.guild_id)
            return Enrolled(group, tuple(people), order, ids, group in view.roles)

    async def roster(self, caller: Caller) -> Roster:
        """Who is in which group. Raises BadInput outside a server."""
        async with self._uow.read() as tx:
            return await _roster(tx, caller, await _view(tx, caller))

    async def add_me(self, caller: Caller) -> Roster:
        """Put the caller into every group whose mapped role they hold, so that pages can reach them.

        Raises NotAllowed for somebody without such a role, WrongState where they are in already.
        """
        async with self._uow(once=caller.once("add_me")) as tx:
            view = await _view(tx, caller)
            found = await _roster(tx, caller, view)
            if not found.open_to_me:
                if found.mine:
                    raise WrongState("You are on the roster already. `/oncall roster` shows in which groups.")
                raise NotAllowed(
                    "You have none of the roles that respond to incidents here. The core team puts people on the "
                    "roster, or who has Manage Server; please ask one of them."
                )
            for group in found.open_to_me:
                await servers.enrol(tx, view.guild_id, caller.user_id, group)
            await deliver_waiting(tx, view.guild_id)
            return await _roster(tx, caller, view)

    async def take_off(self, caller: Caller, user_id: int) -> Roster:
        """Take somebody, or oneself, off the roster and out of the rotation; nobody asks why.

        Raises NotAllowed for somebody else without the right, WrongState where they are not on it. Source: guide,
        "Self-Care During Incidents".
        """
        async with self._uow(once=caller.once("take_off")) as tx:
            view = await _view(tx, caller)
            found = await _roster(tx, caller, view)
            if user_id != caller.user_id and not found.may_edit:
                raise NotAllowed(ONLY_EDITORS)
            out = await oncall.drop_person(tx, view.guild_id, user_id)
            if not out and not any(user_id in people for people in found.groups.values()):
                raise WrongState("They are not on the roster." if user_id != caller.user_id else "You are not on it.")
            await servers.discharge(tx, view.guild_id, user_id)
            return await _roster(tx, caller, view)

    async def allowed(self, caller: Caller) -> None:
        """Raises NotAllowed, WrongState as `enrol` does, before anybody is asked for names."""
        async with self._uow.read() as tx:
            await _allowed(tx, caller)

    async def again(self, caller: Caller) -> tuple[int, ...]:
        """_Try again_: give the roles to those for whom that was refused; ids of what to wait for."""
        async with self._uow(once=caller.once("roles_again")) as tx:
            view = await _allowed(tx, caller)
            refused = await store.refused_people(tx, view.guild_id)
            await store.settle_failed(tx, view.guild_id, kinds=(GIVE,))
            ids: list[int] = []
            for user_id, thing in refused:
                ids += await _give(tx, caller, view.guild_id, Standing(thing), [user_id])
            return tuple(ids)

    async def outcome(self, caller: Caller, effect_ids: Sequence[int]) -> Result:
        """Wait a little for the roles to be given."""
        return await outcome(self._uow, caller.guild_id or 0, effect_ids)


async def _allowed(tx: Tx, caller: Caller) -> ServerView:
    view = await _view(tx, caller)
    if not (await _may_edit(tx, caller, view)):
        raise NotAllowed(ONLY_EDITORS)
    if view.version == 0:
        raise WrongState("Vigil is not set up here yet. `/setup` does that first.")
    return view


async def _view(tx: Tx, caller: Caller) -> ServerView:
    if caller.guild_id is None:
        raise BadInput(ONLY_HERE)
    return await servers.settings(tx, caller.guild_id)


async def _may_edit(tx: Tx, caller: Caller, view: ServerView) -> bool:
    standings = await servers.standings(tx, view, caller.user_id, caller.role_ids, manager=caller.manager)
    return permitted(Action.EDIT_ROSTER, standings)


async def _roster(tx: Tx, caller: Caller, view: ServerView) -> Roster:
    groups = {one: tuple(await servers.roster(tx, view.guild_id, [one])) for one in GROUPS}
    mine = frozenset(one for one, people in groups.items() if caller.user_id in people)
    held = frozenset(one for one, role in view.roles.items() if role in caller.role_ids and one in GROUPS)
    return Roster(groups, mine, held - mine, await _may_edit(tx, caller, view))


async def _join_rotation(tx: Tx, caller: Caller, guild_id: int, people: Sequence[int]) -> tuple[int, ...]:
    running = await _order(tx, guild_id)
    order = tuple(dict.fromkeys([*running, *people]))
    if len(order) > rotation_rules.MOST_PEOPLE:
        raise BadInput(f"A rotation holds at most {rotation_rules.MOST_PEOPLE} people. Please pick fewer.")
    if order != running:
        await oncall.put_rotation(tx, guild_id, order, by=caller.user_id)
    return order


async def _give(tx: Tx, caller: Caller, guild_id: int, group: Standing, people: Sequence[int]) -> tuple[int, ...]:
    run = mark()
    ids: list[int] = []
    for user_id in people:
        given = await record(
            tx,
            GIVE,
            guild_id=guild_id,
            subject=store.subject(guild_id),
            key=f"setup:{guild_id}:give:{group}:{user_id}:{run}",
            payload={"user": user_id, "thing": group, "by": caller.user_id},
        )
        ids.append(given)
    return tuple(ids)


async def _order(tx: Tx, guild_id: int) -> tuple[int, ...]:
    """The people of the rotation that runs, whoever is primary now first."""
    rotation = await oncall.rotation_at(tx, guild_id, tx.now)
    if rotation is None:
        return ()
    primary = rotation_rules.shift_at(rotation, tx.now).primary
    at = rotation.people.index(primary) if primary in rotation.people else 0
    return rotation.people[at:] + rotation.people[:at]
