"""What people do: type commands, press buttons, fill in forms, write. Each act is told over the gateway."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.wire import interactions as kinds
from tests.wire import messages
from tests.wire.actors import Json, Role, User
from tests.wire.bits import P
from tests.wire.interactions import Interaction, Modal
from tests.wire.message import Message
from tests.wire.options import Options, filled
from tests.wire.places import Channel
from tests.wire.world import Event

if TYPE_CHECKING:
    from tests.wire.server import Server

Value = str | int | bool | User | Role | Channel
FILE_LIMIT = 10 * 1024 * 1024


class Person:
    """Somebody at their client. What this person cannot see or do raises AssertionError, as their client would not
    offer it."""

    def __init__(self, server: Server, user: User) -> None:
        self.server = server
        self.user = user

    # Acting -------------------------------------------------------------------------------------------------------

    async def slash(self, channel: Channel, name: str, **values: Value) -> Interaction:
        """Send a command, such as `slash(general, "incident declare", title="…")`."""
        self._must_see(channel)
        return self._begin(kinds.COMMAND, channel, self._command(channel, name, values))

    async def autocomplete(self, channel: Channel, name: str, focused: str, typed: str, **values: Value) -> Interaction:
        """Type into the option `focused` of a command."""
        data = self._command(channel, name, {**values, focused: typed}, focused=focused)
        return self._begin(kinds.AUTOCOMPLETE, channel, data)

    async def menu(self, message: Message, name: str) -> Interaction:
        """Choose an entry of a message's menu."""
        command = self._find(name, 3, message.channel)
        data = {**_named(command), "type": 3, "target_id": str(message.id)}
        data["resolved"] = {"messages": {str(message.id): message.payload()}}
        return self._begin(kinds.COMMAND, message.channel, data)

    async def press(
        self,
        message: Message,
        label: str | None = None,
        *,
        custom_id: str | None = None,
        values: Sequence[str | User | Role] = (),
    ) -> Interaction:
        """Press a button, or pick `values` in a select."""
        assert message.ephemeral_to in (None, self.user.id), f"{self.user.name} does not see this private answer"
        assert message.id in message.channel.messages, "the message is gone"
        part = message.component(custom_id, label=label)
        assert part is not None, f"no {custom_id or label!r} among {message.labels()} of {message.text!r}"
        assert not part.get("disabled"), f"{custom_id or label!r} is disabled"
        data: Json = {"custom_id": part["custom_id"], "component_type": part["type"], "id": part.get("id", 1)}
        if part["type"] != 2:
            offered = {one["value"] for one in part.get("options", [])}
            data["values"] = [one if isinstance(one, str) else str(one.id) for one in values]
            assert part["type"] != 3 or set(data["values"]) <= offered, f"{values} are not among {offered}"
            options = Options(self.server.world, message.channel)
            for one in values:
                options.resolve(one)
            data["resolved"] = options.resolved
        return self._begin(kinds.COMPONENT, message.channel, data, source=message)

    async def submit(self, opener: Interaction, **values: Any) -> Interaction:
        """Send the modal that an interaction opened; fields by custom id, untouched ones keep what is prefilled."""
        await opener
        modal = opener.modal
        assert modal is not None, f"no modal but {opener.text!r}"
        unknown = values.keys() - modal.fields.keys()
        assert not unknown, f"no fields {unknown} among {list(modal.fields)}"
        return self._begin(
            kinds.SUBMIT, opener.channel, self._submitted(modal, values), source=opener.source, opener=opener
        )

    async def say(self, channel: Channel, text: str) -> Message:
        """Write a message."""
        world = self.server.world
        messages.may_post(world, channel, self.user, {"content": text}, {})
        return messages.post(world, channel, self.user, {"content": text})

    # Looking ------------------------------------------------------------------------------------------------------

    def sees(self, channel: Channel) -> bool:
        return channel.can_see(self.user)

    def channels(self) -> list[Channel]:
        """Every channel that this person has in their list, direct messages included."""
        return [one for one in self.server.world.channels.values() if one.can_see(self.user)]

    def direct(self) -> list[Message]:
        """What the bot wrote to this person directly."""
        found = [one for one in self.server.world.channels.values() if one.recipient is self.user]
        return [message for channel in found for message in channel.posts]

    def _must_see(self, channel: Channel) -> None:
        assert self.sees(channel), f"{self.user.name} does not see {channel.name!r}"

    # How it is sent -----------------------------------------------------------------------------------------------

    def _find(self, name: str, kind: int, channel: Channel) -> Json:
        guild = str(channel.guild.id) if channel.guild else None
        known = [one for one in self.server.world.commands if one.get("guild_id") in (None, guild)]
        found = next((one for one in known if one["name"] == name and one["type"] == kind), None)
        assert found is not None, f"no command {name!r} among {[one['name'] for one in known]}"
        return found

    def _command(self, channel: Channel, name: str, values: dict[str, Value], focused: str | None = None) -> Json:
        first, *rest = name.split()
        command = self._find(first, 1, channel)
        options = Options(self.server.world, channel)
        made: Json = {**_named(command), "type": 1, "options": options.nested(command, rest, values, focused)}
        return made | {"resolved": options.resolved}

    def _submitted(self, modal: Modal, values: dict[str, Any]) -> Json:
        components = []
        for outer in modal.components:
            if outer["type"] == 10:
                components.append({"type": 10, "id": 1})
            elif outer["type"] == 18:
                inner = outer["component"]
                components.append({"type": 18, "id": 1, "component": filled(inner, values)})
            else:
                inner = outer["components"][0]
                components.append({"type": 1, "id": 1, "components": [filled(inner, values)]})
        return {"custom_id": modal.custom_id, "components": components, "resolved": {}}

    def _begin(
        self,
        kind: int,
        channel: Channel,
        data: Json,
        *,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        self._must_see(channel)
        server = self.server
        made = Interaction(
            server.world.snowflake(), secrets.token_hex(16), kind, self.user, channel, data, server.pulse.until
        )
        made.source, made.opener, made.begun = source, opener, time.monotonic()
        made.versions = len(source.versions) if source else 0
        made.payload = self._payload(made)
        server.interactions[made.token] = made
        guild_id = channel.guild.id if channel.guild else None
        made.delivered = server.gateway.tell(Event("INTERACTION_CREATE", lambda _: made.payload, guild_id))
        return made

    def again(self, interaction: Interaction) -> None:
        """Deliver an interaction a second time, as a replay after a broken connection does."""
        guild_id = interaction.channel.guild.id if interaction.channel.guild else None
        self.server.gateway.tell(Event("INTERACTION_CREATE", lambda _: interaction.payload, guild_id))

    def _payload(self, made: Interaction) -> Json:
        channel, guild, bot = made.channel, made.channel.guild, self.server.world.bot
        body: Json = {
            "id": str(made.id),
            "application_id": str(bot.id),
            "type": made.type,
            "token": made.token,
            "version": 1,
            "data": made.data,
            "channel_id": str(channel.id),
            "channel": channel.payload() | {"permissions": str(int(channel.permissions(self.user)))},
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id if guild else 0)},
            "context": 0 if guild else 1,
            "attachment_size_limit": FILE_LIMIT,
            "app_permissions": str(int(channel.permissions(bot) or P.VIEW_CHANNEL)),
        }
        if made.source is not None:
            body["message"] = made.source.payload()
        if guild is None:
            return body | {"user": self.user.payload()}
        member = guild.members[self.user.id].payload() | {"permissions": str(int(channel.permissions(self.user)))}
        about = {"id": str(guild.id), "locale": "en-US", "features": []}
        return body | {"guild_id": str(guild.id), "guild": about, "guild_locale": "en-US", "member": member}


def _named(command: Json) -> Json:
    made = {"id": command["id"], "name": command["name"]}
    return made | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})
