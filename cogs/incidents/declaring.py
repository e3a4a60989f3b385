"""`/incident declare` and `/incident report`."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands

from bot.incidents.cards import answers
from bot.incidents.cards.forms import report_form
from bot.incidents.service.declaration import Declaration
from bot.incidents.service.declare import Declared, Similar
from bot.kernel.message import Message
from bot.policy.words import Kind, Severity
from cogs.incidents.cog import IncidentServices
from cogs.incidents.forms import Forms, of_lead
from cogs.incidents.options import KINDS, SEVERITIES, Interaction
from cogs.present import AT_ONCE, answer, ask, caller, defer

NEEDED = frozenset({"title", "severity", "kind"})
"""Without one of these a form asks for it, which must be the first answer."""


def register(group: app_commands.Group, services: IncidentServices, forms: Forms) -> None:
    """Add the commands of this part."""

    @group.command(
        name="declare",
        description="Open a private room, page the one on call, start the clocks.",
        extras={AT_ONCE: NEEDED},
    )
    @app_commands.describe(
        title="What is wrong, in a few words.",
        severity="How bad it is.",
        kind="What it is about.",
        summary="What you know.",
        affected="Who or what is affected.",
        lead="Who coordinates; you, if you leave it out.",
        started="When it began: 10:15, or “20 min ago”.",
        room="Make a room even for a SEV-3.",
        practice="A drill: pages only you, nothing of it is public, nothing is counted.",
    )
    @app_commands.choices(severity=SEVERITIES, kind=KINDS)
    async def declare(
        itx: Interaction,
        title: str | None = None,
        severity: str | None = None,
        kind: str | None = None,
        summary: str = "",
        affected: str = "",
        lead: discord.User | None = None,
        started: str = "",
        room: bool = False,
        practice: bool = False,
    ) -> None:
        wanted = Declaration(
            title or "",
            Severity(severity or Severity.SEV1),
            Kind(kind or Kind.OUTAGE),
            summary,
            affected,
            started,
            room=room,
            practice=practice,
            **of_lead(lead),
        )
        if title is None or severity is None or kind is None:
            typed = bool(title or severity or kind or summary or affected)
            await ask(itx, await forms.declare_first(itx, wanted, typed=typed))
            return
        await defer(itx)
        await tell(itx, services, await services.declare.declare(caller(itx), wanted))

    @group.command(name="report", description="Tell the responders that something is wrong; anyone may.")
    async def report(itx: Interaction) -> None:
        await ask(itx, report_form())


async def tell(itx: Interaction, services: IncidentServices, found: Declared | Similar) -> None:
    """Answer at once, and again with the room's link when it is there."""
    await answer(itx, shown(found))
    if isinstance(found, Declared) and (made := await services.declare.room_when_made(found.incident.id)):
        await answer(itx, shown(replace(found, incident=made)))


def shown(found: Declared | Similar) -> Message:
    """The answer to a declaration."""
    return answers.similar(found) if isinstance(found, Similar) else answers.declared(found)
