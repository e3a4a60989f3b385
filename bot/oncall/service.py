"""Use cases of on-call: who has it, what comes next, entering a rotation, one's own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed
from bot.kernel.times import read_zone
from bot.oncall import rules, store
from bot.oncall.rules import Rotation, Shift
from bot.policy.permissions import permitted
from bot.policy.words import Action
from bot.servers import store as servers
from bot.servers import words
from bot.servers.models import Person
from bot.storage import Tx, UnitOfWork

WEEKS_SHOWN = 8


@dataclass(frozen=True)
class OnCall:
    """Who is on call now and in the weeks after; `rotation` is None where none was entered."""

    rotation: Rotation | None
    shifts: tuple[Shift, ...]
    may_edit: bool


class OnCallService:
    """`/oncall who`, `rotation`, `schedule`, `zone`."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def look(self, caller: Caller, *, weeks: int = 2) -> OnCall:
        """The shift that holds and those after it, `weeks` in all. Raises BadInput outside a server."""
        guild_id = _guild(caller)
        async with self._uow.read() as tx:
            rotation = await store.rotation_at(tx, guild_id, tx.now)
            shifts = () if rotation is None else rules.upcoming(rotation, tx.now, weeks)
            return OnCall(rotation, shifts, await _may_edit(tx, caller, guild_id))

    async def rotate(
        self,
        caller: Caller,
        people: Sequence[int],
        *,
        bots: Sequence[int] = (),
        weekday: int | None = None,
        hour: int | None = None,
    ) -> OnCall:
        """Enter the weekly rotation: the first of `people` is primary from now, the next one is secondary.

        Raises BadInput for nobody, a bot or too many, NotAllowed.
        """
        guild_id = _guild(caller)
        if not people:
            raise BadInput("A rotation needs at least one person. Pick who takes turns, in order.")
        if set(people) & set(bots):
            raise BadInput("A bot cannot be on call. Please pick people only.")
        if len(people) > rules.MOST_PEOPLE:
            raise BadInput(f"A rotation holds at most {rules.MOST_PEOPLE} people.")
        async with self._uow(once=caller.once("rotation")) as tx:
            if not await _may_edit(tx, caller, guild_id):
                raise NotAllowed("The core team enters the rotation, or who has Manage Server. Please ask one of them.")
            rotation = await store.put_rotation(tx, guild_id, people, by=caller.user_id, weekday=weekday, hour=hour)
            return OnCall(rotation, rules.upcoming(rotation, tx.now, WEEKS_SHOWN), may_edit=True)

    async def zone(self, caller: Caller, name: str) -> str:
        """Keep the person's own time zone; typed times are read in it. Raises BadInput with the nearest names."""
        guild_id = _guild(caller)
        zone = read_zone(name)
        async with self._uow(once=caller.once("zone")) as tx:
            person_id = await words.person(tx, guild_id, caller.user_id)
            row = await tx.session.scalar(select(Person).where(Person.id == person_id))
            assert row is not None
            row.zone = str(zone)
        return str(zone)


async def _may_edit(tx: Tx, caller: Caller, guild_id: int) -> bool:
    server = await servers.settings(tx, guild_id)
    standings = await servers.standings(tx, server, caller.user_id, caller.role_ids, manager=caller.manager)
    return permitted(Action.EDIT_ROTATION, standings)


def _guild(caller: Caller) -> int:
    if caller.guild_id is None:
        raise BadInput("Please ask in the server that it is about.")
    return caller.guild_id
