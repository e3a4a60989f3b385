"""The whole bot in a virtual server and virtual time: what scenario tests are told in."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.backend.access import channel_accessible
from sqlalchemy import func, select

from bot.bootstrap import App, build
from bot.effects import Effect, State
from bot.incidents import log
from bot.incidents.models import Incident
from bot.incidents.rules import Entry
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.settings import load_settings
from bot.storage import UnitOfWork

MANAGER = "owner"


class VirtualClock:
    """The simulated server's clock."""

    def now(self) -> Any:
        """The simulated instant, aware UTC."""
        return discord.utils.utcnow()


class World:
    """A server with people, a rotation and Vigil on it. Names of people are their keys."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.url = url or f"sqlite+aiosqlite:///{folder / 'vigil.db'}"
        self.apps: list[App] = []
        self.env: simcord.Env
        self.guild: Any
        self.people: dict[str, Any] = {}
        self.roles: dict[str, Any] = {}
        self.channels: dict[str, Any] = {}

    # Building ------------------------------------------------------------------------------------------------------

    def app_for_a_new_process(self) -> App:
        """A fresh bot on the same store, as a new process would be."""
        settings = load_settings({"VIGIL_DATABASE__URL": self.url}, self.folder)
        app = build(settings, clock=VirtualClock(), safety_net=False, shard_count=1)
        self.apps.append(app)
        return app

    @property
    def app(self) -> App:
        """The bot that runs now."""
        return self.apps[-1]

    async def arrange(self, env: simcord.Env, *, set_up: bool = True) -> None:
        """People, channels, roles; with `set_up` also what `/setup` would have done."""
        self.env = env
        self.guild = env.create_guild()
        for name in ("general", "updates", "operations"):
            self.channels[name] = self.guild.create_text_channel(name)
        for name in ("Responders", "Core"):
            self.roles[name] = self.guild.create_role(name)
        for name in ("alice", "bob", "carol", "dave", "erin", "sam", "vera"):
            self.people[name] = self.guild.add_member(env.create_user(name))
        if set_up:
            await self._set_up()

    async def _set_up(self) -> None:
        guild_id = self.guild.id
        # Without listeners: what the bot does must begin in the bot, or its timers would not live in virtual time.
        async with UnitOfWork(self.app.engines, VirtualClock())() as tx:
            await servers.change_settings(
                tx,
                guild_id,
                person_id=None,
                updates_channel_id=self.channels["updates"].id,
                operations_channel_id=self.channels["operations"].id,
                zone="UTC",
            )
            for name in ("alice", "bob", "carol", "dave"):
                await servers.enrol(tx, guild_id, self.people[name].id, Standing.RESPONDER)
            await servers.enrol(tx, guild_id, self.people["dave"].id, Standing.CORE)
            await servers.enrol(tx, guild_id, self.people["sam"].id, Standing.SECURITY)
            await servers.enrol(tx, guild_id, self.people["vera"].id, Standing.MODERATOR)
            await oncall.put_rotation(
                tx, guild_id, [self.people["bob"].id, self.people["carol"].id], starts=tx.now - timedelta(days=1)
            )

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    # Acting --------------------------------------------------------------------------------------------------------

    async def declare(self, who: Any, title: str = "API times out", **options: Any) -> Any:
        """Somebody declares; returns the room (None where there is none yet)."""
        given = {"severity": "SEV-1", "kind": "outage", **options}
        self.answer = await who.slash(self.channels["general"], "incident declare", title=title, **given)
        assert self.answer.acknowledged
        return self.room()

    async def passes(self, **span: float) -> None:
        """Time passes; all that falls due meanwhile happens in order."""
        left = timedelta(**span)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=30))
            await self.env.advance_time(step.total_seconds())
            left -= step

    async def sleeps(self, **span: float) -> None:
        """The process is down for a while, then a new one starts on the same store."""
        await self.app.stop_work()
        await self.env.advance_time(timedelta(**span).total_seconds())
        await self.restart()

    async def restart(self) -> None:
        """The process dies and a new one starts on the same store."""
        await self.env.restart_bot(self.app_for_a_new_process().client)

    async def fills(self, who: Any, shown: Any, /, **values: Any) -> Any:
        """Somebody fills in the form that was shown and sends it."""
        assert shown.modal is not None, f"no form was shown, but: {said(shown)}"
        selects = {
            one["component"]["custom_id"]
            for one in shown.modal["components"]
            if one.get("component", {}).get("type") in (3, 5, 6, 7, 8, 22)
        }
        return await who.submit_modal(
            shown, {key: [one] if key in selects and not isinstance(one, list) else one for key, one in values.items()}
        )

    # Seeing --------------------------------------------------------------------------------------------------------

    def room(self, start: str = "inc-") -> Any:
        """The newest room whose name begins so."""
        found = [channel for name, channel in self.guild.channels.items() if name.startswith(start)]
        return found[-1] if found else None

    def seen(self, channel: Any, who: Any = None) -> list[Any]:
        """Messages of a channel, oldest first, as this person sees them."""
        return sorted(channel.history(viewer=who) if who else channel.history(), key=lambda one: one.id)

    def words(self, channel: Any, who: Any = None) -> list[str]:
        """All words of each message, embeds included."""
        return [words_of(message) for message in self.seen(channel, who)]

    def sees(self, who: Any, channel: Any) -> bool:
        """Whether this person has the channel in their list."""
        return bool(channel_accessible(self.env.backend, channel.id, who.id))

    def find(self, channel: Any, text: str) -> Any:
        """The newest message that has these words."""
        found = [message for message in self.seen(channel) if text in words_of(message)]
        assert found, f"nobody said {text!r}; there is: {self.words(channel)}"
        return found[-1]

    def card(self, room: Any) -> Any:
        """The incident card in a room."""
        return self.find(room, "Due next, and why")

    def direct(self, who: Any) -> list[str]:
        """What Vigil told this person in direct messages, oldest first."""
        return [words_of(one) for one in self.direct_messages(who)]

    def direct_messages(self, who: Any) -> list[Any]:
        """The messages themselves."""
        channel = who.user.dm_channel
        return [] if channel is None else sorted(channel.history(), key=lambda one: one.id)

    def card_of_closed(self, room: Any) -> Any:
        """The card of a closed incident."""
        return self.find(room, "Closed:")

    async def log(self, number: int = 1) -> list[Entry]:
        """Kinds of the log entries of the n-th incident, in order."""
        found = await self.incident(number)
        async with self.app.uow.read() as tx:
            return [entry.kind for entry in await log.entries(tx, found.id)]

    async def incident(self, number: int = 1) -> Incident:
        """The row of the n-th incident that was declared, or the one with this row id."""
        async with self.app.uow.read() as tx:
            rows = await tx.session.scalars(select(Incident).order_by(Incident.declared_at, Incident.id))
            declared = {**dict(enumerate(rows, 1))}
            by_id = {row.id: row for row in declared.values() if row.id > len(declared)}
            return (declared | by_id)[number]

    async def unfinished(self) -> list[tuple[str, str, str | None]]:
        """Effects that have not ended."""
        async with self.app.uow.read() as tx:
            rows = await tx.session.scalars(
                select(Effect).where(Effect.state.in_((State.PENDING, State.RUNNING, State.FAILED)))
            )
            return [(row.kind, row.state, row.last_error) for row in rows]

    async def count(self, table: Any) -> int:
        """Rows of a table."""
        async with self.app.uow.read() as tx:
            return int(await tx.session.scalar(select(func.count()).select_from(table)) or 0)


def words_of(message: Any) -> str:
    """Content and embeds of a message in one text."""
    parts = [message.content or ""]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{field.name}: {field.value}" for field in embed.fields]
        parts.append(embed.footer.text or "" if embed.footer else "")
    return "\n".join(part for part in parts if part)


def said(result: Any) -> str:
    """The words of a private answer."""
    return words_of(result.response) if result.response is not None else ""


def labels(message: Any) -> list[str]:
    """Labels of the buttons on a message."""
    found: list[str] = []
    for row in message.components:
        children = row["components"] if isinstance(row, dict) else [child.to_dict() for child in row.children]
        found += [child["label"] for child in children if child["type"] == discord.ComponentType.button.value]
    return found


def copy_of(template: Path, folder: Path) -> None:
    """A migrated empty store, without migrating again."""
    for file in template.parent.glob(f"{template.name}*"):
        shutil.copy(file, folder / file.name)
