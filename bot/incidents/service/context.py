"""What every use case begins with: which incident, who asks, may they."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents import store
from bot.incidents.models import Incident
from bot.kernel.caller import Caller
from bot.kernel.errors import NotAllowed, NotFound, WrongState
from bot.oncall import store as oncall
from bot.policy.permissions import permitted
from bot.policy.words import Action, Kind, Standing, Status
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx

NOT_FOR_YOU = "That is for responders of this incident. Ask its lead, or join first if you are a responder."
ONLY_IN_A_SERVER = "Please use this in the server that it is about."


@dataclass(frozen=True)
class Which:
    """Which incident is meant: by row id (a button), by reference (an option), else by the room it was asked in."""

    incident_id: int | None = None
    ref: str | None = None


HERE = Which()


@dataclass(frozen=True)
class Asked:
    """An incident, locked for this transaction, with who asks."""

    incident: Incident
    server: ServerView
    standings: frozenset[Standing]


async def standings_in_server(tx: Tx, server: ServerView, caller: Caller) -> frozenset[Standing]:
    """What somebody is towards the server, on-call included."""
    found = await servers.standings(tx, server, caller.user_id, caller.role_ids, manager=caller.manager)
    if await oncall.is_on_call(tx, server.guild_id, caller.user_id, tx.now):
        found |= {Standing.ON_CALL}
    return found


async def asked(
    tx: Tx, caller: Caller, action: Action, which: Which = HERE, *, closed_ok: bool = False, lock: bool = True
) -> Asked:
    """Find the incident and check the right.

    Raises NotFound (also for one that the caller may not see), NotAllowed, WrongState for a closed one.
    """
    guild_id = caller.guild_id
    if guild_id is None:
        if which.incident_id is None:
            raise NotFound(ONLY_IN_A_SERVER)
        guild_id = (await store.row(tx, which.incident_id)).guild_id
    server = await servers.settings(tx, guild_id)
    standings = await standings_in_server(tx, server, caller)
    incident = await store.get(
        tx,
        caller.user_id,
        standings,
        guild_id=guild_id,
        incident_id=which.incident_id,
        ref=which.ref,
        channel_id=caller.channel_id,
        lock=lock,
    )
    standings |= await towards(tx, incident, caller.user_id)
    if not permitted(action, standings, kind=Kind(incident.kind), unset_server=not server.is_set_up):
        raise NotAllowed(NOT_FOR_YOU)
    if incident.closed_at is not None and not closed_ok:
        raise WrongState(
            f"{incident.ref} is already {Status(incident.status)}. `/incident reopen` takes it up again; "
            "`/incident declare` starts a new one."
        )
    return Asked(incident, server, standings)


async def towards(tx: Tx, incident: Incident, user_id: int) -> frozenset[Standing]:
    """What somebody is towards this incident."""
    found = set()
    known = await store.participant(tx, incident.id, user_id)
    if known is not None and known.left_at is None:
        found.add(Standing.PARTICIPANT)
    if incident.lead_id == user_id:
        found.add(Standing.LEAD)
    return frozenset(found)
