"""The options of a command and the fields of a modal, checked and filled in as a person's client does."""

from __future__ import annotations

from typing import Any

from tests.wire.actors import Json, Role, User
from tests.wire.commands import BOOLEAN, CHANNEL, GROUP, INTEGER, NUMBER, ROLE, STRING, SUBCOMMAND
from tests.wire.commands import USER as MEMBER
from tests.wire.interactions import prefilled
from tests.wire.places import Channel
from tests.wire.world import World

FITS: dict[int, type | tuple[type, ...]] = {
    STRING: str,
    INTEGER: int,
    BOOLEAN: bool,
    NUMBER: (int, float),
    MEMBER: User,
    ROLE: Role,
    CHANNEL: Channel,
}


class Options:
    """Collects the values of one command, and what they resolve to."""

    def __init__(self, world: World, channel: Channel) -> None:
        self._world = world
        self._channel = channel
        self.resolved: Json = {}

    def nested(self, command: Json, path: list[str], values: dict[str, Any], focused: str | None = None) -> list[Json]:
        """The options as sent, below the subcommands of `path`."""
        known = {one["name"]: one for one in command.get("options") or []}
        if path:
            assert path[0] in known, f"no {path[0]!r} among {list(known)}"
            below = known[path[0]]
            assert below["type"] in (SUBCOMMAND, GROUP), f"{path[0]!r} is no subcommand"
            inner = self.nested(below, path[1:], values, focused)
            return [{"name": path[0], "type": below["type"], "options": inner}]
        assert not any(one["type"] in (SUBCOMMAND, GROUP) for one in known.values()), f"one of {list(known)} is needed"
        assert values.keys() <= known.keys(), f"{set(values) - set(known)} are not among {list(known)}"
        missing = {name for name, one in known.items() if one.get("required")} - values.keys()
        assert not missing or focused, f"{missing} are required"
        return [self._option(known[name], value, focused) for name, value in values.items()]

    def _option(self, option: Json, value: Any, focused: str | None) -> Json:
        name = option["name"]
        made = {"name": name, "type": option["type"], "value": value}
        if name == focused:
            assert option.get("autocomplete"), f"{name!r} has no autocompletion"
            return made | {"focused": True}
        assert isinstance(value, FITS.get(option["type"], object)), f"{name}: {value!r} does not fit"
        offered = [one["value"] for one in option.get("choices") or []]
        assert not offered or value in offered, f"{name}: {value!r} is not among {offered}"
        if isinstance(value, str):
            assert option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000), f"{name}: length"
        if isinstance(value, User | Role | Channel):
            made["value"] = str(value.id)
            self.resolve(value)
        return made

    def resolve(self, value: Any) -> None:
        """Put a person, role or channel among what comes along."""
        guild = self._channel.guild
        if isinstance(value, User):
            self._put("users", value.id, value.payload())
            if guild and value.id in guild.members:
                rights = {"permissions": str(int(self._channel.permissions(value)))}
                self._put("members", value.id, guild.members[value.id].payload(user=False) | rights)
        elif isinstance(value, Role):
            self._put("roles", value.id, value.payload())
        elif isinstance(value, Channel):
            self._put("channels", value.id, value.payload() | {"permissions": "0"})

    def _put(self, kind: str, identity: int, body: Json) -> None:
        self.resolved.setdefault(kind, {})[str(identity)] = body


def filled(part: Json, values: dict[str, Any]) -> Json:
    """One field of a modal as it comes back; one that was not touched keeps what it was prefilled with."""
    key, kind = part["custom_id"], part["type"]
    value = values.get(key, prefilled(part))
    made: Json = {"type": kind, "custom_id": key, "id": part.get("id", 1)}
    if kind == 4:
        least = part.get("min_length") or (1 if part.get("required", True) else 0)
        assert least <= len(value) <= (part.get("max_length") or 4000), f"{key}: {len(value)} characters do not fit"
        return made | {"value": value}
    if kind == 23:
        return made | {"value": bool(value)}
    if kind == 21:
        assert value or not part.get("required", True), f"{key}: pick one"
        return made | {"value": value}
    picked = [value] if isinstance(value, str | User | Role) else list(value)
    texts = [one if isinstance(one, str) else str(one.id) for one in picked]
    offered = {one["value"] for one in part.get("options", [])}
    assert not offered or set(texts) <= offered, f"{key}: {texts} are not among {offered}"
    assert texts or not part.get("required", True), f"{key}: pick one"
    return made | {"values": texts}
