"""The menu _Add to incident log_ on a message, also on one that stands outside an incident's room."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.incidents.cards import answers
from bot.incidents.service.coordinate import Logged, MessageSource, WhichOne
from bot.kernel.ids import row_id
from cogs.incidents.cog import IncidentServices
from cogs.incidents.options import Interaction
from cogs.incidents.working import message_text
from cogs.present import answer, caller, defer
from cogs.press import Press
from cogs.router import Route


def log_menu(services: IncidentServices) -> app_commands.ContextMenu:
    """_Add to incident log_: author, original time and link are kept."""

    async def add_to_log(itx: Interaction, message: discord.Message) -> None:
        await defer(itx)
        source = MessageSource(message.author.id, message.channel.id, message.id)
        await tell(itx, await services.coordinate.add_message(caller(itx), message_text(message), source))

    menu = app_commands.ContextMenu(name="Add to incident log", callback=add_to_log)
    menu.guild_only = True
    return menu


def routes(services: IncidentServices) -> dict[str, Route]:
    """The question which incident was meant."""

    async def chosen(itx: Interaction, press: Press) -> None:
        found = await services.coordinate.add_kept_message(caller(itx), press.number, row_id(press.value) or 0)
        await tell(itx, found)

    return {"incident.add_message": Route(chosen)}


async def tell(itx: Interaction, found: Logged | WhichOne) -> None:
    """It is in the log, or the question in which."""
    await answer(itx, answers.which_one(found) if isinstance(found, WhichOne) else answers.logged(found))
