"""Effects of the set-up: make a role, a category, a channel; open operations; give a role; show the roster; tell.

They run in one lane per server, so two set-ups at once cannot make two of anything: what was made meanwhile is no
longer needed. An uncertain try is looked for by the mark in the topic, or (categories and roles have no topic) by the
name, leaving out what had that name before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.discord_port import DiscordPort, Overwrite
from bot.effects import Attempt, Handler, Refused, posted, record
from bot.effects.messages import MessageEffect, Outgoing
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.models import Server
from bot.servers.store import ServerView
from bot.setup import cards, store, words
from bot.setup.kinds import GIVE, GREET, MAKE, OPEN, ROSTER, TELL, TWINS
from bot.setup.permissions import (
    ATTACH_FILES,
    EMBED_LINKS,
    MANAGE_CHANNELS,
    PIN_MESSAGES,
    READ_HISTORY,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)
from bot.setup.roster import GROUPS, show_roster
from bot.setup.rules import Thing
from bot.setup.seen import CATEGORY, TEXT
from bot.storage import Tx

MEMBER_MAY = VIEW_CHANNEL | SEND_MESSAGES | READ_HISTORY | EMBED_LINKS | ATTACH_FILES
BOT_MAY = MEMBER_MAY | MANAGE_CHANNELS | PIN_MESSAGES
READERS = (Standing.RESPONDER, Standing.CORE)
"""Whose roles see operations."""
REASON = "set-up"
LOOK_AGAIN = timedelta(seconds=60)
NOBODY_WAITS_AFTER = timedelta(seconds=20)
MAX_IN_PARENT = frozenset({30013, 50035, 10003, 50001})


@dataclass(frozen=True)
class MakePlan:
    """A thing to be made."""

    thing: Thing
    name: str
    server: ServerView
    alike: frozenset[int]


@dataclass(frozen=True)
class Make:
    """Makes one role, category or channel, once."""

    port: DiscordPort
    own_id: Callable[[], int]

    async def load(self, tx: Tx, attempt: Attempt) -> MakePlan | None:
        """None when the set-up got this thing, or another choice, in the meantime."""
        view = await servers.settings(tx, attempt.guild_id)
        thing = Thing(attempt.payload["thing"])
        if store.current(view).ids.get(thing) != attempt.payload["known"]:
            return None
        return MakePlan(thing, attempt.payload["name"], view, frozenset(attempt.payload["alike"]))

    async def act(self, attempt: Attempt, plan: MakePlan) -> dict[str, Any]:
        """Look for the one of an earlier try, else make it."""
        if attempt.uncertain and (found := await self._landed(attempt, plan)):
            return {"id": found[0]}
        guild_id = attempt.guild_id
        if plan.thing.standing is not None:
            made = await self.port.create_role(guild_id, plan.name, mentionable=True, reason=REASON)
            return {"id": made}
        if plan.thing is Thing.CATEGORY:
            rights = [Overwrite(guild_id, False, deny=VIEW_CHANNEL), Overwrite(self.own_id(), True, allow=BOT_MAY)]
            made = await self.port.create_channel(guild_id, plan.name, kind=CATEGORY, overwrites=rights, reason=REASON)
            return {"id": made}
        return {"id": await self._channel(attempt, plan)}

    async def _channel(self, attempt: Attempt, plan: MakePlan) -> int:
        parent = plan.server.category_id
        for place in (parent, None) if parent is not None else (None,):
            try:
                return await self.port.create_channel(
                    attempt.guild_id,
                    plan.name,
                    kind=TEXT,
                    parent_id=place,
                    topic=f"{words.TOPICS[plan.thing]} · {attempt.mark}",
                    overwrites=self._rights(attempt.guild_id, plan),
                    reason=REASON,
                )
            except Refused as error:
                # A category that is full, gone or hidden is no reason to have no channel.
                if place is None or error.code not in MAX_IN_PARENT:
                    raise
        raise AssertionError("the last place either works or raises")

    def _rights(self, guild_id: int, plan: MakePlan) -> list[Overwrite]:
        own = Overwrite(self.own_id(), True, allow=BOT_MAY)
        if plan.thing is Thing.UPDATES:
            return [Overwrite(guild_id, False, deny=SEND_MESSAGES), own]
        readers = [plan.server.roles[one] for one in READERS if one in plan.server.roles]
        return [
            Overwrite(guild_id, False, deny=VIEW_CHANNEL),
            own,
            *(Overwrite(role, False, allow=MEMBER_MAY) for role in readers),
        ]

    async def _landed(self, attempt: Attempt, plan: MakePlan) -> list[int]:
        """Ids of what an earlier try made, the oldest first."""
        if plan.thing in (Thing.UPDATES, Thing.OPERATIONS):
            return await self.port.find_channels(attempt.guild_id, attempt.mark)
        if plan.thing is Thing.CATEGORY:
            listed = [one for one in await self.port.channels(attempt.guild_id) if one.get("type") == CATEGORY]
        else:
            listed = list((await self.port.guild(attempt.guild_id))["roles"])
        return sorted(int(one["id"]) for one in listed if one["name"] == plan.name and int(one["id"]) not in plan.alike)

    async def done(self, tx: Tx, attempt: Attempt, plan: MakePlan, result: dict[str, Any]) -> None:
        """It belongs to the set-up now; after an uncertain try, look once more for a late twin."""
        view = await store.put(tx, attempt.guild_id, {plan.thing: result["id"]}, person_id=attempt.payload["person"])
        if plan.thing is Thing.OPERATIONS:
            await show_roster(tx, view)
        if attempt.uncertain and plan.thing.standing is None:
            await record(
                tx,
                TWINS,
                guild_id=attempt.guild_id,
                subject=attempt.subject,
                key=f"setup_twins:{attempt.id}",
                payload={**attempt.payload, "kept": result["id"], "mark": attempt.mark},
                not_before=tx.now + LOOK_AGAIN,
            )

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """The card that waits for it says so; where nobody waits any more, a direct message does."""
        await tell_late(tx, attempt, error)


@dataclass(frozen=True)
class Twins:
    """After an uncertain creation: of two channels with one mark the one in use stays. Roles are never deleted."""

    port: DiscordPort

    async def load(self, tx: Tx, attempt: Attempt) -> dict[str, Any] | None:
        """Always worth a look."""
        return attempt.payload

    async def act(self, attempt: Attempt, plan: dict[str, Any]) -> dict[str, Any]:
        """Delete the channel that came late. Categories are deleted only while they are empty."""
        listed = await self.port.channels(attempt.guild_id)
        spared = {plan["kept"]}
        if Thing(plan["thing"]) is Thing.CATEGORY:
            spared |= {*plan["alike"], *(int(one["parent_id"]) for one in listed if one.get("parent_id"))}
            found = [int(one["id"]) for one in listed if one.get("type") == CATEGORY and one["name"] == plan["name"]]
        else:
            found = [int(one["id"]) for one in listed if plan["mark"] in (one.get("topic") or "")]
        extra = [one for one in found if one not in spared]
        for one in extra:
            await self.port.delete_channel(one, reason=REASON)
        return {"deleted": extra}

    async def done(self, tx: Tx, attempt: Attempt, plan: Any, result: dict[str, Any]) -> None:
        """Nothing to write."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """Told to whoever set it up."""
        await tell_late(tx, attempt, error)


@dataclass(frozen=True)
class OpenOperations:
    """Lets the mapped roles read an operations channel that was there before; other rights there stay as they are."""

    port: DiscordPort

    async def load(self, tx: Tx, attempt: Attempt) -> ServerView | None:
        """None without the channel or the roles."""
        view = await servers.settings(tx, attempt.guild_id)
        return view if view.operations_channel_id and any(one in view.roles for one in READERS) else None

    async def act(self, attempt: Attempt, plan: ServerView) -> dict[str, Any]:
        """Add to each role's rights what is missing; twice is once."""
        assert plan.operations_channel_id is not None
        channel = await self.port.channel(plan.operations_channel_id)
        if channel is None:
            raise Refused(50001, "operations is gone or hidden", status=403)
        held = {int(one["id"]): one for one in channel.get("permission_overwrites", ())}
        for standing in READERS:
            role = plan.roles.get(standing)
            if role is None:
                continue
            before = held.get(role, {"allow": "0", "deny": "0"})
            allow, deny = int(before["allow"]) | MEMBER_MAY, int(before["deny"]) & ~MEMBER_MAY
            if (allow, deny) != (int(before["allow"]), int(before["deny"])):
                target = Overwrite(role, False, allow=allow, deny=deny)
                await self.port.set_overwrite(plan.operations_channel_id, target, reason=REASON)
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: ServerView, result: dict[str, Any]) -> None:
        """Nothing to write."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """As with making."""
        await tell_late(tx, attempt, error)


@dataclass(frozen=True)
class Give:
    """Gives a person the role of a group."""

    port: DiscordPort

    async def load(self, tx: Tx, attempt: Attempt) -> int | None:
        """The role; None where there is none (any more)."""
        view = await servers.settings(tx, attempt.guild_id)
        return view.roles.get(Standing(attempt.payload["thing"]))

    async def act(self, attempt: Attempt, plan: int) -> dict[str, Any]:
        """Twice is once."""
        await self.port.give_role(attempt.guild_id, attempt.payload["user"], plan, reason=REASON)
        return {}

    async def done(self, tx: Tx, attempt: Attempt, plan: int, result: dict[str, Any]) -> None:
        """The roster says it already."""

    async def refused(self, tx: Tx, attempt: Attempt, error: Refused) -> None:
        """As with making."""
        await tell_late(tx, attempt, error)


def waits(created_at: datetime, now: datetime) -> bool:
    """Whether the person who pressed still looks at the card that waits for the outcome."""
    return now - created_at < NOBODY_WAITS_AFTER


async def tell_late(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Tell whoever pressed, by direct message, unless their card still waits and says it."""
    if not waits(attempt.created_at, tx.now) and attempt.payload.get("by"):
        await record(
            tx,
            TELL,
            guild_id=attempt.guild_id,
            subject=attempt.subject,
            key=f"setup_tell:{attempt.id}:{attempt.attempts}",
            payload={
                "user": attempt.payload["by"],
                "kind": attempt.kind,
                "thing": attempt.payload.get("thing"),
                "code": error.code,
            },
        )


async def _roster(tx: Tx, attempt: Attempt) -> Outgoing | None:
    view = await servers.settings(tx, attempt.guild_id)
    if view.operations_channel_id is None:
        return None
    groups = {one: await servers.roster(tx, attempt.guild_id, [one]) for one in GROUPS}
    message = cards.roster_card(groups, attempt.guild_id)
    known = await posted.find(tx, attempt.subject, ROSTER)
    if known is not None and known.channel_id == view.operations_channel_id:
        return Outgoing(message, channel_id=known.channel_id, what=ROSTER, edit=known.message_id, edit_mark=known.mark)
    return Outgoing(message, channel_id=view.operations_channel_id, what=ROSTER)


async def _roster_refused(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """A card that somebody deleted is posted anew with the next change; `/oncall roster` says the same."""
    await posted.forget(tx, attempt.subject, ROSTER)


async def _greeting(tx: Tx, attempt: Attempt) -> Outgoing | None:
    row = await tx.session.get(Server, attempt.guild_id)
    if row is None or row.left_at is not None:
        return None
    view = await servers.settings(tx, attempt.guild_id)
    return Outgoing(cards.greeting(again=view.is_set_up), user_id=attempt.payload["user"])


async def _telling(tx: Tx, attempt: Attempt) -> Outgoing | None:
    row = await tx.session.get(Server, attempt.guild_id)
    if row is not None and row.left_at is not None:
        return None
    thing = attempt.payload.get("thing")
    sentence = words.refusal(attempt.payload["kind"], Thing(thing) if thing else None, attempt.payload["code"])
    return Outgoing(cards.told_late(sentence), user_id=attempt.payload["user"])


async def _unheard(tx: Tx, attempt: Attempt, error: Refused) -> None:
    """Closed direct messages: `/setup` and `doctor` say the same, and no channel is picked instead."""


def handlers(port: DiscordPort, own_id: Callable[[], int]) -> Mapping[str, Handler]:
    """Effect kind → handler."""
    return {
        MAKE: Make(port, own_id),
        TWINS: Twins(port),
        OPEN: OpenOperations(port),
        GIVE: Give(port),
        ROSTER: MessageEffect(port, own_id, _roster, _roster_refused),
        GREET: MessageEffect(port, own_id, _greeting, _unheard),
        TELL: MessageEffect(port, own_id, _telling, _unheard),
    }
