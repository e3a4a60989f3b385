"""Commands that look: list, show, due, export."""

from __future__ import annotations

import io

import discord
from discord import app_commands

from bot.discord_port import DiscordPort
from bot.incidents.cards import answers, export
from bot.kernel.outside import Refused, Retry
from cogs.incidents.cog import IncidentServices
from cogs.incidents.options import INCIDENT, Interaction, picker, which
from cogs.present import answer, caller, defer, finished

MOST_NAMES = 40


def register(group: app_commands.Group, services: IncidentServices) -> None:
    """Add the commands of this part."""
    look = services.look
    choose_any = picker(look, closed=True)

    @group.command(name="list", description="Show the incidents that you can see.")
    async def list_(itx: Interaction) -> None:
        await defer(itx)
        await answer(itx, answers.listed(await look.overview(caller(itx))))

    @group.command(name="show", description="Show one incident: where it stands, what is due, its log.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose_any)
    async def show(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        await answer(itx, answers.shown(await look.show(caller(itx), which(incident))))

    @group.command(name="due", description="Show what is due next, the most urgent first.")
    async def due(itx: Interaction) -> None:
        await defer(itx)
        await answer(itx, answers.due_board(await look.due(caller(itx))))

    @group.command(name="export", description="Get the whole log as Markdown and as JSON.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose_any)
    async def export_(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        found, lines = await look.export(caller(itx), which(incident))
        names = await names_of(itx, export.people_in(found, lines))
        files = [
            discord.File(io.BytesIO(export.markdown(found, lines, names).encode()), f"{found.ref}.md"),
            discord.File(io.BytesIO(export.as_json(found, lines, names).encode()), f"{found.ref}.json"),
        ]
        await itx.edit_original_response(content=f"The log of {found.ref}, {len(lines)} lines.", attachments=files)
        await finished(itx)


async def names_of(itx: Interaction, people: list[int]) -> dict[int, str]:
    """Names in this server as they are now; whom Discord does not show just now is left out."""
    port = DiscordPort(lambda: itx.client.http)
    found: dict[int, str] = {}
    for user_id in people[:MOST_NAMES]:
        try:
            member = await port.member(itx.guild_id or 0, user_id)
        except (Refused, Retry):
            break
        if member is not None:
            user = member["user"]
            found[user_id] = member.get("nick") or user.get("global_name") or user["username"]
    return found
