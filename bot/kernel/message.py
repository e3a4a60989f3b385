"""Messages as plain data, without Discord's library, and the JSON that Discord wants (components v1).

A payload always says which lists are empty, so that an edit clears what was there, and allows pings only to the ids
that the message names. Text that is too long is cut, so a payload never exceeds Discord's limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.kernel import limits
from bot.kernel.components import NOTHING, Button, ButtonStyle, Json, Select, SelectKind, SelectOption, rows_json
from bot.kernel.custom_ids import CustomId, custom_id, parse_custom_id
from bot.kernel.limits import fit
from bot.kernel.modal import (
    Modal,
    ModalCheckboxes,
    ModalChoice,
    ModalField,
    ModalSelect,
    ModalText,
    TextInput,
    submitted,
)

__all__ = [
    "Button",
    "ButtonStyle",
    "CustomId",
    "Embed",
    "EmbedField",
    "Message",
    "Modal",
    "ModalCheckboxes",
    "ModalChoice",
    "ModalField",
    "ModalSelect",
    "ModalText",
    "Row",
    "Select",
    "SelectKind",
    "SelectOption",
    "TextInput",
    "custom_id",
    "parse_custom_id",
    "submitted",
]

Row = tuple[Button | Select, ...]
SILENT = 4096
# Room for the small reference and mark that the outbox adds to the last footer.
STAMP = 100
_SHRUNK = 80


@dataclass(frozen=True)
class EmbedField:
    """A heading with a value, beside others where `inline`."""

    name: str
    value: str
    inline: bool = False


@dataclass(frozen=True)
class Embed:
    """A framed part of a message; `timestamp` aware, `colour` as 0xRRGGBB."""

    title: str | None = None
    description: str | None = None
    fields: tuple[EmbedField, ...] = ()
    footer: str | None = None
    colour: int | None = None
    timestamp: datetime | None = None
    url: str | None = None

    def payload(self) -> Json:
        """Discord's JSON, each part cut to its own limit; the sum is the message's business."""
        made: Json = {}
        if self.title and self.title.strip():
            made["title"] = fit(self.title, limits.EMBED_TITLE)
            if self.url:
                made["url"] = self.url
        if self.description and self.description.strip():
            made["description"] = fit(self.description, limits.EMBED_DESCRIPTION)
        if self.fields:
            made["fields"] = [
                {
                    "name": fit(field.name, limits.FIELD_NAME).strip() or NOTHING,
                    "value": fit(field.value, limits.FIELD_VALUE).strip() or NOTHING,
                    "inline": field.inline,
                }
                for field in self.fields[: limits.EMBED_FIELDS]
            ]
        if self.footer and self.footer.strip():
            made["footer"] = {"text": fit(self.footer, limits.EMBED_FOOTER - STAMP)}
        if made and self.colour is not None:
            made["color"] = self.colour
        if made and self.timestamp is not None:
            if self.timestamp.tzinfo is None:
                raise ValueError("a timestamp without a zone")
            made["timestamp"] = self.timestamp.isoformat()
        return made


@dataclass(frozen=True)
class Message:
    """What is said: words, embeds, rows of buttons or selects, and exactly whom it pings.

    `silent` shows no push. Ids of `ping_users` and `ping_roles` that the words do not mention are put in front, since
    only a mention in the words pings.
    """

    content: str = ""
    embeds: tuple[Embed, ...] = ()
    rows: tuple[Row, ...] = ()
    ping_users: tuple[int, ...] = ()
    ping_roles: tuple[int, ...] = ()
    silent: bool = False

    def payload(self) -> Json:
        """Discord's JSON. A message of nothing becomes a dash, since Discord refuses an empty one."""
        users = tuple(dict.fromkeys(self.ping_users))[: limits.MENTIONED]
        roles = tuple(dict.fromkeys(self.ping_roles))[: limits.MENTIONED]
        embeds = [made for made in (embed.payload() for embed in self.embeds[: limits.EMBEDS]) if made]
        _shrink(embeds)
        content = _with_mentions(self.content, users, roles)
        if not content.strip() and not embeds:
            content = NOTHING
        made: Json = {
            "content": content,
            "embeds": embeds,
            "components": rows_json(self.rows),
            "allowed_mentions": {
                "parse": [],
                "users": [str(one) for one in users],
                "roles": [str(one) for one in roles],
                "replied_user": False,
            },
        }
        if self.silent:
            made["flags"] = SILENT
        return made


def _with_mentions(content: str, users: tuple[int, ...], roles: tuple[int, ...]) -> str:
    """The words cut to Discord's limit, with every mention that must ping before the cut."""
    mentions = [f"<@{one}>" for one in users] + [f"<@&{one}>" for one in roles]
    cut = fit(content, limits.MESSAGE_CONTENT)
    missing = [mention for mention in mentions if mention not in cut]
    if not missing:
        return cut
    front = ""
    for mention in missing:
        if len(front) + len(mention) + 1 > limits.MESSAGE_CONTENT:
            break
        front += mention + " "
    return (front + fit(content, limits.MESSAGE_CONTENT - len(front))).rstrip()


def _shrink(embeds: list[Json]) -> None:
    """Cut the longest texts, then drop the last fields and embeds, until the sum over all embeds is allowed."""
    allowed = limits.EMBEDS_TOTAL - STAMP
    while (over := sum(limits.length(text) for _, _, text in _texts(embeds)) - allowed) > 0:
        holder, name, text = max(
            (slot for slot in _texts(embeds) if slot[1] in ("description", "value", "text")),
            key=lambda slot: limits.length(slot[2]),
            default=({}, "", ""),
        )
        long = limits.length(text)
        if long > _SHRUNK:
            holder[name] = fit(text, max(_SHRUNK, long - over))
            continue
        with_fields = [embed for embed in embeds if embed.get("fields")]
        if with_fields:
            with_fields[-1]["fields"].pop()
        else:
            embeds.pop()
    embeds[:] = [embed for embed in embeds if any(embed.get(part) for part in _PARTS)]


_PARTS = ("title", "description", "fields", "footer")


def _texts(embeds: list[Json]) -> Iterator[tuple[Json, str, str]]:
    """Every text that counts towards the sum, with the object and key that hold it."""
    for embed in embeds:
        for name in ("title", "description"):
            if name in embed:
                yield embed, name, embed[name]
        for field in embed.get("fields", ()):
            yield field, "name", field["name"]
            yield field, "value", field["value"]
        if "footer" in embed:
            yield embed["footer"], "text", embed["footer"]["text"]
