"""A bot that is just large enough to try the rehearsal itself: a room, a page, a reminder, a form, a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import discord
from discord import PermissionOverwrite, app_commands, ui

from bot.kernel.clock import Clock

REMIND_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class ToyDue:
    """What is due next."""

    due_at: datetime
    words: str
    reason: str
    overdue: bool = False


@dataclass
class Memory:
    """What survives a restart, as a database would."""

    due: list[ToyDue] = field(default_factory=list)
    rooms: dict[str, int] = field(default_factory=dict)
    count: int = 0


class _Form(ui.Modal, title="Declare an incident"):
    name: ui.TextInput[Any] = ui.TextInput(label="What is wrong?", custom_id="name")

    def __init__(self, toy: Toy) -> None:
        super().__init__(custom_id="declare-form")
        self._toy = toy

    async def on_submit(self, itx: discord.Interaction[Any]) -> None:
        await self._toy.declare(itx, self.name.value)


class _Client(discord.Client):
    def __init__(self, toy: Toy) -> None:
        super().__init__(intents=discord.Intents(guilds=True, guild_messages=True, members=True))
        self._toy = toy
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(description="Declare an incident")
        async def declare(itx: discord.Interaction[Any], title: str | None = None) -> None:
            if title is None:
                await itx.response.send_modal(_Form(toy))
            else:
                await toy.declare(itx, title)

    async def setup_hook(self) -> None:
        await self.tree.sync()
        for due in self._toy.memory.due:
            self._toy.arm(due)

    async def on_interaction(self, itx: discord.Interaction[Any]) -> None:
        data: dict[str, Any] = dict(itx.data or {})
        if itx.type is discord.InteractionType.component and data.get("custom_id") == "ack":
            self._toy.memory.due.clear()
            await itx.response.send_message(f"{itx.user.mention} has it.")


class Toy:
    """Satisfies `bot.rehearsal.stage.Vigil`."""

    def __init__(self, clock: Clock, memory: Memory) -> None:
        self.clock, self.memory = clock, memory
        self.client = _Client(self)
        self.closed = False

    async def prepare(self) -> None:
        """Nothing takes time here."""

    async def upcoming(self, guild_id: int) -> Sequence[ToyDue]:
        """What is due, earliest first."""
        return sorted(self.memory.due, key=lambda one: one.due_at)

    async def close(self) -> None:
        """Remember that it was asked for."""
        self.closed = True

    async def declare(self, itx: discord.Interaction[Any], title: str) -> None:
        """Answer privately, make a room for the declarer and `bob`, page bob there and directly."""
        await itx.response.defer(ephemeral=True)
        guild = itx.guild
        assert guild is not None
        (bob,) = [one async for one in guild.fetch_members(limit=None) if one.name == "bob"]
        seen, unseen = PermissionOverwrite(view_channel=True), PermissionOverwrite(view_channel=False)
        self.memory.count += 1
        room = await guild.create_text_channel(
            f"inc-{self.memory.count:04d}",
            overwrites={guild.default_role: unseen, guild.me: seen, itx.user: seen, bob: seen},  # type: ignore[dict-item]
        )
        self.memory.rooms[room.name] = room.id
        view: ui.View = ui.View(timeout=None)
        view.add_item(ui.Button(label="Acknowledge", custom_id="ack", style=discord.ButtonStyle.success))
        due_at = self.clock.now() + REMIND_AFTER
        embed = discord.Embed(title=title, description=f"Public update {discord.utils.format_dt(due_at, 'R')}")
        await room.send(f"{bob.mention} please look", embed=embed, view=view)
        await bob.send(f"**{title}**: you are paged, see {room.mention}")
        await itx.followup.send(f"Declared in {room.mention}.", ephemeral=True)
        due = ToyDue(due_at, "public update", "30 min: outage SEV-1")
        self.memory.due.append(due)
        self.arm(due)

    def arm(self, due: ToyDue) -> None:
        """Wake at the due instant."""
        delay = max(0.0, (due.due_at - self.clock.now()).total_seconds())
        asyncio.get_running_loop().call_later(delay, lambda: asyncio.create_task(self._remind(due)))

    async def _remind(self, due: ToyDue) -> None:
        if due not in self.memory.due:
            return
        self.memory.due.remove(due)
        for room_id in self.memory.rooms.values():
            await self.client.get_partial_messageable(room_id).send(f"Due now: {due.words}. {due.reason}")
