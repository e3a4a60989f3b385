"""What was typed into a form or a command and refused: kept for the person, and opened again by a button."""

from __future__ import annotations

from typing import Any

from bot.kernel.caller import Caller
from bot.kernel.errors import NotFound
from bot.kernel.ids import row_id
from bot.servers import words
from bot.servers.models import Draft
from bot.storage import UnitOfWork

SUBJECT_MAX = 80
"""What the table holds; a forged custom id may have more."""


class DraftService:
    """Drafts of forms, one per person, form and subject."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def keep(self, caller: Caller, action: str, subject: str, typed: dict[str, Any]) -> int | None:
        """Keep it; returns its id, None for a subject that no form of ours has."""
        if len(subject) > SUBJECT_MAX:
            return None
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
            if row is None or row.user_id != caller.user_id or row.guild_id != (caller.guild_id or 0):
                raise NotFound("That draft is gone: it was finished, or it is older than a week.")
            return row.purpose, row.subject, dict(row.data)

    async def find(self, caller: Caller, action: str, subject: str) -> dict[str, Any] | None:
        """What the caller typed into this form and was refused, if anything."""
        async with self._uow.read() as tx:
            return await words.draft(
                tx, guild_id=caller.guild_id or 0, user_id=caller.user_id, purpose=action, subject=subject
            )

    async def drop(self, caller: Caller, action: str, subject: str) -> None:
        """The form was taken: its draft has served."""
        async with self._uow() as tx:
            await words.drop_draft(
                tx, guild_id=caller.guild_id or 0, user_id=caller.user_id, purpose=action, subject=subject
            )

    async def server_of(self, draft_id: str) -> int | None:
        """The server that a draft belongs to; None for one that is gone."""
        number = row_id(draft_id)
        async with self._uow.read() as tx:
            row = None if number is None else await tx.session.get(Draft, number)
            return row.guild_id if row is not None else None
