"""What an effect kind must be able to do, and how it says that it could not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.kernel.outside import NotYet, Refused, Retry
from bot.storage import Tx

__all__ = ["Attempt", "Handler", "NotYet", "Refused", "Retry"]


@dataclass(frozen=True)
class Attempt:
    """One try at an effect. `uncertain`: an earlier try may have landed, so look for `mark` before acting."""

    id: int
    guild_id: int
    subject: str
    kind: str
    key: str
    mark: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime
    request: str | None = None

    @property
    def uncertain(self) -> bool:
        return self.attempts > 1

    @property
    def nonce(self) -> str:
        """The same for every try of this effect; Discord drops a repeat within a few minutes. At most 25 characters."""
        return f"v-{self.mark}-{self.id}"[:25]


class Handler(Protocol):
    """How effects of one kind happen. `load`, `done` and `refused` run in transactions, `act` outside of any."""

    async def load(self, tx: Tx, attempt: Attempt) -> Any | None:
        """What is needed to act, from the current state; None when it no longer matters. Raises NotYet."""

    async def act(self, attempt: Attempt, plan: Any) -> dict[str, Any]:
        """Make the change. Returns ids to keep. Raises Refused or Retry."""

    async def done(self, tx: Tx, attempt: Attempt, plan: Any, result: dict[str, Any]) -> None:
        """Write what came back into the domain, in the transaction that marks the effect done."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """Record the way round, and tell somebody who can act."""
