"""The organisation that these tests play in: a server with people, a roster, a rotation, and a bot process."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, delete, exists, func, literal, or_, select, update

from bot.answers.models import Asked
from bot.answers.waiting import waiting_list
from bot.deadlines.models import Deadline, DeadlineState
from bot.effects import Effect, State
from bot.incidents.models import LogEntry
from bot.kernel.clock import SystemClock
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.storage import Base, UnitOfWork, open_engines
from bot.storage.remembered import Remembered
from bot.storage.uow import SeenRequest
from tests.wire import messages
from tests.wire.bot_process import BotProcess
from tests.wire.interactions import Interaction
from tests.wire.message import Message
from tests.wire.people import Person
from tests.wire.places import Channel
from tests.wire.server import Server

PEOPLE = ("alice", "bob", "carol", "dave", "erin")
RESPONDERS = ("alice", "bob", "carol", "dave")
TITLE = "API times out"
# What waits for longer than this is not waited for.
SOON = timedelta(seconds=20)
# How long after it a call whose end was unknown is looked for once more, at most.
LAST_LOOK = timedelta(seconds=90)


# Mentions and times, marks, private references, how long something took, numbers.
VARIES = re.compile(r"<[@#t][^>]*>|\b[0-9a-f]{8}\b|case-[0-9a-f]{6}|less than a minute|\d+ minutes?|\d+")


def named(channel: Channel) -> str:
    """Its name, without what is random in it."""
    return re.sub(r"case-[0-9a-f]{6}", "case-…", channel.name)


class Organisation:
    """Alice and Dave are responders, Bob and Carol are on call, Erin is a member; Vigil is set up."""

    def __init__(self, server: Server, folder: Path, database: str) -> None:
        self.server = server
        self.world = server.world
        self.guild = server.world.guild("Acme")
        self.general, self.updates, self.operations = (
            server.world.channel(self.guild, name) for name in ("general", "updates", "operations")
        )
        self.people: dict[str, Person] = {}
        for name in PEOPLE:
            user = server.world.user(name)
            server.world.join(self.guild, user)
            self.people[name] = server.person(user)
        self.owner = server.person(server.world.users[self.guild.owner_id])
        self.bot = BotProcess(server, folder, database)
        self.uow = UnitOfWork(open_engines(database), SystemClock())
        self.waiting = waiting_list(self.uow)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    async def seed(self) -> None:
        """What `/setup` and `/oncall rotation` would have recorded."""
        guild_id = self.guild.id
        async with self.uow() as tx:
            await servers.change_settings(
                tx,
                guild_id,
                person_id=None,
                updates_channel_id=self.updates.id,
                operations_channel_id=self.operations.id,
                zone="UTC",
            )
            for name in RESPONDERS:
                await servers.enrol(tx, guild_id, self.people[name].user.id, Standing.RESPONDER)
            on_call = [self.bob.user.id, self.carol.user.id]
            await oncall.put_rotation(tx, guild_id, on_call, starts=tx.now - timedelta(days=1))

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """In the end nothing of it runs, and its store is let go."""
        try:
            yield
        finally:
            if self.bot.running:
                await self.bot.kill()
            await self.waiting.close()
            await self.uow.engines.close()

    # Acting -------------------------------------------------------------------------------------------------------

    async def declare(self, **options: Any) -> Interaction:
        """Alice declares an outage."""
        given = {"title": TITLE, "severity": "SEV-1", "kind": "outage", **options}
        return await self.alice.slash(self.general, "incident declare", **given)

    def delete(self, message: Message) -> None:
        """Somebody deletes a message by hand."""
        messages.delete(self.world, message)

    async def settled(self) -> None:
        """Wait until all that the bot recorded to do soon is done, and no call is under way."""
        await self.server.pulse.until(self.is_settled, "the bot to have done everything")

    async def is_settled(self) -> bool:
        """Whether nothing is left that the bot recorded to do soon."""
        soon = datetime.now(UTC) + SOON
        waiting = select(func.count()).where(
            Effect.state.in_((State.PENDING, State.RUNNING)), Effect.not_before <= soon
        )
        due = select(func.count()).where(Deadline.state == DeadlineState.OPEN, Deadline.due_at <= datetime.now(UTC))
        later = exists().where(
            Effect.subject == literal("asked:") + cast(Asked.id, String),
            Effect.state == State.PENDING,
            Effect.not_before > soon,
        )
        asked = select(func.count()).where(Asked.answered_at.is_(None), Asked.quiet.is_(False), ~later)
        # With SQLite whoever waits stands in a file of its own until the answer fails.
        if self.uow.engines.sqlite and not all(one.quiet for one in await self.waiting.left()):
            return False
        async with self.uow.read() as tx:
            return not any([await tx.session.scalar(query) for query in (waiting, due, asked)])

    async def connected(self) -> None:
        """Wait until the bot hears the gateway."""
        await self.server.connected()

    async def forget_commands(self) -> None:
        """The bot does not remember which commands it registered, as after a change of them."""
        async with self.uow() as tx:
            await tx.session.execute(delete(Remembered))

    async def hurry(self, kind: str | None = None) -> None:
        """What waits for later is due now; the bot looks at it when it starts, or at the next thing that it does."""
        later = update(Effect).where(Effect.state == State.PENDING).values(not_before=datetime.now(UTC))
        async with self.uow() as tx:
            await tx.session.execute(later if kind is None else later.where(Effect.kind == kind))

    async def make_due(self, kind: str, *, ago: timedelta = timedelta(minutes=1)) -> None:
        """The open deadlines of this kind came due a while ago."""
        async with self.uow() as tx:
            found = await tx.session.execute(
                update(Deadline)
                .where(Deadline.kind == kind, Deadline.state == DeadlineState.OPEN)
                .values(due_at=tx.now - ago)
                .returning(Deadline.id)
            )
            assert found.all(), f"nothing of kind {kind} is open"

    # Looking ------------------------------------------------------------------------------------------------------

    async def count(self, table: type[Base]) -> int:
        """Rows of a table."""
        async with self.uow.read() as tx:
            return int(await tx.session.scalar(select(func.count()).select_from(table)) or 0)

    async def failures(self) -> list[tuple[str, str | None]]:
        """Effects that failed for good."""
        async with self.uow.read() as tx:
            rows = await tx.session.scalars(select(Effect).where(Effect.state == State.FAILED))
            return [(row.kind, row.last_error) for row in rows]

    async def stuck(self) -> list[tuple[str, str, str | None]]:
        """Effects that were tried in vain and wait, or wait for longer than a last look does."""
        later = Effect.not_before > datetime.now(UTC) + LAST_LOOK
        async with self.uow.read() as tx:
            rows = await tx.session.scalars(
                select(Effect).where(Effect.state == State.PENDING, or_(Effect.attempts > 0, later))
            )
            return [(row.kind, row.key, row.last_error) for row in rows]

    async def acted_on(self, interaction: Interaction) -> bool:
        """Whether the store has what somebody asked for."""
        async with self.uow.read() as tx:
            return bool(
                await tx.session.scalar(select(exists().where(SeenRequest.key.startswith(f"{interaction.id}:"))))
            )

    def rooms(self) -> list[Channel]:
        """Channels that look like rooms of incidents."""
        return [*self.guild.channels_like("inc-"), *self.guild.channels_like("case-")]

    def room(self) -> Channel:
        """The one room. Raises AssertionError when there is none, or more than one."""
        rooms = self.rooms()
        assert len(rooms) == 1, [one.name for one in rooms]
        return rooms[0]

    async def entries(self) -> Counter[str]:
        """Kinds of log entries, as the export that Alice gets has them."""
        shown = await (await self.alice.slash(self.room(), "incident export"))
        assert shown.response is not None
        files = [content for name, content in shown.response.files.items() if name.endswith(".json")]
        assert len(files) == 1, shown.text
        return Counter(one["kind"] for one in json.loads(files[0])["log"])

    async def logged(self) -> Counter[str]:
        """Kinds of log entries, as the store has them."""
        async with self.uow.read() as tx:
            return Counter(await tx.session.scalars(select(LogEntry.kind)))

    def picture(self) -> Counter[str]:
        """Every message that all in its channel can read, in words that are the same in every run."""
        return Counter(self._described(one) for place in self.world.channels.values() for one in place.posts)

    def _described(self, message: Message) -> str:
        place = message.channel
        where = f"to {place.recipient.name}" if place.recipient else named(place)
        words = re.sub(VARIES, "…", message.text)
        known = {one.user.id: name for name, one in self.people.items()}
        rang = ", ".join(sorted(known.get(one, "?") for one in message.pushed_to)) or "nobody"
        first = next((line.strip() for line in words.splitlines() if line.strip()), "")
        pinned = "pinned, " if message.pinned_at else ""
        labels = ", ".join(message.labels())
        return f"{where}: {first[:60]} ({pinned}rang {rang}; {labels})"


@asynccontextmanager
async def organisation(
    folder: Path, database: str, *, set_up: bool = True, forked: bool = True
) -> AsyncIterator[Organisation]:
    """An organisation on a migrated store; its process is killed in the end if it still runs. Unless `forked`, it is
    started as a user starts it, which takes longer."""
    async with Server() as server:
        # Interactions are answered as fast as this machine can; how fast that is, is no matter of these tests.
        server.answer_limit = 60.0
        made = Organisation(server, folder, database)
        made.bot.forked = forked
        async with made.at_work():
            if set_up:
                await made.seed()
            yield made


def sqlite(template: Path, folder: Path) -> str:
    """A copy of a migrated empty store; returns its address."""
    for file in template.parent.glob(f"{template.name}*"):
        shutil.copy(file, folder / file.name)
    return f"sqlite+aiosqlite:///{folder / template.name}"
