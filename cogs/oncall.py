"""`/oncall …`: who has it, the rotation, the weeks ahead, one's own time zone."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.kernel.message import Modal
from bot.oncall import cards
from bot.oncall.service import WEEKS_SHOWN, OnCallService
from cogs.present import answer, ask, caller, defer
from cogs.press import Press
from cogs.router import First, Route

Interaction = discord.Interaction[Any]


class OnCallCog:
    """`commands()` go into the command tree, `routes` into the router."""

    def __init__(self, service: OnCallService) -> None:
        self._service = service
        self.group = app_commands.Group(name="oncall", description="Who is on call, and who is next.", guild_only=True)
        self._register(self.group)
        self.routes: dict[str, Route] = {
            "oncall.rotation": Route(self._open, First.MODAL),
            "oncall.rotation_form": Route(self._submitted, form=self._form),
        }

    def commands(self) -> list[app_commands.Group]:
        """The command group."""
        return [self.group]

    def _register(self, group: app_commands.Group) -> None:
        service = self._service

        @group.command(name="who", description="Show who is on call now, and until when.")
        async def who(itx: Interaction) -> None:
            await defer(itx)
            await answer(itx, cards.who(await service.look(caller(itx))))

        @group.command(name="schedule", description="Show who is on call in the weeks ahead.")
        async def schedule(itx: Interaction) -> None:
            await defer(itx)
            await answer(itx, cards.schedule(await service.look(caller(itx), weeks=WEEKS_SHOWN)))

        @group.command(name="rotation", description="Enter who takes turns, week by week.")
        async def rotation(itx: Interaction) -> None:
            await ask(itx, cards.rotation_form(await service.look(caller(itx))))

        @group.command(name="zone", description="Say in which time zone you live; times that you type are read in it.")
        @app_commands.describe(zone="Such as Europe/Berlin, or the city alone.")
        async def zone_(itx: Interaction, zone: str) -> None:
            await defer(itx)
            name = await service.zone(caller(itx), zone)
            await answer(itx, f"Times that you type are read in {name} now.")

    async def _form(self, itx: Interaction, press: Press) -> Modal:
        return cards.rotation_form(await self._service.look(caller(itx)))

    async def _open(self, itx: Interaction, press: Press) -> None:
        await ask(itx, await self._form(itx, press))

    async def _submitted(self, itx: Interaction, press: Press) -> None:
        people = press.people("people")
        found = await self._service.rotate(
            caller(itx),
            people,
            bots=bots_of(itx),
            weekday=press.count("weekday", 6),
            hour=press.count("hour", 23),
        )
        await answer(itx, cards.entered(found))


def bots_of(itx: Interaction) -> list[int]:
    """Ids of the bots among the people picked, by what Discord resolved with the interaction."""
    data: dict[str, Any] = dict(itx.data or {})
    users: dict[str, Any] = data.get("resolved", {}).get("users", {})
    return [int(key) for key, user in users.items() if user.get("bot")]
