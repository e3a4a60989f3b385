"""The plan of a set-up: what is used, what is made, what stands in the way; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.kernel.limits import CHANNELS_PER_CATEGORY, CHANNELS_PER_SERVER
from bot.policy.words import Standing
from bot.setup.permissions import ALL, CHANNELS, POSTING, ROLES, Permission, missing
from bot.setup.seen import CATEGORY, NEWS, TEXT, Seen, SeenChannel, SeenRole

CATEGORY_WARNING, SERVER_WARNING = CHANNELS_PER_CATEGORY - 5, CHANNELS_PER_SERVER - 50


class Thing(StrEnum):
    """One part of a server's set-up."""

    CATEGORY = "category"
    UPDATES = "updates"
    OPERATIONS = "operations"
    RESPONDER = "responder"
    CORE = "core"
    MODERATOR = "moderator"
    SECURITY = "security"
    COMMS = "comms"

    @property
    def standing(self) -> Standing | None:
        """The group that this role stands for; None for a channel."""
        return None if self in PLACES else Standing(self.value)


PLACES = (Thing.CATEGORY, Thing.UPDATES, Thing.OPERATIONS)
TEAMS = (Thing.CORE, Thing.MODERATOR, Thing.SECURITY, Thing.COMMS)
ORDER = (Thing.RESPONDER, *TEAMS, *PLACES)
"""In which order things are made: a private channel opens to roles, and stands in a category."""

NAMES: Mapping[Thing, tuple[str, ...]] = {
    Thing.CATEGORY: ("Incidents",),
    Thing.UPDATES: ("updates", "incident-updates", "status-updates"),
    Thing.OPERATIONS: ("operations", "incident-operations"),
    Thing.RESPONDER: ("Responders", "Incident responders"),
    Thing.CORE: ("Core team", "Core"),
    Thing.MODERATOR: ("Moderators", "Moderator", "Mods"),
    Thing.SECURITY: ("Security", "Security team"),
    Thing.COMMS: ("Comms", "Communications", "Comms team"),
}
"""The name under which a thing is made comes first; the others are taken for it where they exist already."""

MAKE, LEAVE = "make", "leave"
Wish = int | str
"""An id to use, MAKE, or LEAVE (without it)."""


@dataclass(frozen=True)
class Current:
    """The set-up that holds: ids by thing, the time zone's name, and its version (0: never set up)."""

    ids: Mapping[Thing, int] = field(default_factory=dict)
    zone: str = "UTC"
    version: int = 0


@dataclass(frozen=True)
class Choices:
    """What somebody chose so far; what they did not mention stays as it is, or is proposed."""

    wishes: Mapping[Thing, Wish] = field(default_factory=dict)
    zone: str | None = None

    def draft(self) -> dict[str, Any]:
        """As kept in a draft."""
        return {"wishes": {str(thing): wish for thing, wish in self.wishes.items()}, "zone": self.zone}

    @staticmethod
    def from_draft(data: Mapping[str, Any] | None) -> Choices:
        """From a draft; nothing chosen where there is none."""
        data = data or {}
        return Choices({Thing(name): wish for name, wish in data.get("wishes", {}).items()}, data.get("zone"))

    def plus(self, wishes: Mapping[Thing, Wish], zone: str | None = None) -> Choices:
        """With these on top."""
        return Choices({**self.wishes, **wishes}, zone or self.zone)


class Does(StrEnum):
    """What the plan does about a thing."""

    KEEP = "keep"  # it is set up and there
    USE = "use"  # it is there and becomes part of the set-up
    MAKE = "make"
    AGAIN = "again"  # it was set up, is gone, and is made again
    LEAVE = "leave"  # the server goes without

    @property
    def makes(self) -> bool:
        return self in (Does.MAKE, Does.AGAIN)


@dataclass(frozen=True)
class Step:
    """One line of the plan. `known`: the id that the set-up has now; `alike`: ids that have this name already."""

    thing: Thing
    does: Does
    id: int | None = None
    name: str = ""
    known: int | None = None
    alike: tuple[int, ...] = ()


class Trouble(StrEnum):
    """What stands in the way (or, for the later ones, what to know)."""

    LACKS = "lacks"  # a permission in the whole server
    LACKS_HERE = "lacks_here"  # a permission in one channel
    HIDDEN = "hidden"  # the bot may not see the channel
    WRONG_KIND = "wrong_kind"  # a voice channel as updates, a text channel as category
    OPEN = "open"  # operations that everybody can read
    EVERYONE = "everyone"  # the role that everybody has
    MANAGED = "managed"  # the role of a bot or an integration
    GONE = "gone"  # chosen, and deleted meanwhile
    SAME = "same"  # one channel for updates and operations
    TOO_HIGH = "too_high"  # a role above the bot's own: it cannot be given
    CLOSED = "closed"  # updates that not everybody can read
    ADMINISTRATORS = "administrators"
    CATEGORY_FULL = "category_full"
    SERVER_FULL = "server_full"


NOTES = frozenset(
    {Trouble.CLOSED, Trouble.TOO_HIGH, Trouble.ADMINISTRATORS, Trouble.CATEGORY_FULL, Trouble.SERVER_FULL}
)


@dataclass(frozen=True)
class Finding:
    """Something in the way or worth knowing; `names` are of permissions or of roles, `id` of the channel or role."""

    trouble: Trouble
    thing: Thing | None = None
    id: int | None = None
    names: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the plan cannot be done before this is changed."""
        return self.trouble not in NOTES


@dataclass(frozen=True)
class Plan:
    """What would be done, in the order in which people read it."""

    steps: tuple[Step, ...]
    zone: str
    zone_changes: bool
    findings: tuple[Finding, ...]
    own_role: str = "Vigil"

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """What must be changed first."""
        return tuple(one for one in self.findings if one.blocks)

    @property
    def changes(self) -> bool:
        """Whether doing it would change anything."""
        return self.zone_changes or any(self.changing(step) for step in self.steps)

    @staticmethod
    def changing(step: Step) -> bool:
        """Whether this step changes the set-up."""
        return step.does is not Does.KEEP and not (step.does is Does.LEAVE and step.known is None)

    def step(self, thing: Thing) -> Step:
        """The line about one thing."""
        return next(one for one in self.steps if one.thing is thing)


def plan(now: Current, seen: Seen, choices: Choices) -> Plan:
    """What to do so that the server has what was chosen: use what is there, make what is not."""
    steps = tuple(_step(now, seen, thing, choices.wishes.get(thing)) for thing in (*PLACES, Thing.RESPONDER, *TEAMS))
    zone = choices.zone or now.zone
    return Plan(
        steps=steps,
        zone=zone,
        zone_changes=zone != now.zone or now.version == 0,
        findings=(*_in_the_way(seen, steps), *_to_know(seen, steps)),
        own_role=seen.own_role_name,
    )


def _step(now: Current, seen: Seen, thing: Thing, wish: Wish | None) -> Step:
    before = now.ids.get(thing)
    name, alike = NAMES[thing][0], _named(seen, thing, NAMES[thing][:1])
    if alike and wish != MAKE and thing is Thing.OPERATIONS:
        name, alike = NAMES[thing][1], _named(seen, thing, NAMES[thing][1:])
    make = Step(thing, Does.MAKE if before is None else Does.AGAIN, None, name, before, alike)
    if isinstance(wish, int):
        return Step(thing, Does.KEEP if wish == before else Does.USE, wish, _name(seen, wish), before)
    if wish == LEAVE:
        return Step(thing, Does.LEAVE, None, name, before)
    if before is not None and (before in seen.hidden or _there(seen, thing, before)):
        return Step(thing, Does.KEEP, before, _name(seen, before), before)
    if before is None and wish is None:
        usable = [one for one in _named(seen, thing, NAMES[thing]) if not _unusable(seen, thing, one)]
        if usable:
            return Step(thing, Does.USE, usable[0], _name(seen, usable[0]), None)
        if thing in TEAMS:
            return Step(thing, Does.LEAVE, None, name, None)
    return make


def _there(seen: Seen, thing: Thing, id_: int) -> bool:
    return id_ in (seen.channels if thing in PLACES else seen.roles)


def _name(seen: Seen, id_: int) -> str:
    found: SeenChannel | SeenRole | None = seen.channels.get(id_) or seen.roles.get(id_)
    return found.name if found else ""


def _named(seen: Seen, thing: Thing, names: tuple[str, ...]) -> tuple[int, ...]:
    """Ids of what has one of these names, the first name's first, older before newer."""
    order = [name.casefold() for name in names]
    if thing in PLACES:
        kinds = (CATEGORY,) if thing is Thing.CATEGORY else (TEXT, NEWS)
        pairs = [(one.name.casefold(), one.id) for one in seen.channels.values() if one.kind in kinds]
    else:
        pairs = [(one.name.casefold(), one.id) for one in seen.roles.values()]
    return tuple(id_ for _, id_ in sorted((order.index(name), id_) for name, id_ in pairs if name in order))


def _unusable(seen: Seen, thing: Thing, id_: int) -> bool:
    """Whether something that merely has the right name must not be taken without being asked for."""
    step = Step(thing, Does.USE, id_)
    return bool(_about_place(seen, step) if thing in PLACES else _about_role(seen, step))


def _in_the_way(seen: Seen, steps: tuple[Step, ...]) -> list[Finding]:
    found: list[Finding] = []
    makes_place = any(one.does.makes and one.thing in PLACES for one in steps)
    makes_role = any(one.does.makes and one.thing not in PLACES for one in steps)
    needed: tuple[Permission, ...] = ALL if makes_place else (ROLES,) if makes_role else ()
    if lacking := missing(seen.held, needed):
        found.append(Finding(Trouble.LACKS, names=tuple(one.name for one in lacking)))
    for step in steps:
        if step.does in (Does.KEEP, Does.USE):
            found += _about_place(seen, step) if step.thing in PLACES else _about_role(seen, step)
    places = {one.thing: one.id for one in steps if one.id is not None}
    if places.get(Thing.UPDATES) is not None and places.get(Thing.UPDATES) == places.get(Thing.OPERATIONS):
        found.append(Finding(Trouble.SAME, Thing.OPERATIONS, places[Thing.UPDATES]))
    return found


def _about_place(seen: Seen, step: Step) -> list[Finding]:
    assert step.id is not None
    if step.id in seen.hidden:
        return [Finding(Trouble.HIDDEN, step.thing, step.id)]
    channel = seen.channels.get(step.id)
    if channel is None:
        return [Finding(Trouble.GONE, step.thing, step.id)]
    wanted = (CATEGORY,) if step.thing is Thing.CATEGORY else (TEXT, NEWS)
    if channel.kind not in wanted:
        return [Finding(Trouble.WRONG_KIND, step.thing, step.id)]
    if step.thing is Thing.OPERATIONS and step.does is Does.USE and seen.open_to_everyone(channel):
        return [Finding(Trouble.OPEN, step.thing, step.id)]
    needed = (POSTING[0], CHANNELS) if step.thing is Thing.CATEGORY else POSTING
    lacking = missing(seen.held_in(channel), needed)
    return [Finding(Trouble.LACKS_HERE, step.thing, step.id, tuple(one.name for one in lacking))] if lacking else []


def _about_role(seen: Seen, step: Step) -> list[Finding]:
    assert step.id is not None
    if step.id == seen.guild_id:
        return [Finding(Trouble.EVERYONE, step.thing, step.id)]
    role = seen.roles.get(step.id)
    if role is None:
        return [Finding(Trouble.GONE, step.thing, step.id)]
    return [Finding(Trouble.MANAGED, step.thing, step.id)] if role.managed else []


def _to_know(seen: Seen, steps: tuple[Step, ...]) -> list[Finding]:
    found: list[Finding] = []
    for step in steps:
        role = seen.roles.get(step.id) if step.id is not None else None
        if role is not None and not role.managed and role.id != seen.guild_id and not seen.can_give(role):
            found.append(Finding(Trouble.TOO_HIGH, step.thing, role.id))
        place = seen.channels.get(step.id) if step.id is not None else None
        if step.thing is Thing.UPDATES and place is not None and not seen.open_to_everyone(place):
            found.append(Finding(Trouble.CLOSED, step.thing, place.id))
        if step.thing is Thing.CATEGORY and step.id is not None and seen.inside(step.id) >= CATEGORY_WARNING:
            found.append(Finding(Trouble.CATEGORY_FULL, step.thing, step.id))
    if len(seen.channels) >= SERVER_WARNING:
        found.append(Finding(Trouble.SERVER_FULL))
    if admins := seen.administrators():
        found.append(
            Finding(
                Trouble.ADMINISTRATORS, names=tuple(f"{one.name} (a bot)" if one.bot_id else one.name for one in admins)
            )
        )
    return found
