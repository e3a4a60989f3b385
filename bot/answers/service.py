"""Note who waits, and answer those who were left waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import exists, select, update

from bot.answers import cards
from bot.answers.first import FirstAnswers
from bot.answers.models import Asked
from bot.answers.waiting import Waits, waiting_list
from bot.effects import Attempt, record
from bot.effects.messages import AGAIN, LOOK_AGAIN, Sent
from bot.kernel.outside import Refused
from bot.storage import Tx, UnitOfWork
from bot.storage.once import insert_if_absent
from bot.storage.uow import SeenRequest

LATE = "answer.late"
TOKEN_LIVES = timedelta(minutes=14)
WORTH_IT = timedelta(hours=12)
"""For how long after it a person wants to hear what became of a press."""
NEVER_DEFERRED = frozenset({10062, 10015})
NOT_YET = "not_yet"
STILL_AT_WORK = timedelta(minutes=2)


class Answers:
    """`asked` before an interaction is deferred, `answered` once it is, `unanswered` when Discord took no answer."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._waiting = waiting_list(uow)
        self.first = FirstAnswers()

    async def asked(
        self, interaction_id: int, token: str, *, application_id: int, guild_id: int | None, user_id: int, quiet: bool
    ) -> None:
        """Somebody waits from now on; the same interaction again changes nothing."""
        now = self._uow.clock.now()
        await self._waiting.add(Waits(interaction_id, token, application_id, guild_id, user_id, quiet, now))

    async def answered(self, interaction_id: int) -> None:
        """They have their answer."""
        await self._waiting.remove(interaction_id)

    async def unanswered(self, interaction_id: int, *, ran: bool) -> None:
        """Discord did not take the answer: tell them another way. `ran`: what they asked for came to its end."""
        if (one := await self._waiting.get(interaction_id)) is not None:
            await self._hand_over([one], ran=ran)

    async def catch_up(self, *, alone: bool = True) -> None:
        """Whoever was left waiting is answered: by an earlier life, or (not `alone`) by a process that died."""
        until = None if alone else self._uow.clock.now() - STILL_AT_WORK
        await self._hand_over(await self._waiting.left(until))

    async def _hand_over(self, ones: Sequence[Waits], *, ran: bool = False) -> None:
        """From the list into the store, with the effects that answer them; killed in between, it is done again."""
        if not ones:
            return
        async with self._uow() as tx:
            for one in ones:
                if tx.now - one.at <= WORTH_IT:
                    await _late(tx, one, ran=ran)
        for one in ones:
            await self._waiting.handed_over(one.id)

    async def close(self) -> None:
        """Let go of the list."""
        await self._waiting.close()


async def _late(tx: Tx, one: Waits, *, ran: bool) -> None:
    await insert_if_absent(tx, Asked, **one._asdict())
    await record(
        tx,
        LATE,
        guild_id=one.guild_id or 0,
        subject=f"asked:{one.id}",
        key=f"answer:{one.id}",
        payload={"asked": one.id, "ran": ran},
    )


class Port(Protocol):
    """What this needs of Discord."""

    async def waits(self, application_id: int, token: str) -> bool: ...
    async def edit_answer(self, application_id: int, token: str, payload: dict[str, Any]) -> None: ...
    async def follow_up(self, application_id: int, token: str, payload: dict[str, Any]) -> None: ...
    async def open_dm(self, user_id: int) -> int: ...
    async def send(self, channel_id: int, payload: dict[str, Any], *, nonce: str) -> Sent: ...


@dataclass(frozen=True)
class LatePlan:
    """Whom to answer, and what."""

    row: Asked
    payload: dict[str, Any]
    done: bool
    by_token: bool


@dataclass(frozen=True)
class LateAnswer:
    """Handler of the answers that come late."""

    port: Port

    async def load(self, tx: Tx, attempt: Attempt) -> LatePlan | None:
        """None when they have an answer by now."""
        row = await tx.session.get(Asked, attempt.payload["asked"])
        if row is None or row.answered_at is not None or tx.now - row.at > WORTH_IT:
            return None
        done = await tx.session.scalar(select(exists().where(SeenRequest.key.startswith(f"{row.id}:"))))
        return LatePlan(
            row,
            cards.late(done=bool(done), ran=bool(attempt.payload.get("ran"))).payload(),
            bool(done),
            tx.now - row.at < TOKEN_LIVES,
        )

    async def act(self, attempt: Attempt, plan: LatePlan) -> dict[str, Any]:
        """Through the interaction; where that is of no use any more, directly.

        Where Discord never had a first answer it has said itself that this failed: true, unless it was recorded.
        """
        row = plan.row
        if plan.by_token:
            try:
                if row.quiet:
                    await self.port.follow_up(row.application_id, row.token, plan.payload)
                elif await self.port.waits(row.application_id, row.token):
                    await self.port.edit_answer(row.application_id, row.token, plan.payload)
                return {}
            except Refused as error:
                if error.code in NEVER_DEFERRED and not plan.done:
                    return {} if attempt.key.startswith(AGAIN) else {NOT_YET: True}
        channel_id = await self.port.open_dm(row.user_id)
        sent = await self.port.send(channel_id, plan.payload, nonce=attempt.nonce)
        return {"message_id": sent.message_id}

    async def done(self, tx: Tx, attempt: Attempt, plan: LatePlan, result: dict[str, Any]) -> None:
        """They have it. Where Discord had no first answer, one that was on its way may still land: look once more."""
        if NOT_YET not in result:
            await self._over(tx, attempt)
            return
        await record(
            tx,
            LATE,
            guild_id=attempt.guild_id,
            subject=attempt.subject,
            key=f"{AGAIN}{attempt.key}",
            payload=attempt.payload,
            not_before=tx.now + LOOK_AGAIN,
        )

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """They take no direct messages, and the interaction is over: the card is what is left."""
        await self._over(tx, attempt)

    async def _over(self, tx: Tx, attempt: Attempt) -> None:
        await tx.session.execute(
            update(Asked).where(Asked.id == attempt.payload["asked"]).values(answered_at=tx.now, token="")
        )
