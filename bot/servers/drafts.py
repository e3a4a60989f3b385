"""What was typed into a form and refused: kept for the person, and opened again by a button."""

from __future__ import annotations

from typing import Any

from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound
from bot.servers import words
from bot.servers.models import Draft
from bot.storage import UnitOfWork


class DraftService:
    """Drafts of forms, one per person, form and subject."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def keep(self, caller: Caller, action: str, subject: str, typed: dict[str, Any]) -> int | None:
        """Keep it; returns its id."""
        async with self._uow() as tx:
            return await words.save_draft(
                tx,
                guild_id=caller.guild_id or 0,
                user_id=caller.user_id,
                purpose=action,
                subject=subject,
                data=typed,
            )

    async def get(self, caller: Caller, draft_id: int) -> tuple[str, str, dict[str, Any]]:
        """(action, subject, what was typed) of the caller's own draft. Raises NotFound."""
        async with self._uow.read() as tx:
            row = await tx.session.get(Draft, draft_id)
            if row is None or row.user_id != caller.user_id:
                raise NotFound("That draft is gone: it was finished, or it is older than a week.")
            return row.purpose, row.subject, dict(row.data)
