"""Looking up: list, show, export, and the picker's choices; each shows only what this person may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from bot.deadlines import store as deadlines
from bot.deadlines.store import DueView
from bot.incidents import log, store
from bot.incidents.log import LogView
from bot.incidents.models import Incident
from bot.incidents.service.context import HERE, Asked, Which, asked, standings_in_server
from bot.incidents.store import IncidentView, closed_lately, visible_to
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput
from bot.kernel.limits import CHOICE_NAME, CHOICES, fit
from bot.policy.permissions import INSIDE, may_see
from bot.policy.words import Action, Visibility
from bot.servers import store as servers
from bot.storage import UnitOfWork


@dataclass(frozen=True)
class Shown:
    """One incident in full: its log (oldest first) and what is due next."""

    incident: IncidentView
    log: tuple[LogView, ...]
    due: tuple[DueView, ...]
    ticked: dict[str, int]
    is_set_up: bool


@dataclass(frozen=True)
class Listed:
    """Open incidents and those closed last, as far as this person may see them."""

    open: tuple[IncidentView, ...]
    closed: tuple[IncidentView, ...]


class LookService:
    """`/incident list`, `show`, `export`, `due` and autocomplete."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def show(self, caller: Caller, which: Which = HERE, *, lines: int = 15) -> Shown:
        """An incident with its last `lines` log lines. Raises NotFound."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.SHOW, which, closed_ok=True, lock=False)
            return Shown(
                incident=await store.view(tx, one.incident),
                log=tuple(await log.entries(tx, one.incident.id, limit=lines, newest=True, visible=_open_to(one))),
                due=tuple(await deadlines.upcoming(tx, subject=one.incident.subject, limit=5)),
                ticked=await store.ticks(tx, one.incident.id, "brief"),
                is_set_up=one.server.is_set_up,
            )

    async def overview(self, caller: Caller) -> Listed:
        """What is open and what was closed last."""
        guild_id = _guild(caller)
        async with self._uow.read() as tx:
            server = await servers.settings(tx, guild_id)
            standings = await standings_in_server(tx, server, caller)
            return Listed(
                tuple(await store.open_incidents(tx, guild_id, caller.user_id, standings)),
                tuple(await store.recent_closed(tx, guild_id, caller.user_id, standings)),
            )

    async def due(self, caller: Caller) -> list[tuple[IncidentView, DueView]]:
        """What is due next in this server, earliest first, for incidents that this person may see."""
        guild_id = _guild(caller)
        async with self._uow.read() as tx:
            server = await servers.settings(tx, guild_id)
            standings = await standings_in_server(tx, server, caller)
            mine = {one.subject: one for one in await store.open_incidents(tx, guild_id, caller.user_id, standings)}
            found = [
                (one, due)
                for subject, one in mine.items()
                for due in await deadlines.upcoming(tx, subject=subject, limit=3)
            ]
            return sorted(found, key=lambda pair: pair[1].due_at)

    async def choices(self, caller: Caller, typed: str, *, closed: bool = False) -> list[tuple[str, str]]:
        """(label, reference) for the picker: the open ones, the newest first, then those closed last; at most 25."""
        if caller.guild_id is None:
            return []
        async with self._uow.read() as tx:
            server = await servers.settings(tx, caller.guild_id)
            standings = await standings_in_server(tx, server, caller)
            query = select(Incident).where(visible_to(caller.user_id, standings))
            if typed.strip():
                like = f"%{typed.strip().casefold()[:50]}%"
                query = query.where(or_(Incident.ref.like(like), Incident.title_key.like(like)))
            still_open = query.where(Incident.guild_id == caller.guild_id, Incident.closed_at.is_(None))
            newest = still_open.order_by(Incident.declared_at.desc(), Incident.id.desc())
            rows = list(await tx.session.scalars(newest.limit(CHOICES)))
            if closed and len(rows) < CHOICES:
                over = query.where(closed_lately(caller.guild_id)).order_by(Incident.closed_at.desc())
                rows += await tx.session.scalars(over.limit(CHOICES - len(rows)))
            views = [await store.view(tx, row) for row in rows]
        return [(fit(f"{one.ref} · {one.severity} · {one.title}", CHOICE_NAME), one.ref) for one in views]

    async def export(self, caller: Caller, which: Which = HERE) -> tuple[IncidentView, list[LogView]]:
        """The incident with its whole log, oldest first. Raises NotFound, NotAllowed."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.EXPORT, which, closed_ok=True, lock=False)
            incident = await store.view(tx, one.incident)
            lines = await log.entries(tx, one.incident.id, visible=_open_to(one))
        return incident, lines


def _open_to(one: Asked) -> list[Visibility] | None:
    """Which lines of the log this person may read: all of those who are in it, else by their standing."""
    if one.standings & INSIDE:
        return None
    return [visibility for visibility in Visibility if may_see(visibility, one.standings)]


def _guild(caller: Caller) -> int:
    if caller.guild_id is None:
        raise BadInput("Please ask in the server that it is about.")
    return caller.guild_id
