"""Putting a published update right: an edit that shows that it is one."""

from __future__ import annotations

from bot.incidents import log, store
from bot.incidents.rules import Entry
from bot.incidents.service.context import HERE, Which, asked
from bot.incidents.store import IncidentView
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, WrongState
from bot.kernel.ids import row_id
from bot.kernel.text import plain
from bot.policy.words import Action
from bot.storage import UnitOfWork
from bot.updates import store as updates
from bot.updates.models import PublicUpdate
from bot.updates.rules import Stage
from bot.updates.service import effects
from bot.updates.service.writing import keep_words, public_only
from bot.updates.store import UpdateView


class CorrectService:
    """_Correct_ and `/incident correct`."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def last(self, caller: Caller, which: Which = HERE) -> tuple[IncidentView, UpdateView]:
        """The last published update, to correct it. Raises NotFound, NotAllowed, WrongState where there is none."""
        async with self._uow.read() as tx:
            one = await asked(tx, caller, Action.CORRECT_UPDATE, which, closed_ok=True, lock=False)
            public_only(one.incident)
            found = await updates.last(tx, one.incident.id)
            if found is None:
                raise WrongState("Nothing was published yet, so there is nothing to correct.")
            return await store.view(tx, one.incident), await updates.view(tx, found)

    async def server_of(self, subject: str) -> int | None:
        """The server of an update, by its row id as a custom id carries it; None where it is gone."""
        number = row_id(subject)
        async with self._uow.read() as tx:
            found = None if number is None else await tx.session.get(PublicUpdate, number)
            return found.guild_id if found is not None else None

    async def of(self, caller: Caller, update_id: int) -> tuple[IncidentView, UpdateView]:
        """One update by its id, to correct it. Raises NotFound, NotAllowed."""
        async with self._uow.read() as tx:
            found = await updates.row(tx, update_id)
            which = Which(incident_id=found.incident_id)
            one = await asked(tx, caller, Action.CORRECT_UPDATE, which, closed_ok=True, lock=False)
            public_only(one.incident)
            return await store.view(tx, one.incident), await updates.view(tx, found)

    async def correct(self, caller: Caller, update_id: int, texts: dict[str, str]) -> None:
        """Change the words of a published update; it shows that it was corrected, the log keeps what it said.

        Raises BadInput, NotFound, NotAllowed, WrongState.
        """
        given = {key: plain(text, one_line=False).strip() for key, text in texts.items()}
        if not any(given.values()):
            raise BadInput("A correction needs words. To say that something was wrong, write what is right.")
        async with self._uow(once=caller.once("correct")) as tx:
            row = await updates.row(tx, update_id)
            one = await asked(tx, caller, Action.CORRECT_UPDATE, Which(incident_id=row.incident_id), closed_ok=True)
            await updates.hold(tx, row)
            public_only(one.incident)
            before = await updates.view(tx, row)
            if row.state != Stage.PUBLISHED:
                raise WrongState("That update is not published, so there is nothing to correct yet.")
            changed = {key: text for key, text in given.items() if text != before.texts.get(key, "")}
            if not changed:
                raise BadInput("Nothing is different. Change the words that are wrong, then send it again.")
            row.corrected_at = tx.now
            await keep_words(tx, one.incident, row, changed)
            await log.note(
                tx,
                one.incident,
                Entry.UPDATE_CORRECTED,
                actor=caller.user_id,
                text="\n".join(before.texts.get(key, "") or "(nothing)" for key in changed),
                params={"update": row.id},
            )
            await effects.edit(tx, one.incident, row)
