"""The `/incident` group, put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.incidents.service.change import ChangeService
from bot.incidents.service.checklist import ChecklistService
from bot.incidents.service.close import CloseService
from bot.incidents.service.coordinate import CoordinateService
from bot.incidents.service.declare import DeclareService
from bot.incidents.service.lead import LeadService
from bot.incidents.service.look import LookService
from bot.incidents.service.places import PlaceService
from bot.incidents.service.problems import ProblemService
from bot.incidents.service.report import ReportService
from bot.storage import UnitOfWork
from cogs.router import Route
from cogs.typed import Refill


@dataclass(frozen=True)
class IncidentServices:
    """Every use case on incidents."""

    declare: DeclareService
    coordinate: CoordinateService
    lead: LeadService
    change: ChangeService
    close: CloseService
    look: LookService
    report: ReportService
    problem: ProblemService
    places: PlaceService
    checklist: ChecklistService

    @staticmethod
    def of(uow: UnitOfWork) -> IncidentServices:
        """All of them on one unit of work."""
        return IncidentServices(
            DeclareService(uow),
            CoordinateService(uow),
            LeadService(uow),
            ChangeService(uow),
            CloseService(uow),
            LookService(uow),
            ReportService(uow),
            ProblemService(uow),
            PlaceService(uow),
            ChecklistService(uow),
        )


class IncidentsCog:
    """`group` goes into the command tree, `menus` beside it, `routes` and `refills` into the router."""

    def __init__(self, services: IncidentServices) -> None:
        from cogs.incidents import buttons, changing, declaring, forms, looking, menu, working

        self.services = services
        self.group = app_commands.Group(
            name="incident", description="Declare an incident and work on it together.", guild_only=True
        )
        opens = forms.Forms(services)
        for part in (declaring, working, changing):
            part.register(self.group, services, opens)
        looking.register(self.group, services)
        self.menus: list[app_commands.ContextMenu] = [menu.log_menu(services)]
        self.routes: dict[str, Route] = buttons.routes(services, opens)
        self.refills: Mapping[str, Refill] = forms.refills()

    async def on_room_deleted(self, channel: discord.abc.GuildChannel) -> None:
        """A channel was deleted; if it was a room, its incident goes on without it."""
        await self.services.problem.room_deleted(channel.guild.id, channel.id)

    async def rooms(self) -> list[tuple[int, int]]:
        """Server and channel of every open incident's room."""
        return await self.services.problem.rooms()

    async def on_gone(self, guild_id: int, channel_id: int) -> None:
        """A room turned out to be deleted."""
        await self.services.problem.room_deleted(guild_id, channel_id)

    async def on_mention(self, message: discord.Message, own: Any) -> str | None:
        """A message that mentions the bot in a room is a log entry; returns a reaction to show that it was taken."""
        from cogs.incidents.working import log_mention

        return await log_mention(self.services, message, own)
