"""The calls that Vigil makes, each by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.discord_port.rest import HttpSource, call
from bot.kernel.outside import Refused

UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_OVERWRITE = 10008, 10003, 10009
GONE = frozenset({UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_OVERWRITE})
LOOK_BACK = 100
EPHEMERAL, LOADING = 1 << 6, 1 << 7
PAGES = 30
CLOCKS_DIFFER = timedelta(minutes=10)
"""Message ids carry Discord's time, `since` is ours."""


@dataclass(frozen=True)
class Sent:
    """A message of ours on Discord."""

    channel_id: int
    message_id: int


@dataclass(frozen=True)
class Overwrite:
    """Rights of one role or member in one channel, as permission bits."""

    target_id: int
    member: bool
    allow: int = 0
    deny: int = 0

    def payload(self) -> dict[str, Any]:
        """Discord's JSON."""
        return {
            "id": str(self.target_id),
            "type": 1 if self.member else 0,
            "allow": str(self.allow),
            "deny": str(self.deny),
        }


class DiscordPort:
    """Plain REST. Every method raises Refused or Retry (`bot.kernel.outside`) and nothing else of Discord's."""

    def __init__(self, http: HttpSource) -> None:
        self._http = http

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        return await call(self._http(), method, path, **options)

    # Messages -----------------------------------------------------------------------------------------------------

    async def send(self, channel_id: int, payload: dict[str, Any], *, nonce: str) -> Sent:
        """Post a message; the same `nonce` again within a few minutes posts nothing new."""
        body = {**payload, "nonce": nonce, "enforce_nonce": True}
        answer = await self._call("POST", "/channels/{channel_id}/messages", channel_id=channel_id, json=body)
        return Sent(channel_id, int(answer["id"]))

    async def edit(self, channel_id: int, message_id: int, payload: dict[str, Any]) -> None:
        """Replace a message of ours; an edit pings nobody."""
        await self._call(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=message_id,
            json={key: value for key, value in payload.items() if key != "flags"},
        )

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is fine."""
        try:
            await self._call(
                "DELETE",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=channel_id,
                message_id=message_id,
            )
        except Refused as error:
            if error.code not in GONE:
                raise

    async def pin(self, channel_id: int, message_id: int) -> None:
        """Pin a message; twice is once."""
        await self._call(
            "PUT",
            "/channels/{channel_id}/messages/pins/{message_id}",
            channel_id=channel_id,
            message_id=message_id,
        )

    async def find_messages(self, channel_id: int, mark: str, *, since: datetime, own_id: int) -> list[Sent]:
        """Messages of ours in this channel since `since` that carry `mark`, the oldest first."""
        found: list[Sent] = []
        after = discord.utils.time_snowflake(since - CLOCKS_DIFFER) - 1
        for _ in range(PAGES):
            batch = await self._call(
                "GET",
                "/channels/{channel_id}/messages",
                channel_id=channel_id,
                params={"after": max(after, 0), "limit": LOOK_BACK},
            )
            found += [
                Sent(channel_id, int(message["id"]))
                for message in sorted(batch, key=lambda message: int(message["id"]))
                if int(message["author"]["id"]) == own_id and mark in _visible_text(message)
            ]
            if len(batch) < LOOK_BACK:
                break
            after = max(int(message["id"]) for message in batch)
        return found

    async def open_dm(self, user_id: int) -> int:
        """The direct-message channel with a person."""
        answer = await self._call("POST", "/users/@me/channels", json={"recipient_id": str(user_id)})
        return int(answer["id"])

    async def crosspost(self, channel_id: int, message_id: int) -> None:
        """Publish an announcement to the servers that follow it."""
        await self._call(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/crosspost",
            channel_id=channel_id,
            message_id=message_id,
        )

    # Channels -----------------------------------------------------------------------------------------------------

    async def create_channel(
        self,
        guild_id: int,
        name: str,
        *,
        kind: int = 0,
        parent_id: int | None = None,
        topic: str | None = None,
        overwrites: Sequence[Overwrite] = (),
        reason: str | None = None,
    ) -> int:
        """Create a channel (kind 0 text, 4 category, 5 announcement) with exactly these rights; returns its id."""
        body: dict[str, Any] = {
            "name": name,
            "type": kind,
            "permission_overwrites": [overwrite.payload() for overwrite in overwrites],
        }
        if parent_id is not None:
            body["parent_id"] = str(parent_id)
        if topic is not None:
            body["topic"] = topic
        answer = await self._call("POST", "/guilds/{guild_id}/channels", guild_id=guild_id, json=body, reason=reason)
        return int(answer["id"])

    async def find_channels(self, guild_id: int, mark: str) -> list[int]:
        """Ids of channels whose topic carries `mark`, the oldest first."""
        return sorted(
            int(channel["id"]) for channel in await self.channels(guild_id) if mark in (channel.get("topic") or "")
        )

    async def channels(self, guild_id: int) -> list[dict[str, Any]]:
        """All channels that the bot can see, as Discord sends them."""
        answer: list[dict[str, Any]] = await self._call("GET", "/guilds/{guild_id}/channels", guild_id=guild_id)
        return answer

    async def channel(self, channel_id: int) -> dict[str, Any] | None:
        """One channel, or None when it is gone or hidden from the bot."""
        try:
            answer: dict[str, Any] = await self._call("GET", "/channels/{channel_id}", channel_id=channel_id)
        except Refused:
            return None
        return answer

    async def modify_channel(self, channel_id: int, *, reason: str | None = None, **fields: Any) -> None:
        """Change a channel (parent_id, permission_overwrites, topic …)."""
        await self._call("PATCH", "/channels/{channel_id}", channel_id=channel_id, json=fields, reason=reason)

    async def delete_channel(self, channel_id: int, *, reason: str | None = None) -> None:
        """Delete a channel; one that is gone already is fine."""
        try:
            await self._call("DELETE", "/channels/{channel_id}", channel_id=channel_id, reason=reason)
        except Refused as error:
            if error.code not in GONE:
                raise

    async def set_overwrite(self, channel_id: int, overwrite: Overwrite, *, reason: str | None = None) -> None:
        """Set the rights of one role or member in a channel."""
        body = {key: value for key, value in overwrite.payload().items() if key != "id"}
        await self._call(
            "PUT",
            "/channels/{channel_id}/permissions/{target_id}",
            channel_id=channel_id,
            target_id=overwrite.target_id,
            json=body,
            reason=reason,
        )

    async def clear_overwrite(self, channel_id: int, target_id: int, *, reason: str | None = None) -> None:
        """Take a role's or member's own rights in a channel away."""
        try:
            await self._call(
                "DELETE",
                "/channels/{channel_id}/permissions/{target_id}",
                channel_id=channel_id,
                target_id=target_id,
                reason=reason,
            )
        except Refused as error:
            if error.code not in GONE:
                raise

    # Answers to interactions ---------------------------------------------------------------------------------------

    async def waits(self, application_id: int, token: str) -> bool:
        """Whether an interaction was deferred and has no answer yet. Raises Refused once its token is of no use."""
        answer = await self._call(
            "GET", "/webhooks/{application_id}/{token}/messages/@original", application_id=application_id, token=token
        )
        return bool(int(answer.get("flags") or 0) & LOADING)

    async def edit_answer(self, application_id: int, token: str, payload: dict[str, Any]) -> None:
        """Fill in the answer of a deferred interaction."""
        await self._call(
            "PATCH",
            "/webhooks/{application_id}/{token}/messages/@original",
            application_id=application_id,
            token=token,
            json=payload,
        )

    async def follow_up(self, application_id: int, token: str, payload: dict[str, Any]) -> None:
        """A further private message to who pressed."""
        body = {**payload, "flags": int(payload.get("flags") or 0) | EPHEMERAL}
        await self._call(
            "POST", "/webhooks/{application_id}/{token}", application_id=application_id, token=token, json=body
        )

    # Servers and people -------------------------------------------------------------------------------------------

    async def guild(self, guild_id: int) -> dict[str, Any]:
        """A server with its roles and owner, as Discord sends it."""
        answer: dict[str, Any] = await self._call("GET", "/guilds/{guild_id}", guild_id=guild_id)
        return answer

    async def member(self, guild_id: int, user_id: int) -> dict[str, Any] | None:
        """A member, or None when that person is not in the server."""
        try:
            answer: dict[str, Any] = await self._call(
                "GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild_id, user_id=user_id
            )
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return answer

    async def create_role(self, guild_id: int, name: str, *, mentionable: bool, reason: str | None = None) -> int:
        """Create a role without any rights of its own; returns its id."""
        answer = await self._call(
            "POST",
            "/guilds/{guild_id}/roles",
            guild_id=guild_id,
            json={"name": name, "permissions": "0", "mentionable": mentionable},
            reason=reason,
        )
        return int(answer["id"])

    async def give_role(self, guild_id: int, user_id: int, role_id: int, *, reason: str | None = None) -> None:
        """Give a role; twice is once."""
        await self._call(
            "PUT",
            "/guilds/{guild_id}/members/{user_id}/roles/{role_id}",
            guild_id=guild_id,
            user_id=user_id,
            role_id=role_id,
            reason=reason,
        )


def _visible_text(message: dict[str, Any]) -> str:
    footers = [(embed.get("footer") or {}).get("text", "") for embed in message.get("embeds", ())]
    return "\n".join([message.get("content") or "", str(message.get("nonce") or ""), *footers])
