"""Queries on public updates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from bot.incidents.store import NO_SUCH
from bot.kernel.errors import NotFound
from bot.policy.words import Status
from bot.servers import words
from bot.servers.models import Person
from bot.storage import Tx
from bot.updates.models import PublicUpdate
from bot.updates.rules import Said, Stage


@dataclass(frozen=True)
class UpdateView:
    """A public update with its newest words; `by` is the user id of who wrote it."""

    id: int
    incident_id: int
    kind: Said
    stage: Stage
    status: Status
    by: int | None
    recorded_at: datetime
    published_at: datetime | None
    corrected_at: datetime | None
    next_at: datetime | None
    deviation: bool
    channel_id: int
    texts: dict[str, str]


async def row(tx: Tx, update_id: int) -> PublicUpdate:
    """The row. Raises NotFound, in the words for an incident that one may not see."""
    found = await tx.session.get(PublicUpdate, update_id)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def hold(tx: Tx, found: PublicUpdate) -> None:
    """Lock the row and read it anew. Its incident is locked before it, always: two who lock in another order wait for
    each other."""
    await tx.session.refresh(found, with_for_update=True)


async def view(tx: Tx, found: PublicUpdate) -> UpdateView:
    """The update with its newest words."""
    by = None
    if found.person_id is not None:
        by = await tx.session.scalar(select(Person.user_id).where(Person.id == found.person_id))
    return UpdateView(
        id=found.id,
        incident_id=found.incident_id,
        kind=Said(found.kind),
        stage=Stage(found.state),
        status=Status(found.status),
        by=by,
        recorded_at=found.recorded_at,
        published_at=found.published_at,
        corrected_at=found.corrected_at,
        next_at=found.next_at,
        deviation=found.deviation,
        channel_id=found.channel_id,
        texts=await words.latest(tx, found.subject),
    )


async def last(tx: Tx, incident_id: int) -> PublicUpdate | None:
    """The newest published update of an incident, if any."""
    found: PublicUpdate | None = await tx.session.scalar(
        select(PublicUpdate)
        .where(PublicUpdate.incident_id == incident_id, PublicUpdate.state == Stage.PUBLISHED)
        .order_by(PublicUpdate.id.desc())
        .limit(1)
    )
    return found


async def any_yet(tx: Tx, incident_id: int) -> bool:
    """Whether anything was said in public about it, or is on its way."""
    return bool(
        await tx.session.scalar(
            select(
                exists().where(
                    PublicUpdate.incident_id == incident_id,
                    PublicUpdate.state.in_((Stage.PUBLISHED, Stage.SENDING)),
                )
            )
        )
    )


async def waiting(tx: Tx, incident_id: int) -> list[PublicUpdate]:
    """Updates for which a second responder is asked."""
    rows = await tx.session.scalars(
        select(PublicUpdate).where(PublicUpdate.incident_id == incident_id, PublicUpdate.state == Stage.WAITING)
    )
    return list(rows.all())
