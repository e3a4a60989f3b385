"""From Discord's markup to the words that a reader has before their eyes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_MENTION = re.compile(r"<(?P<kind>@&|@!?|#)(?P<id>\d+)>")
_INSTANT = re.compile(r"<t:(?P<unix>-?\d+)(?::(?P<style>[tTdDfFsSR]))?>")
_COMMAND = re.compile(r"</(?P<name>[^:>]+):\d+>")
_LINK = re.compile(r"\[(?P<label>[^\]]+)\]\(<?(?P<url>https?://[^)>]+)>?\)")
_PLACE = re.compile(r"https://discord\.com/channels/\d+/(?P<id>\d+)/\d+")
_LINE_MARK = re.compile(r"^(?:#{1,3} |-# |>>> |> )", re.MULTILINE)
_STYLE = re.compile(r"(?<!\\)(\*\*\*|\*\*|__|~~|\|\||```|`)")
_ITALIC = re.compile(r"(?<![\w\\])_(?=\S)([^\n]*?\S)(?<!\\)_(?!\w)")
_ESCAPE = re.compile(r"\\([^\w\s]|_)")
_UNITS = ((timedelta(days=365), "year"), (timedelta(days=30), "month"), (timedelta(days=1), "day"))


@dataclass(frozen=True)
class Reader:
    """Turns markup into words. `name(kind, id)` finds the name of `@` a person, `@&` a role, `#` a channel."""

    name: Callable[[str, int], str]
    now: datetime

    def read(self, text: str) -> str:
        """`text` as its reader sees it: names for ids, times in UTC, no markup, nothing invisible."""
        text = _INSTANT.sub(lambda m: instant(int(m["unix"]), m["style"] or "f", self.now), text)
        text = _MENTION.sub(lambda m: self.name(m["kind"].rstrip("!"), int(m["id"])), text)
        text = _COMMAND.sub(lambda m: f"/{m['name']}", text)
        text = _PLACE.sub(lambda m: f"{self.name('#', int(m['id']))} › 💬", text)
        text = _LINK.sub(lambda m: f"{m['label']} ({m['url']})", text)
        text = _ITALIC.sub(r"\1", _STYLE.sub("", _LINE_MARK.sub("", text)))
        return visible(_ESCAPE.sub(r"\1", text)).strip()

    def message(self, message: dict[str, Any]) -> list[str]:
        """The lines of a message (Discord's JSON): content, embeds, files, then a line of controls per row."""
        lines = self._paragraphs(message.get("content") or "")
        for embed in message.get("embeds") or ():
            lines += self._embed(embed)
        for file in message.get("attachments") or ():
            lines.append(f"📎 {file.get('filename', 'file')}")
        lines += [controls for row in message.get("components") or () if (controls := _controls(row))]
        marks = [(one.get("emoji") or {}).get("name", "") for one in message.get("reactions") or ()]
        return [*lines, f"({' '.join(marks)})"] if marks else lines

    def _embed(self, embed: dict[str, Any]) -> list[str]:
        lines = self._paragraphs(embed.get("title") or "") + self._paragraphs(embed.get("description") or "")
        for field in embed.get("fields") or ():
            value = self._paragraphs(field.get("value") or "")
            name = self.read(field.get("name") or "")
            lines += [f"{name}: {value[0]}", *(f"  {line}" for line in value[1:])] if value else [name]
        footer = (embed.get("footer") or {}).get("text")
        return lines + (self._paragraphs(footer) if footer else [])

    def _paragraphs(self, text: str) -> list[str]:
        return [line.rstrip() for line in self.read(text).split("\n") if line.strip()]


def visible(text: str) -> str:
    """`text` without format characters (isolates, zero-width spaces, joiners)."""
    return "".join(mark for mark in text if unicodedata.category(mark) != "Cf")


def instant(unix: int, style: str, now: datetime) -> str:
    """A timestamp as a reader in UTC sees it at `now`."""
    at = datetime.fromtimestamp(unix, UTC)
    day = f"{at.day} {at:%B %Y}"
    shown = {
        "t": f"{at:%H:%M}",
        "T": f"{at:%H:%M:%S}",
        "d": f"{at:%d/%m/%Y}",
        "D": day,
        "F": f"{at:%A}, {day} {at:%H:%M}",
        "s": f"{at:%d/%m/%Y}, {at:%H:%M}",
        "S": f"{at:%d/%m/%Y}, {at:%H:%M:%S}",
        "R": distance(at - now),
    }
    return shown.get(style, f"{day} {at:%H:%M}")


def distance(gap: timedelta) -> str:
    """A relative time as Discord words it: "in 30 minutes", "2 hours ago"."""
    size = abs(gap)
    for unit, word in (*_UNITS, (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if size >= unit:
            return _towards(gap, round(size / unit), word)
    return _towards(gap, round(size.total_seconds()), "second")


def _towards(gap: timedelta, count: int, unit: str) -> str:
    words = f"{count} {unit}" + ("" if count == 1 else "s")
    return f"in {words}" if gap >= timedelta(0) else f"{words} ago"


def _controls(row: dict[str, Any]) -> str:
    shown = []
    for part in row.get("components") or ():
        if part.get("type") == 2:
            shown.append(f"[{part.get('label') or (part.get('emoji') or {}).get('name', '?')}]")
        elif "custom_id" in part:
            shown.append(f"[{part.get('placeholder') or 'Choose'} ▾]")
    return " ".join(shown)
