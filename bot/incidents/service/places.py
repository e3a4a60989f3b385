"""To which server something belongs, for what is pressed in direct messages: the record tells it, never the press."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from bot.effects import Effect
from bot.incidents.models import Incident, LeadHandoff, Report
from bot.kernel.ids import row_id
from bot.storage import UnitOfWork


class PlaceService:
    """Each takes the subject of a custom id and returns a server's id, or None where it is gone or no row id.

    Whether the person may see it is asked afterwards, by the use case.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def of_incident(self, subject: str) -> int | None:
        """Of an incident."""
        return await self._of(Incident.guild_id, Incident.id, subject)

    async def of_handoff(self, subject: str) -> int | None:
        """Of an offered lead."""
        return await self._of(LeadHandoff.guild_id, LeadHandoff.id, subject)

    async def of_report(self, subject: str) -> int | None:
        """Of a report."""
        return await self._of(Report.guild_id, Report.id, subject)

    async def of_effect(self, subject: str) -> int | None:
        """Of a step that failed."""
        return await self._of(Effect.guild_id, Effect.id, subject)

    async def _of(
        self, guild_id: InstrumentedAttribute[int], key: InstrumentedAttribute[int], subject: str
    ) -> int | None:
        number = row_id(subject)
        if number is None:
            return None
        async with self._uow.read() as tx:
            return await tx.session.scalar(select(guild_id).where(key == number))
