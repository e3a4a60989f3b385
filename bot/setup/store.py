"""The set-up that holds, by thing; putting one thing into it; what is still being made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from bot.effects import Effect, State
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.setup.kinds import GIVE, MAKE, OPEN, TWINS
from bot.setup.rules import PLACES, Current, Thing
from bot.storage import Tx

KEYS: Mapping[Thing, str] = {
    Thing.CATEGORY: "category_id",
    Thing.UPDATES: "updates_channel_id",
    Thing.OPERATIONS: "operations_channel_id",
}


def subject(guild_id: int) -> str:
    """The subject of everything that sets this server up."""
    return f"setup:{guild_id}"


def current(view: ServerView) -> Current:
    """The set-up that holds, as the rules read it."""
    ids = {Thing(standing.value): role for standing, role in view.roles.items() if standing.value in list(Thing)}
    places = {
        Thing.CATEGORY: view.category_id,
        Thing.UPDATES: view.updates_channel_id,
        Thing.OPERATIONS: view.operations_channel_id,
    }
    ids |= {thing: place for thing, place in places.items() if place is not None}
    return Current(ids, str(view.zone), view.version)


async def put(
    tx: Tx, guild_id: int, changes: Mapping[Thing, int | None], *, person_id: int | None, zone: str | None = None
) -> ServerView:
    """Add a version of the settings with these things changed (None: the server goes without)."""
    before = await servers.settings(tx, guild_id)
    given: dict[str, object] = {KEYS[thing]: id_ for thing, id_ in changes.items() if thing in PLACES}
    mapped = {thing: id_ for thing, id_ in changes.items() if thing not in PLACES}
    if mapped:
        held: dict[Standing, int | None] = {
            **before.roles,
            **{Standing(thing.value): one for thing, one in mapped.items()},
        }
        given["roles"] = {str(standing): one for standing, one in held.items() if one is not None}
    if zone is not None:
        given["zone"] = zone
    return await servers.change_settings(tx, guild_id, person_id=person_id, **given)


@dataclass(frozen=True)
class Outcome:
    """How an effect of the set-up ended, or that it has not; `code`: Discord's, where it refused."""

    kind: str
    thing: Thing | None
    state: State
    code: int = 0

    @property
    def ended(self) -> bool:
        return self.state not in (State.PENDING, State.RUNNING)


async def outcomes(tx: Tx, ids: Iterable[int]) -> list[Outcome]:
    """How these effects stand, in their order."""
    rows = await tx.session.scalars(select(Effect).where(Effect.id.in_(list(ids))).order_by(Effect.id))
    return [_outcome(row) for row in rows]


def _outcome(row: Effect) -> Outcome:
    thing = row.payload.get("thing")
    code = (row.last_error or "").partition("/")[2].partition(" ")[0]
    failed = row.state == State.FAILED and code.isdecimal()
    return Outcome(row.kind, Thing(thing) if thing else None, State(row.state), int(code) if failed else 0)


@dataclass(frozen=True)
class Result:
    """How it stands: what was refused, what is not finished, the set-up that holds, and whether a page reaches one."""

    failed: tuple[Outcome, ...]
    waiting: tuple[Outcome, ...]
    now: Current
    on_call: bool


async def settle_failed(tx: Tx, guild_id: int, *, kinds: tuple[str, ...] = (MAKE, OPEN, TWINS)) -> set[str]:
    """What failed before is overtaken by a new try; returns which kinds that were."""
    rows = await tx.session.scalars(
        update(Effect)
        .where(Effect.subject == subject(guild_id), Effect.state == State.FAILED, Effect.kind.in_(kinds))
        .values(state=State.DROPPED)
        .returning(Effect.kind)
    )
    return set(rows)


async def refused_people(tx: Tx, guild_id: int) -> list[tuple[int, str]]:
    """(user id, group) of those to whom a role could not be given, each once."""
    rows = await tx.session.scalars(
        select(Effect)
        .where(Effect.subject == subject(guild_id), Effect.state == State.FAILED, Effect.kind == GIVE)
        .order_by(Effect.id)
    )
    return list(dict.fromkeys((int(row.payload["user"]), str(row.payload["thing"])) for row in rows))
