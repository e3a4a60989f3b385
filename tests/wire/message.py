"""A message, how to find what is in it, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.wire.actors import Json, User, iso

if TYPE_CHECKING:
    from tests.wire.places import Channel

EPHEMERAL, LOADING, SILENT, CROSSPOSTED = 1 << 6, 1 << 7, 1 << 12, 1 << 0


@dataclass(eq=False)
class Message:
    """A message; `ephemeral_to` is the one person who sees it, where it is a private answer.

    `pinged_users` and `pinged_roles` are the mentions that the sender was allowed to make; `pushed_to` holds the ids of
    people whose device rang when it was sent. `versions` are the contents before each edit.
    """

    id: int
    channel: Channel
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    type: int = 0
    flags: int = 0
    nonce: str | None = None
    reference: Json | None = None
    interaction: Json | None = None
    ephemeral_to: int | None = None
    created_at: float = 0.0
    edited_at: float | None = None
    pinned_at: float | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    pinged_users: set[int] = field(default_factory=set)
    pinged_roles: set[int] = field(default_factory=set)
    pushed_to: set[int] = field(default_factory=set)
    versions: list[tuple[str, list[Json]]] = field(default_factory=list)
    reactions: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        """Everything that can be read: content, embeds, then the labels of components."""
        return "\n".join(part for part in _words(self) if part)

    @property
    def is_post(self) -> bool:
        """Whether all in the channel can read it: no private answer, no "is thinking", no notice of a pin."""
        return self.ephemeral_to is None and not self.flags & LOADING and self.type in (0, 19, 20, 23)

    @property
    def silent(self) -> bool:
        return bool(self.flags & SILENT)

    def parts(self) -> Iterator[Json]:
        """Every component, nested ones after what holds them."""
        yield from walk(self.components)

    def buttons(self) -> list[Json]:
        return [part for part in self.parts() if part["type"] == 2]

    def selects(self) -> list[Json]:
        return [part for part in self.parts() if part["type"] in (3, 5, 6, 7, 8)]

    def labels(self) -> list[str]:
        return [str(button.get("label")) for button in self.buttons()]

    def component(self, custom_id: str | None = None, *, label: str | None = None) -> Json | None:
        """The component with this custom id (or this beginning, when it ends in `*`), or with this label."""
        for part in self.parts():
            own = part.get("custom_id")
            if own is not None and custom_id is not None and _same(own, custom_id):
                return part
            if label is not None and part.get("label") == label:
                return part
        return None

    def payload(self, *, censored: bool = False) -> Json:
        """Discord's JSON; `censored` as a bot without the message-content intent gets it."""
        body: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": "" if censored else self.content,
            "embeds": [] if censored else self.embeds,
            "components": [] if censored else self.components,
            "attachments": [] if censored else self.attachments,
            "timestamp": iso(self.created_at),
            "edited_timestamp": iso(self.edited_at) if self.edited_at else None,
            "tts": False,
            "mention_everyone": self.mention_everyone,
            "mentions": [user.payload() for user in self.mentions],
            "mention_roles": [str(role) for role in self.mention_roles],
            "pinned": self.pinned_at is not None,
            "type": self.type,
            "flags": self.flags,
        }
        if self.reactions:
            body["reactions"] = [_reaction(one) for one in sorted(self.reactions)]
        if self.nonce is not None:
            body["nonce"] = self.nonce
        if self.reference is not None:
            body["message_reference"] = self.reference
        if self.interaction is not None:
            body["interaction_metadata"] = self.interaction
        return body


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component of a tree."""
    for part in components:
        yield part
        yield from walk(part.get("components", []))
        yield from walk([part[one] for one in ("component", "accessory") if one in part])


def _reaction(emoji: str) -> Json:
    """A reaction of the bot's, as the bot is told of it."""
    return {
        "emoji": {"id": None, "name": emoji},
        "count": 1,
        "count_details": {"burst": 0, "normal": 1},
        "me": True,
        "me_burst": False,
        "burst_colors": [],
    }


def _same(own: str, wanted: str) -> bool:
    return own == wanted or (wanted.endswith("*") and own.startswith(wanted[:-1]))


def _words(message: Message) -> Iterator[str]:
    yield message.content
    for embed in message.embeds:
        yield embed.get("title", "")
        yield embed.get("description", "")
        for one in embed.get("fields", []):
            yield f"{one['name']}: {one['value']}"
        yield (embed.get("footer") or {}).get("text", "")
    for part in message.parts():
        if part["type"] == 10:
            yield part["content"]
        yield part.get("label") or part.get("placeholder") or ""
