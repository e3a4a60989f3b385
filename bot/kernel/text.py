"""How Vigil writes people, times and lengths, and how it shows what people typed without being fooled by it."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Literal

from bot.kernel.limits import ISOLATE, POP_ISOLATE

TimeStyle = Literal["t", "T", "d", "D", "f", "F", "s", "S", "R"]

_ZERO_WIDTH = "\u200b"
_JOINERS = "\u200c\u200d"
# Letters that look like nothing, with which a title can be made that nobody sees.
_BLANK = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800\u00a0\t"), " ")
_NEWLINES = re.compile(r"\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_MARKS_AT_ONCE = 4

_URL = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\*_~`|\[\]]")
_LINE_START = re.compile(r"^(\s*)(#{1,3}(?=\s)|-(?=[#\s])|\+(?=\s)|>)", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d{1,9})([.)])(?=\s)", re.MULTILINE)
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_ANGLE = re.compile(r"<(?=[@#:/]|a:|t:|id:|sound:|https?:)", re.IGNORECASE)
_IN_URL = {ord(mark): f"%{ord(mark):02X}" for mark in "\\*~`|[]"}


def plain(text: str, *, one_line: bool = True) -> str:
    """`text` without what cannot be seen or turns the direction of writing; markdown is left as it is.

    For places where Discord shows no markdown: button labels, options, footers, modal values, channel topics. With
    `one_line` every run of white space becomes one space; else lines stay, at most one of them empty at a time.
    """
    text = _NEWLINES.sub("\n", text).translate(_BLANK)
    text = _few_marks(_visible(text))
    if one_line:
        return " ".join(text.split())
    lines = (" ".join(line.split(" ")).rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def escape(text: str, *, one_line: bool = True) -> str:
    """`text` as people typed it, safe inside a Discord message: it pings nobody, formats nothing and hides nothing.

    Links stay links, but never under another name. Lines are kept only with `one_line=False`.
    """
    cleaned = plain(text, one_line=one_line)
    parts: list[str] = []
    end = 0
    for link in _URL.finditer(cleaned):
        parts += [_escape_marks(cleaned[end : link.start()]), _safe_link(link.group())]
        end = link.end()
    parts.append(_escape_marks(cleaned[end:]))
    shown = "".join(parts)
    shown = _NUMBERED.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", shown))
    shown = _EVERYONE.sub("@" + _ZERO_WIDTH, _ANGLE.sub("<" + _ZERO_WIDTH, shown))
    return "\n".join(_isolate(line) for line in shown.split("\n"))


def escape_html(text: str) -> str:
    """`text` as people typed it, safe inside an HTML element or a quoted attribute; lines are kept."""
    import html  # with it comes the table of every named character, which only pages need

    return html.escape(plain(text, one_line=False), quote=True)


def when(at: datetime, style: TimeStyle = "f") -> str:
    """The instant as Discord shows it to each reader in their own zone. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return f"<t:{int(at.timestamp())}:{style}>"


def when_both(at: datetime) -> str:
    """Time of day and distance: "14:30 (in 20 minutes)", each reader in their own zone."""
    return f"{when(at, 't')} ({when(at, 'R')})"


def person(user_id: int) -> str:
    """A mention of a person; whether it pings is decided by the message that carries it."""
    return f"<@{user_id}>"


def role(role_id: int) -> str:
    """A mention of a role."""
    return f"<@&{role_id}>"


def channel(channel_id: int) -> str:
    """A link to a channel."""
    return f"<#{channel_id}>"


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """The address of a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def duration(span: timedelta) -> str:
    """A length of time in whole minutes: "45 minutes", "1 h 20 min", "2 hours", "3 days", "2 d 4 h"."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes == 0:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return _counted(minutes, "minute")
    if hours < 24 or (hours <= 72 and hours % 24):
        return f"{hours} h {minutes} min" if minutes else _counted(hours, "hour")
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else _counted(days, "day")


def slug(title: str, limit: int = 40) -> str:
    """`title` as part of a channel name: lower-case ASCII words with dashes, at most `limit`; possibly empty."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    # An apostrophe joins ("don't"), everything else parts.
    made = "-".join(re.findall(r"[a-z0-9]+", ascii_only.replace("'", "")))
    if len(made) <= limit:
        return made
    head, dash, _ = made[: limit + 1].rpartition("-")
    return head if dash else made[:limit]


def quote_block(text: str) -> str:
    """Already escaped `text` as a quotation, line by line."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


def count_words(text: str) -> int:
    """How many words `text` has: runs that hold at least one letter or digit."""
    return sum(1 for word in text.split() if any(character.isalnum() for character in word))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _visible(text: str) -> str:
    """Drop controls, overrides and zero-width marks; joiners stay only between two non-ASCII characters."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    kept: list[str] = []
    for before, character, behind in zip("\0" + text, text, text[1:] + "\0", strict=False):
        if character in _JOINERS:
            if ord(before) > 127 and ord(behind) > 127 and unicodedata.category(behind)[0] in "LMS":
                kept.append(character)
        elif character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
            kept.append(character)
    return "".join(kept)


def _few_marks(text: str) -> str:
    """Accents piled on one letter reach into other lines; a few are a language, many are a prank."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS_AT_ONCE:
            kept.append(character)
    return "".join(kept)


def _escape_marks(text: str) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _safe_link(link: str) -> str:
    encoded = link.translate(_IN_URL)
    return re.sub(r"@(?=everyone|here)", "%40", encoded, flags=re.IGNORECASE)


def _isolate(line: str) -> str:
    """Right-to-left words stay within themselves, so that they do not turn the words around them."""
    if not line.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL") for character in line):
        return f"{ISOLATE}{line}{POP_ISOLATE}"
    return line


def sentence_list(items: list[str]) -> str:
    """ "a", "a and b", "a, b and c"; empty for none."""
    return " and ".join(part for part in (", ".join(items[:-1]), items[-1]) if part) if items else ""
