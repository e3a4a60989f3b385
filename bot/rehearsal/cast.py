"""Who and what stands on the rehearsal's server before anything happens: plain data, no simcord."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A member. `key` names them in plays and addresses; `part` says in a few words what they are there for."""

    key: str
    name: str
    part: str
    roles: tuple[str, ...] = ()
    owner: bool = False


@dataclass(frozen=True)
class SeedRoom:
    """A text channel that exists from the start. `only`: the role that sees it; None: everybody."""

    name: str
    category: str
    topic: str = ""
    only: str | None = None


@dataclass(frozen=True)
class SeedRole:
    """A role and the colour of its members' names."""

    name: str
    colour: int


@dataclass(frozen=True)
class Company:
    """A server with its people. The first person is the one who is looked at first.

    `on_call`: keys of those who take turns, this week's primary first.
    """

    name: str
    people: tuple[Person, ...]
    roles: tuple[SeedRole, ...]
    rooms: tuple[SeedRoom, ...]
    on_call: tuple[str, ...] = ()

    def person(self, key: str) -> Person:
        """The person with that key. Raises KeyError."""
        return next((one for one in self.people if one.key == key), None) or _nobody(key)

    def with_role(self, role: str) -> tuple[Person, ...]:
        """Those who hold the role, in the order of the cast."""
        return tuple(one for one in self.people if role in one.roles)


def _nobody(key: str) -> Person:
    raise KeyError(f"nobody on this server is called {key!r}")


RESPONDERS = "Responders"
CORE_TEAM = "Core team"
MODERATORS = "Moderators"
SECURITY = "Security"
COMMS = "Comms"

LUMINOUS = Company(
    name="Luminous Dynamics",
    people=(
        Person("alice", "Alice", "on call, primary", (RESPONDERS, CORE_TEAM)),
        Person("bob", "Bob", "on call, secondary", (RESPONDERS, SECURITY)),
        Person("charlie", "Charlie", "responder", (RESPONDERS,)),
        Person("dana", "Dana", "owns the server", (CORE_TEAM, COMMS), owner=True),
        Person("erin", "Erin", "community member"),
    ),
    roles=(
        SeedRole(CORE_TEAM, 0xE0A030),
        SeedRole(RESPONDERS, 0x4FA3E0),
        SeedRole(SECURITY, 0xB58BE8),
        SeedRole(COMMS, 0x5FBF8F),
    ),
    rooms=(
        SeedRoom("general", "Community", "Everything Terra Atlas"),
        SeedRoom("support", "Community", "Something does not work? Say it here."),
        SeedRoom("updates", "Incidents", "What is down, what we know, when you hear more. Posted by Vigil."),
        SeedRoom("operations", "Incidents", "Handoffs, what is overdue, what Vigil could not do.", only=RESPONDERS),
    ),
    on_call=("alice", "bob"),
)
