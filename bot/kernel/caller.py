"""Who asks, as services know them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A person at an interaction. In direct messages `guild_id` is None: the record tells the server.

    `manager`: has Manage Server there. `channel_id`: where it was asked. `interaction_id` makes a repeat do nothing.
    """

    user_id: int
    guild_id: int | None
    role_ids: frozenset[int] = frozenset()
    manager: bool = False
    channel_id: int | None = None
    interaction_id: int = 0
    name: str = ""
    owner_id: int | None = None

    def once(self, act: str) -> str | None:
        """The key under which this act of this interaction is remembered."""
        return f"{self.interaction_id}:{act}" if self.interaction_id else None
