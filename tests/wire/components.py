"""What Discord accepts as components of a message and as a modal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.wire.actors import Json
from tests.wire.form import Form
from tests.wire.message import walk

ROW, BUTTON, STRING, INPUT, USER, ROLE, MENTIONABLE, CHANNEL = 1, 2, 3, 4, 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
UPLOAD, RADIO, BOXES, BOX = 19, 21, 22, 23
SELECTS = (STRING, USER, ROLE, MENTIONABLE, CHANNEL)
IN_LABEL = (*SELECTS, INPUT, UPLOAD, RADIO, BOXES, BOX)
BASE = {"type", "id"}
BUTTON_FIELDS = BASE | {"style", "label", "emoji", "custom_id", "url", "disabled", "sku_id"}
SELECT_FIELDS = BASE | {"custom_id", "placeholder", "min_values", "max_values", "disabled"}
OPTION_FIELDS = {"label", "value", "description", "emoji", "default"}
INPUT_FIELDS = BASE | {
    *("custom_id", "style", "label", "value", "placeholder", "required", "min_length", "max_length"),
}
HOLDERS = {
    ROW: BASE | {"components"},
    SECTION: BASE | {"components", "accessory"},
    CONTAINER: BASE | {"components", "accent_color", "spoiler"},
    TEXT: BASE | {"content"},
    THUMBNAIL: BASE | {"media", "description", "spoiler"},
    GALLERY: BASE | {"items"},
    FILE: BASE | {"file", "spoiler"},
    SEPARATOR: BASE | {"divider", "spacing"},
}


def check_components(form: Form, components: Any, *, v2: bool) -> None:
    """Rows of buttons or one select each; with `v2` a tree of at most forty parts and 4000 characters."""
    rows = form.listed("components", components, 40 if v2 else 5)
    tops = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER) if v2 else (ROW,)
    for n, part in enumerate(rows):
        if not isinstance(part, dict) or part.get("type") not in tops:
            form.wrong(f"components.{n}", f"a component of this type cannot stand here: {part!r:.80}")
            return
        _part(form, f"components.{n}", part)
    _unique(form, rows)
    if v2:
        everything = list(walk(rows))
        if len(everything) > 40:
            form.wrong("components", f"{len(everything)} components, 40 are allowed")
        if sum(len(part.get("content", "")) for part in everything) > 4000:
            form.wrong("components", "more than 4000 characters of text")


def _part(form: Form, at: str, part: Json) -> None:
    kind = part.get("type")
    if kind == BUTTON:
        _button(form, at, part)
    elif kind in SELECTS:
        _select(form, at, part, modal=False)
    elif kind in HOLDERS:
        form.known(at, part, HOLDERS[kind])
        if kind == TEXT:
            form.text(f"{at}.content", part.get("content"), 4000, 1)
        inner = part.get("components", [])
        if kind == ROW:
            most = 1 if any(one.get("type") in SELECTS for one in inner) else 5
            form.listed(f"{at}.components", inner, most, 1)
        if kind == SECTION:
            form.listed(f"{at}.components", inner, 3, 1)
        for n, one in enumerate(inner + [part[name] for name in ("accessory",) if name in part]):
            _part(form, f"{at}.components.{n}", one)
    else:
        form.wrong(at, f"unknown component type {kind!r}")


def _button(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BUTTON_FIELDS, {"style"})
    form.number(f"{at}.style", part.get("style"), 1, 5)
    form.text(f"{at}.label", part.get("label"), 80)
    if not part.get("label") and not part.get("emoji"):
        form.wrong(f"{at}.label", "a button needs a label or an emoji")
    if part.get("style") == 5:
        form.text(f"{at}.url", part.get("url"), 512, 1)
        if "custom_id" in part:
            form.wrong(f"{at}.custom_id", "a link cannot have a custom id")
        return
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    if part.get("url") is not None:
        form.wrong(f"{at}.url", "only a link can have a url")


def _select(form: Form, at: str, part: Json, *, modal: bool) -> None:
    extra = {STRING: {"options"}, CHANNEL: {"channel_types", "default_values"}}
    fields = SELECT_FIELDS | extra.get(part["type"], {"default_values"})
    form.known(at, part, fields - {"disabled"} | {"required"} if modal else fields)
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    form.text(f"{at}.placeholder", part.get("placeholder"), 150)
    most, least = part.get("max_values", 1), part.get("min_values", 1)
    form.number(f"{at}.max_values", most, 1, 25)
    form.number(f"{at}.min_values", least, 0, min(25, most))
    if part["type"] == STRING:
        _options(form, at, part.get("options"), 25, most)
        if most > len(part.get("options") or []):
            form.wrong(f"{at}.max_values", "more than there are options")
        return
    defaults = form.listed(f"{at}.default_values", part.get("default_values"), most)
    for n, one in enumerate(defaults):
        if form.known(f"{at}.default_values.{n}", one, {"id", "type"}, {"id", "type"}):
            form.snowflake(f"{at}.default_values.{n}.id", one["id"])


def _options(form: Form, at: str, options: Any, room: int, most: int, least: int = 1) -> None:
    seen: set[str] = set()
    for n, one in enumerate(form.listed(f"{at}.options", options, room, least)):
        if not form.known(f"{at}.options.{n}", one, OPTION_FIELDS, {"label", "value"}):
            continue
        form.text(f"{at}.options.{n}.label", one.get("label"), 100, 1)
        form.text(f"{at}.options.{n}.value", one.get("value"), 100, 1)
        form.text(f"{at}.options.{n}.description", one.get("description"), 100)
        if one.get("value") in seen:
            form.wrong(f"{at}.options.{n}.value", "a value twice")
        seen.add(one.get("value"))
    if sum(bool(one.get("default")) for one in options or [] if isinstance(one, dict)) > most:
        form.wrong(f"{at}.options", "more are picked already than may be")


def _unique(form: Form, components: list[Json]) -> None:
    ids = [part["custom_id"] for part in walk(components) if part.get("custom_id")]
    for twice in {one for one in ids if ids.count(one) > 1}:
        form.wrong("components", f"the custom id {twice!r} stands twice")


def check_modal(form: Form, data: Any) -> None:
    """Refuse what is no modal: a title, a custom id and one to five fields."""
    if not form.known("data", data, {"title", "custom_id", "components"}):
        return
    form.text("data.title", data.get("title"), 45, 1)
    form.text("data.custom_id", data.get("custom_id"), 100, 1)
    fields = form.listed("data.components", data.get("components"), 5, 1)
    for n, part in enumerate(fields):
        at = f"data.components.{n}"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == TEXT:
            form.text(f"{at}.content", part.get("content"), 4000, 1)
        elif kind == ROW and [one.get("type") for one in part.get("components", [])] == [INPUT]:
            form.known(at, part, HOLDERS[ROW])
            _input(form, f"{at}.components.0", part["components"][0], labelled=False)
        elif kind == LABEL:
            _label(form, at, part)
        else:
            form.wrong(at, f"a modal cannot hold this: {part!r:.80}")
    _unique(form, [part for part in fields if isinstance(part, dict)])


def _label(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BASE | {"label", "description", "component"}, {"component"})
    form.text(f"{at}.label", part.get("label"), 45, 1)
    form.text(f"{at}.description", part.get("description"), 100)
    inner = part.get("component")
    kind = inner.get("type") if isinstance(inner, dict) else None
    if kind not in IN_LABEL:
        form.wrong(f"{at}.component", f"a label cannot hold this: {inner!r:.80}")
    elif kind == INPUT:
        _input(form, f"{at}.component", inner, labelled=True)
    elif kind in SELECTS:
        _select(form, f"{at}.component", inner, modal=True)
    else:
        MORE[kind](form, f"{at}.component", inner)


def _input(form: Form, at: str, part: Json, *, labelled: bool) -> None:
    form.known(at, part, INPUT_FIELDS, {"style"})
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    if labelled:
        # Its label is the one around it; clients send the old field as null.
        if part.get("label") is not None:
            form.wrong(f"{at}.label", "the label stands around the field")
    else:
        form.text(f"{at}.label", part.get("label"), 45, 1)
    form.number(f"{at}.style", part.get("style"), 1, 2)
    form.text(f"{at}.placeholder", part.get("placeholder"), 100)
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    form.number(f"{at}.min_length", part.get("min_length"), 0, 4000)
    form.number(f"{at}.max_length", part.get("max_length"), 1, 4000)
    if part.get("value"):
        form.text(f"{at}.value", part["value"], most, least)


def _radio(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BASE | {"custom_id", "options", "required"})
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    _options(form, at, part.get("options"), 10, 1, 2)


def _boxes(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BASE | {"custom_id", "options", "required", "min_values", "max_values"})
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    _options(form, at, part.get("options"), 10, 10)
    form.number(f"{at}.min_values", part.get("min_values"), 0, 10)
    form.number(f"{at}.max_values", part.get("max_values"), 1, len(part.get("options") or []))
    if part.get("required") and part.get("min_values") == 0:
        form.wrong(f"{at}.min_values", "a required group needs at least one")


def _box(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BASE | {"custom_id", "default"})
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)


def _upload(form: Form, at: str, part: Json) -> None:
    form.known(at, part, BASE | {"custom_id", "min_values", "max_values", "required"})
    form.text(f"{at}.custom_id", part.get("custom_id"), 100, 1)
    form.number(f"{at}.max_values", part.get("max_values"), 1, 10)


MORE: dict[int, Callable[[Form, str, Json], None]] = {RADIO: _radio, BOXES: _boxes, BOX: _box, UPLOAD: _upload}
