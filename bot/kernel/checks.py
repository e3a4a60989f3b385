"""Is a finished payload within Discord's limits? Each violation as one line; none means that Discord takes it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.kernel import limits
from bot.kernel.limits import length

Json = Mapping[str, Any]

_ROW, _BUTTON, _STRING, _INPUT, _TEXT, _LABEL, _RADIO, _BOXES = 1, 2, 3, 4, 10, 18, 21, 22
_SELECTS = (3, 5, 6, 7, 8)
_LINK = 5


def check(payload: Json) -> list[str]:
    """Violations of a message's JSON, in the order in which they stand; an empty list is good."""
    return list(_message(payload))


def check_modal(payload: Json) -> list[str]:
    """Violations of a modal's JSON; an empty list is good."""
    return list(_modal(payload))


def _text(where: str, text: Any, most: int, least: int = 1) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{where} is no text"
    elif length(text) > most:
        yield f"{where} has {length(text)} of {most} characters"
    elif least and not text.strip():
        yield f"{where} is empty"
    elif any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        yield f"{where} has half a character"


def _message(payload: Json) -> Iterator[str]:
    content, embeds = payload.get("content") or "", payload.get("embeds") or []
    yield from _text("content", content, limits.MESSAGE_CONTENT, least=0)
    if not content.strip() and not embeds:
        yield "the message is empty"
    if len(embeds) > limits.EMBEDS:
        yield f"{len(embeds)} embeds"
    for number, embed in enumerate(embeds):
        yield from _embed(f"embed {number}", embed)
    total = sum(length(text) for embed in embeds for text in _embed_texts(embed))
    if total > limits.EMBEDS_TOTAL:
        yield f"embeds have {total} of {limits.EMBEDS_TOTAL} characters together"
    yield from _rows(payload.get("components") or [])
    yield from _mentions(payload.get("allowed_mentions"))


def _embed_texts(embed: Json) -> Iterator[str]:
    yield embed.get("title", "")
    yield embed.get("description", "")
    for field in embed.get("fields", ()):
        yield from (field["name"], field["value"])
    yield embed.get("footer", {}).get("text", "")
    yield embed.get("author", {}).get("name", "")


def _embed(where: str, embed: Json) -> Iterator[str]:
    if not any(text.strip() for text in _embed_texts(embed)):
        yield f"{where} is empty"
    for name, most in (("title", limits.EMBED_TITLE), ("description", limits.EMBED_DESCRIPTION)):
        if name in embed:
            yield from _text(f"{where} {name}", embed[name], most)
    if "footer" in embed:
        yield from _text(f"{where} footer", embed["footer"]["text"], limits.EMBED_FOOTER)
    fields = embed.get("fields", [])
    if len(fields) > limits.EMBED_FIELDS:
        yield f"{where} has {len(fields)} fields"
    for number, field in enumerate(fields):
        yield from _text(f"{where} field {number} name", field["name"], limits.FIELD_NAME)
        yield from _text(f"{where} field {number} value", field["value"], limits.FIELD_VALUE)


def _mentions(allowed: Json | None) -> Iterator[str]:
    if allowed is None:
        yield "allowed_mentions is missing, so anything pings"
        return
    if allowed.get("parse"):
        yield "allowed_mentions parses mentions out of the text"
    for name in ("users", "roles"):
        if len(allowed.get(name, ())) > limits.MENTIONED:
            yield f"allowed_mentions has {len(allowed[name])} {name}"


def _rows(rows: Sequence[Json]) -> Iterator[str]:
    if len(rows) > limits.ROWS:
        yield f"{len(rows)} rows"
    seen: set[str] = set()
    for number, row in enumerate(rows):
        where = f"row {number}"
        parts = row.get("components", [])
        buttons = [part for part in parts if part["type"] == _BUTTON]
        if row["type"] != _ROW or not parts:
            yield f"{where} is no filled row"
        if len(buttons) > limits.BUTTONS_PER_ROW:
            yield f"{where} has {len(buttons)} buttons"
        if len(parts) > len(buttons) and len(parts) > 1:
            yield f"{where} has a select that is not alone"
        for part in parts:
            yield from _identity(where, part, seen)
            yield from _button(where, part) if part["type"] == _BUTTON else _select(where, part)


def _identity(where: str, part: Json, seen: set[str]) -> Iterator[str]:
    if part["type"] == _BUTTON and part.get("style") == _LINK:
        return
    identity = part.get("custom_id")
    yield from _text(f"{where} custom_id", identity, limits.CUSTOM_ID)
    if isinstance(identity, str) and identity in seen:
        yield f"{where} has {identity} twice"
    seen.add(str(identity))


def _button(where: str, button: Json) -> Iterator[str]:
    if "label" in button:
        yield from _text(f"{where} label", button["label"], limits.BUTTON_LABEL)
    elif "emoji" not in button:
        yield f"{where} has a button without label and emoji"
    if button.get("style") == _LINK:
        yield from _text(f"{where} url", button.get("url"), limits.BUTTON_URL)
    elif button.get("style") not in (1, 2, 3, 4):
        yield f"{where} has a button of no style"


def _select(where: str, select: Json) -> Iterator[str]:
    if select["type"] not in _SELECTS:
        yield f"{where} has a component of type {select['type']}"
        return
    yield from _text(f"{where} placeholder", select.get("placeholder", ""), limits.PLACEHOLDER, least=0)
    most = limits.SELECT_VALUES
    if select["type"] == _STRING:
        yield from _options(where, select.get("options", []), limits.SELECT_OPTIONS)
        most = len(select.get("options", []))
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= low <= high <= max(1, most):
        yield f"{where} wants {low} to {high} of {most}"
    picked = len(select.get("default_values", ())) + sum(bool(one.get("default")) for one in select.get("options", ()))
    if picked > high:
        yield f"{where} has {picked} picked of {high}"


def _options(where: str, options: Sequence[Json], most: int) -> Iterator[str]:
    if not 1 <= len(options) <= most:
        yield f"{where} has {len(options)} options"
    if len({option["value"] for option in options}) < len(options):
        yield f"{where} has one value twice"
    for number, option in enumerate(options):
        yield from _text(f"{where} option {number}", option["label"], limits.OPTION_LABEL)
        yield from _text(f"{where} option {number} value", option["value"], limits.OPTION_VALUE)
        if "description" in option:
            yield from _text(f"{where} option {number} words", option["description"], limits.OPTION_DESCRIPTION)


def _modal(payload: Json) -> Iterator[str]:
    yield from _text("title", payload.get("title"), limits.MODAL_TITLE)
    yield from _text("custom_id", payload.get("custom_id"), limits.CUSTOM_ID)
    parts = payload.get("components", [])
    if not 1 <= len(parts) <= limits.MODAL_FIELDS:
        yield f"{len(parts)} fields"
    seen: set[str] = set()
    for number, part in enumerate(parts):
        where = f"field {number}"
        if part["type"] == _TEXT:
            yield from _text(where, part["content"], limits.TEXT_DISPLAY)
        elif part["type"] == _LABEL:
            yield from _text(f"{where} label", part["label"], limits.LABEL_TEXT)
            if "description" in part:
                yield from _text(f"{where} description", part["description"], limits.LABEL_DESCRIPTION)
            yield from _identity(where, part["component"], seen)
            yield from _control(where, part["component"])
        else:
            yield f"{where} is of type {part['type']}"


def _control(where: str, control: Json) -> Iterator[str]:
    if control["type"] == _INPUT:
        yield from _input(where, control)
    elif control["type"] in (_RADIO, _BOXES):
        options = control.get("options", [])
        yield from _options(where, options, limits.CHECKBOXES)
        if control["type"] == _RADIO and len(options) < 2:
            yield f"{where} has {len(options)} choices"
    else:
        yield from _select(where, control)
    if control.get("disabled"):
        yield f"{where} is disabled"


def _input(where: str, control: Json) -> Iterator[str]:
    low, high = control.get("min_length", 0), control.get("max_length", limits.INPUT_VALUE)
    if not 0 <= low <= high <= limits.INPUT_VALUE:
        yield f"{where} wants {low} to {high} characters"
    yield from _text(f"{where} placeholder", control.get("placeholder", ""), limits.INPUT_PLACEHOLDER, least=0)
    value = control.get("value", "")
    yield from _text(f"{where} value", value, high, least=0)
    if value and length(value) < low:
        yield f"{where} value is shorter than {low}"
    if "label" in control:
        yield f"{where} has a label of its own inside a label"
