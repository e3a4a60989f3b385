"""Discord's limits by name, and cutting text to them; `bot.kernel.checks` checks a finished payload.

Lengths are counted in UTF-16 units, which is never less than any other way of counting, so what fits here fits there.
"""

import re
import unicodedata

MESSAGE_CONTENT = 2000
EMBEDS = 10
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1024
EMBED_FOOTER = 2048
EMBED_AUTHOR = 256
EMBEDS_TOTAL = 6000

ROWS = 5
BUTTONS_PER_ROW = 5
BUTTON_LABEL = 80
BUTTON_URL = 512
CUSTOM_ID = 100
SELECT_OPTIONS = 25
SELECT_VALUES = 25
OPTION_LABEL = 100
OPTION_VALUE = 100
OPTION_DESCRIPTION = 100
PLACEHOLDER = 150

MODAL_TITLE = 45
MODAL_FIELDS = 5
LABEL_TEXT = 45
LABEL_DESCRIPTION = 100
INPUT_VALUE = 4000
INPUT_PLACEHOLDER = 100
CHECKBOXES = 10
TEXT_DISPLAY = 4000

MENTIONED = 100
NONCE = 25
CHANNEL_NAME = 100
CHANNEL_TOPIC = 1024
THREAD_NAME = 100
AUDIT_REASON = 512  # counted after URL encoding
CHOICES = 25
CHOICE_NAME = 100
CHOICE_VALUE = 100
COMMAND_NAME = 32
COMMAND_DESCRIPTION = 100
CHANNELS_PER_CATEGORY = 50
CHANNELS_PER_SERVER = 500
ATTACHMENT_BYTES = 10 * 1024 * 1024

ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_JOINER = "\u200d"
# The beginning of a mention, timestamp or emoji that was cut off before its end.
_OPEN_TOKEN = re.compile(r"<(?:@[!&]?|#|t:|a?:|/)[^<>\s]{0,40}$")
_DANGLING_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")


def length(text: str) -> int:
    """How long Discord may count `text` to be: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(text: str, limit: int, ellipsis: str = "…") -> str:
    """`text` if it has at most `limit` characters, else its beginning with `ellipsis`, together at most `limit`.

    A character is not parted from its accents, an emoji not from its modifiers, and no mention, timestamp or escape
    is left half; an opened isolate is closed.
    """
    if length(text) <= limit:
        return text
    if limit <= 0:
        return ""
    room = limit - length(ellipsis)
    if room <= 0:
        return ellipsis[:limit]
    kept = _beginning(text, room)
    opened = kept.count(ISOLATE) - kept.count(POP_ISOLATE)
    if opened > 0:
        kept = _beginning(kept, room - opened)
        opened = max(0, kept.count(ISOLATE) - kept.count(POP_ISOLATE))
    return kept.rstrip() + POP_ISOLATE * max(0, opened) + ellipsis


def _beginning(text: str, room: int) -> str:
    cut = min(room, len(text))
    while length(text[:cut]) > room:
        cut -= (length(text[:cut]) - room + 1) // 2
    whole = cut
    while 0 < cut < len(text) and (_extends(text[cut]) or text[cut - 1] == _JOINER):
        cut -= 1
    kept = text[: cut or whole]
    kept = _OPEN_TOKEN.sub("", kept)
    escape = _DANGLING_ESCAPE.search(kept)
    return kept[:-1] if escape and len(kept) < len(text) else kept


def _extends(character: str) -> bool:
    """True where `character` belongs to the one before it."""
    return (
        character == _JOINER
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= ord(character) <= 0x1F3FF  # skin tones
    )
