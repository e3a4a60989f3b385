"""_Who responds?_: people onto the roster, into the role and into the rotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.effects import record
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed, WrongState
from bot.kernel.ids import mark
from bot.oncall import rules as rotation_rules
from bot.oncall import store as oncall
from bot.policy.permissions import permitted
from bot.policy.words import Action, Standing
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.setup import store
from bot.setup.kinds import GIVE
from bot.setup.service import ONLY_HERE, outcome
from bot.setup.store import Result
from bot.storage import Tx, UnitOfWork


@dataclass(frozen=True)
class Enrolled:
    """Who was put on the roster, and the rotation as it is now."""

    people: tuple[int, ...]
    already: tuple[int, ...]
    rotation: tuple[int, ...]
    effect_ids: tuple[int, ...]
    has_role: bool


class RespondersService:
    """The select and its _Try again_."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def enrol(
        self, caller: Caller, people: Sequence[int], *, bots: Sequence[int], absent: Sequence[int]
    ) -> Enrolled:
        """Put people on the roster, give them the role, and let them take turns week by week.

        A rotation that runs goes on with whoever is on call; who is new joins at its end. Raises BadInput for a bot
        or somebody who is not in the server, NotAllowed, WrongState before the set-up.
        """
        if bots:
            raise BadInput("A bot cannot respond to an incident. Please pick people only.")
        if absent:
            raise BadInput("Somebody whom you picked is not in this server any more. Please pick people who are.")
        if not people:
            raise BadInput("Nobody was picked. Please pick at least one person.")
        async with self._uow(once=caller.once("responders")) as tx:
            view = await _allowed(tx, caller)
            guild_id = view.guild_id
            running = await _order(tx, guild_id)
            order = tuple(dict.fromkeys([*running, *people]))
            if len(order) > rotation_rules.MOST_PEOPLE:
                raise BadInput(f"A rotation holds at most {rotation_rules.MOST_PEOPLE} people. Please pick fewer.")
            new = [one for one in people if await servers.enrol(tx, guild_id, one, Standing.RESPONDER)]
            if order != running:
                await oncall.put_rotation(tx, guild_id, order, by=caller.user_id)
            ids = await _give(tx, caller, guild_id, people) if Standing.RESPONDER in view.roles else ()
            return Enrolled(
                people=tuple(people),
                already=tuple(one for one in people if one not in new),
                rotation=order,
                effect_ids=ids,
                has_role=Standing.RESPONDER in view.roles,
            )

    async def allowed(self, caller: Caller) -> None:
        """Raises NotAllowed, WrongState as `enrol` does, before anybody is asked for names."""
        async with self._uow.read() as tx:
            await _allowed(tx, caller)

    async def again(self, caller: Caller) -> tuple[int, ...]:
        """_Try again_: give the role to those for whom it was refused; ids of what to wait for."""
        async with self._uow(once=caller.once("roles_again")) as tx:
            view = await _allowed(tx, caller)
            people = await store.refused_people(tx, view.guild_id)
            await store.settle_failed(tx, view.guild_id, kinds=(GIVE,))
            return await _give(tx, caller, view.guild_id, people)

    async def outcome(self, caller: Caller, effect_ids: Sequence[int]) -> Result:
        """Wait a little for the roles to be given."""
        return await outcome(self._uow, caller.guild_id or 0, effect_ids)


async def _allowed(tx: Tx, caller: Caller) -> ServerView:
    if caller.guild_id is None:
        raise BadInput(ONLY_HERE)
    view = await servers.settings(tx, caller.guild_id)
    standings = await servers.standings(tx, view, caller.user_id, caller.role_ids, manager=caller.manager)
    if not permitted(Action.EDIT_ROSTER, standings):
        raise NotAllowed("The core team says who responds, or who has Manage Server. Please ask one of them.")
    if view.version == 0:
        raise WrongState("Vigil is not set up here yet. `/setup` does that first.")
    return view


async def _give(tx: Tx, caller: Caller, guild_id: int, people: Sequence[int]) -> tuple[int, ...]:
    run = mark()
    ids: list[int] = []
    for user_id in people:
        given = await record(
            tx,
            GIVE,
            guild_id=guild_id,
            subject=store.subject(guild_id),
            key=f"setup:{guild_id}:give:{user_id}:{run}",
            payload={"user": user_id, "by": caller.user_id},
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
