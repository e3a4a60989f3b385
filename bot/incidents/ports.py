"""What this slice needs of Discord besides messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class OverwriteLike(Protocol):
    """Rights of one role or member in one channel."""

    def payload(self) -> dict[str, Any]: ...


class MakeOverwrite(Protocol):
    """Builds an overwrite: permission bits allowed and denied."""

    def __call__(self, target_id: int, member: bool, allow: int = 0, deny: int = 0) -> OverwriteLike: ...


class RoomPort(Protocol):
    """Channels by id; raises Refused and Retry."""

    async def create_channel(
        self,
        guild_id: int,
        name: str,
        *,
        kind: int = 0,
        parent_id: int | None = None,
        topic: str | None = None,
        overwrites: Sequence[Any] = (),
        reason: str | None = None,
    ) -> int: ...
    async def guild(self, guild_id: int) -> dict[str, Any]: ...
    async def member(self, guild_id: int, user_id: int) -> dict[str, Any] | None: ...
    async def find_channels(self, guild_id: int, mark: str) -> list[int]: ...
    async def channel(self, channel_id: int) -> dict[str, Any] | None: ...
    async def channels(self, guild_id: int) -> list[dict[str, Any]]: ...
    async def modify_channel(self, channel_id: int, *, reason: str | None = None, **fields: Any) -> None: ...
    async def delete_channel(self, channel_id: int, *, reason: str | None = None) -> None: ...
    async def set_overwrite(self, channel_id: int, overwrite: Any, *, reason: str | None = None) -> None: ...
    async def clear_overwrite(self, channel_id: int, target_id: int, *, reason: str | None = None) -> None: ...
