"""What a form of an update starts with: the writer's own draft, the last update, the incident, or its log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.incidents import log
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.kernel.text import plain
from bot.policy.words import Status
from bot.servers import words
from bot.storage import Tx
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import PARTS, Content

DRAFT = "update.form"


async def from_the_log(tx: Tx, incident: Incident, last: PublicUpdate | None) -> str:
    """A draft: what people entered in the log since the last update, one line each."""
    since = last.published_at if last is not None else None
    lines = await log.entries(tx, incident.id, since=since, limit=60, newest=True)
    said = [one.text for one in lines if one.text and one.kind in (Entry.NOTE, Entry.MESSAGE, Entry.CORRECTION)]
    return "\n".join(plain(text) for text in said[-6:])


async def from_last(tx: Tx, incident: Incident, last: PublicUpdate | None) -> Content:
    """The last update to go on from; before the first one, what the incident says of itself."""
    status = Status(incident.status)
    if last is not None:
        return Content(status, (await updates.view(tx, last)).texts, "")
    known = await words.latest(tx, incident.subject)
    who, data = known.get("impact.who") or known.get("affected", ""), known.get("impact.data", "")
    return Content(status, {"known": known.get("summary", ""), "affected": "\n".join(x for x in (who, data) if x)}, "")


async def save_draft(tx: Tx, incident: Incident, user_id: int, content: Content) -> None:
    """Keep what was typed, in the form in which _Edit again_ opens it."""
    await words.save_draft(
        tx,
        guild_id=incident.guild_id,
        user_id=user_id,
        purpose=DRAFT,
        subject=str(incident.id),
        data={
            "fields": {**{part: content.part(part) for part in PARTS}, "next": content.next},
            "choices": {"status": [str(content.status)]},
            "promised": None if content.promised is None else content.promised.isoformat(),
        },
    )


async def draft_of(tx: Tx, incident: Incident, user_id: int) -> Content | None:
    """What this person wrote and did not publish, if anything."""
    data: dict[str, Any] | None = await words.draft(
        tx, guild_id=incident.guild_id, user_id=user_id, purpose=DRAFT, subject=str(incident.id)
    )
    if not data:
        return None
    fields = data.get("fields", {})
    status = (data.get("choices", {}).get("status") or [incident.status])[0]
    promised = data.get("promised")
    return Content(
        Status(status),
        {part: fields.get(part, "") for part in PARTS},
        fields.get("next", ""),
        datetime.fromisoformat(promised) if promised else None,
    )


async def drop_draft(tx: Tx, incident: Incident, user_id: int) -> None:
    """It was published."""
    await words.drop_draft(tx, guild_id=incident.guild_id, user_id=user_id, purpose=DRAFT, subject=str(incident.id))
