"""What Discord accepts in the body of a message: fields it knows, lengths and counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.wire.actors import Json
from tests.wire.components import check_components
from tests.wire.form import Form

MESSAGE = {"content", "embeds", "components", "allowed_mentions", "flags", "attachments", "tts", "sticker_ids", "poll"}
CREATE = MESSAGE | {"nonce", "enforce_nonce", "message_reference"}
EDIT = MESSAGE - {"poll"}
EMBED = {
    *("title", "description", "url", "color", "timestamp", "author", "footer", "fields", "image", "thumbnail"),
    *("type", "provider", "video", "flags"),
}
IS_V2 = 1 << 15
ALLOWED_FLAGS = (1 << 2) | (1 << 6) | (1 << 12) | IS_V2


def check_message(body: Json, allowed: set[str]) -> None:
    """Refuse a body that is no message. Raises Refusal (50035)."""
    form = Form()
    if form.known("", body, allowed):
        form.text("content", body.get("content"), 2000)
        check_embeds(form, body.get("embeds"))
        flags = body.get("flags") or 0
        form.number("flags", flags, 0, 1 << 20)
        if isinstance(flags, int) and flags & ~ALLOWED_FLAGS:
            form.wrong("flags", f"flags {flags & ~ALLOWED_FLAGS} cannot be set")
        v2 = isinstance(flags, int) and bool(flags & IS_V2)
        if v2 and (body.get("content") or body.get("embeds")):
            form.wrong("content", "cannot be used together with components v2")
        check_components(form, body.get("components"), v2=v2)
        _mentions(form, body.get("allowed_mentions"))
        if body.get("nonce") is not None:
            form.text("nonce", str(body["nonce"]), 25)
        form.listed("attachments", body.get("attachments"), 10)
    form.done()


def check_embeds(form: Form, embeds: Any) -> None:
    total = 0
    for n, embed in enumerate(form.listed("embeds", embeds, 10)):
        total += _embed(form, f"embeds.{n}", embed)
    if total > 6000:
        form.wrong("embeds", f"all embeds together exceed 6000 characters: {total}")


def _embed(form: Form, at: str, embed: Any) -> int:
    if not form.known(at, embed, EMBED):
        return 0
    total = form.text(f"{at}.title", embed.get("title"), 256)
    total += form.text(f"{at}.description", embed.get("description"), 4096)
    form.number(f"{at}.color", embed.get("color"), 0, 0xFFFFFF)
    for n, one in enumerate(form.listed(f"{at}.fields", embed.get("fields"), 25)):
        if form.known(f"{at}.fields.{n}", one, {"name", "value", "inline"}):
            total += form.text(f"{at}.fields.{n}.name", one.get("name"), 256, 1)
            total += form.text(f"{at}.fields.{n}.value", one.get("value"), 1024, 1)
    for part, inner, most in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(part) is not None and form.known(f"{at}.{part}", embed[part], {inner, "url", "icon_url"}):
            total += form.text(f"{at}.{part}.{inner}", embed[part].get(inner), most, 1)
    for url in [embed.get("url"), *((embed.get(part) or {}).get("url") for part in ("image", "thumbnail"))]:
        if url is not None and not str(url).startswith(("http://", "https://", "attachment://")):
            form.wrong(f"{at}.url", f"{url!r} is not a URL of a known scheme")
    if embed.get("timestamp") is not None:
        try:
            datetime.fromisoformat(str(embed["timestamp"]))
        except ValueError:
            form.wrong(f"{at}.timestamp", "is not an ISO 8601 timestamp")
    if not total and not any(embed.get(part) for part in ("image", "thumbnail", "url")):
        form.wrong(at, "an embed without anything to show")
    return total


def _mentions(form: Form, body: Any) -> None:
    if body is None or not form.known("allowed_mentions", body, {"parse", "users", "roles", "replied_user"}):
        return
    parse = form.listed("allowed_mentions.parse", body.get("parse"), 3)
    for kind in parse:
        if kind not in ("users", "roles", "everyone"):
            form.wrong("allowed_mentions.parse", f"{kind!r} cannot be parsed")
    for kind in ("users", "roles"):
        ids = form.listed(f"allowed_mentions.{kind}", body.get(kind), 100)
        if ids and kind in parse:
            form.wrong(f"allowed_mentions.{kind}", f"{kind} and parse: {kind} exclude each other")
        if len({str(one) for one in ids}) != len(ids):
            form.wrong(f"allowed_mentions.{kind}", "an id twice")
        for one in ids:
            form.snowflake(f"allowed_mentions.{kind}", one)
