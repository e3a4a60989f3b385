"""Effects that are messages: send, edit, withdraw. Rendered from the current state when their turn comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.effects import posted
from bot.effects.handlers import Attempt
from bot.effects.store import record
from bot.kernel.limits import MESSAGE_CONTENT, fit
from bot.kernel.message import Message
from bot.kernel.outside import Refused
from bot.storage import Tx


class Sent(Protocol):
    """Where a message stands."""

    @property
    def channel_id(self) -> int: ...
    @property
    def message_id(self) -> int: ...


class MessagePort(Protocol):
    """What these effects need of Discord."""

    async def send(self, channel_id: int, payload: dict[str, Any], *, nonce: str) -> Sent: ...
    async def edit(self, channel_id: int, message_id: int, payload: dict[str, Any]) -> None: ...
    async def delete(self, channel_id: int, message_id: int) -> None: ...
    async def pin(self, channel_id: int, message_id: int) -> None: ...
    async def open_dm(self, user_id: int) -> int: ...
    async def crosspost(self, channel_id: int, message_id: int) -> None: ...
    async def find_messages(self, channel_id: int, mark: str, *, since: Any, own_id: int) -> Sequence[Sent]: ...


@dataclass(frozen=True)
class Outgoing:
    """A message and where it goes: a channel, or a person's direct messages.

    `what`: the name under which it is remembered ("card", "page:2"); None: nobody will look for it again.
    `reference`: the incident's reference, shown small beside the mark. `edit`/`delete`: an earlier message's id.
    """

    message: Message | None = None
    channel_id: int | None = None
    user_id: int | None = None
    what: str | None = None
    reference: str = ""
    edit: int | None = None
    edit_mark: str = ""
    delete: int | None = None
    pin: int | None = None
    crosspost: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)


TWINS, AGAIN = "message.twins", "again:"
LOOK_AGAIN = timedelta(seconds=60)

Renderer = Callable[[Tx, Attempt], Awaitable[Outgoing | None]]
Done = Callable[[Tx, Attempt, Outgoing, dict[str, Any]], Awaitable[None]]
OnRefused = Callable[[Tx, Attempt, Refused], Awaitable[None]]


async def nothing_more(tx: Tx, attempt: Attempt, out: Outgoing, result: dict[str, Any]) -> None:
    """For messages after which there is nothing to write."""
    return None


@dataclass(frozen=True)
class MessageEffect:
    """Handler of one kind of message effect. `own_id` tells the bot's user id."""

    port: MessagePort
    own_id: Callable[[], int]
    render: Renderer
    on_refused: OnRefused
    on_done: Done = nothing_more

    async def load(self, tx: Tx, attempt: Attempt) -> Outgoing | None:
        """Render from the current state; None drops the effect."""
        return await self.render(tx, attempt)

    async def act(self, attempt: Attempt, plan: Outgoing) -> dict[str, Any]:
        """Do the one call, after looking for an earlier try that landed."""
        if plan.pin is not None and plan.channel_id is not None:
            await self.port.pin(plan.channel_id, plan.pin)
            return {}
        if plan.crosspost is not None and plan.channel_id is not None:
            await self.port.crosspost(plan.channel_id, plan.crosspost)
            return {}
        if plan.delete is not None and plan.channel_id is not None:
            await self.port.delete(plan.channel_id, plan.delete)
            return {}
        if plan.message is None:
            return {}
        if plan.edit is not None and plan.channel_id is not None:
            await self.port.edit(plan.channel_id, plan.edit, stamp(plan.message, plan.reference, plan.edit_mark))
            return {"channel_id": plan.channel_id, "message_id": plan.edit}
        return await self._send(attempt, plan)

    async def _send(self, attempt: Attempt, plan: Outgoing) -> dict[str, Any]:
        assert plan.message is not None
        if plan.channel_id is not None:
            channel_id = plan.channel_id
        else:
            assert plan.user_id is not None, "a message needs somewhere to go"
            channel_id = await self.port.open_dm(plan.user_id)
        found: Sequence[Sent] = ()
        if attempt.uncertain:
            found = await self.port.find_messages(
                channel_id, attempt.mark, since=attempt.created_at, own_id=self.own_id()
            )
        if found:
            sent = found[0]
        else:
            payload = stamp(plan.message, plan.reference, attempt.mark)
            sent = await self.port.send(channel_id, payload, nonce=attempt.nonce)
        return {"channel_id": sent.channel_id, "message_id": sent.message_id}

    async def done(self, tx: Tx, attempt: Attempt, plan: Outgoing, result: dict[str, Any]) -> None:
        """Remember where it stands, then what the slice wants remembered; after an uncertain try, look once more."""
        if plan.what and plan.edit is None and "message_id" in result:
            await posted.remember(
                tx,
                guild_id=attempt.guild_id,
                subject=attempt.subject,
                what=plan.what,
                channel_id=result["channel_id"],
                message_id=result["message_id"],
                mark=attempt.mark,
            )
        await self.on_done(tx, attempt, plan, result)
        if attempt.uncertain and plan.message is not None:
            await self._look_again(tx, attempt, plan, result)

    async def _look_again(self, tx: Tx, attempt: Attempt, plan: Outgoing, result: dict[str, Any]) -> None:
        """A call whose answer was lost may still land: a second message, or an edit over a newer one."""
        if plan.edit is None:
            kind, payload = TWINS, {**result, "mark": attempt.mark, "since": attempt.created_at.isoformat()}
        elif attempt.key.startswith(AGAIN):
            return
        else:
            kind, payload = attempt.kind, attempt.payload
        await record(
            tx,
            kind,
            guild_id=attempt.guild_id,
            subject=attempt.subject,
            key=f"{AGAIN}{attempt.id}:{attempt.attempts}",
            payload=payload,
            not_before=tx.now + LOOK_AGAIN,
        )

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """The slice knows whom to tell."""
        await self.on_refused(tx, attempt, error)


@dataclass(frozen=True)
class MessageTwins:
    """After an uncertain send: of two messages that carry one mark only the known one stays."""

    port: MessagePort
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> dict[str, Any]:
        """Always worth a look."""
        return attempt.payload

    async def act(self, attempt: Attempt, plan: dict[str, Any]) -> dict[str, Any]:
        """Delete what landed late."""
        since = datetime.fromisoformat(plan["since"])
        found = await self.port.find_messages(plan["channel_id"], plan["mark"], since=since, own_id=self.own_id())
        late = [one.message_id for one in found if one.message_id != plan["message_id"]]
        for one in late if len(late) < len(found) else ():
            await self.port.delete(plan["channel_id"], one)
        return {"deleted": late}

    async def done(self, tx: Tx, attempt: Attempt, plan: Any, result: dict[str, Any]) -> None:
        """Nothing to write."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """The channel is gone, and the twin with it."""


def stamp(message: Message, reference: str, mark: str) -> dict[str, Any]:
    """The payload with its small reference and mark: in the last embed's footer, or as a subtext line."""
    payload = message.payload()
    words = " · ".join(part for part in (reference, mark) if part)
    if payload.get("embeds"):
        embed = dict(payload["embeds"][-1])
        before = (embed.get("footer") or {}).get("text")
        embed["footer"] = {"text": " · ".join(part for part in (before, words) if part)}
        payload["embeds"] = [*payload["embeds"][:-1], embed]
    elif words:
        line = f"\n-# {words}"
        payload["content"] = fit(payload.get("content") or "", MESSAGE_CONTENT - len(line)) + line
    return payload
