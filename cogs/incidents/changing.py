"""Commands that change an incident: severity, kind, status, impact, title, lead; and its end."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.incidents.cards import answers
from bot.policy.words import Kind, Severity, Status
from cogs.incidents.cog import IncidentServices
from cogs.incidents.forms import Forms
from cogs.incidents.options import INCIDENT, KINDS, SEVERITIES, STATUSES, Interaction, picker, subject_of, which
from cogs.present import answer, ask, caller, defer
from cogs.press import Press
from cogs.typed import Typed, refilled


def register(group: app_commands.Group, services: IncidentServices, forms: Forms) -> None:
    """Add the commands of this part."""
    choose, choose_any = picker(services.look), picker(services.look, closed=True)
    change, close = services.change, services.close

    @group.command(name="severity", description="Change how bad it is; every clock is derived again.")
    @app_commands.describe(severity="How bad it is now.", reason="Why; the log keeps it.", incident=INCIDENT)
    @app_commands.choices(severity=SEVERITIES)
    @app_commands.autocomplete(incident=choose)
    async def severity_(itx: Interaction, severity: str, reason: str, incident: str | None = None) -> None:
        await defer(itx)
        await answer(
            itx, answers.changed(await change.severity(caller(itx), Severity(severity), reason, which(incident)))
        )

    @group.command(name="kind", description="Change what it is about; security and community are private.")
    @app_commands.describe(kind="What it is about.", incident=INCIDENT)
    @app_commands.choices(kind=KINDS)
    @app_commands.autocomplete(incident=choose)
    async def kind_(itx: Interaction, kind: str, incident: str | None = None) -> None:
        await defer(itx)
        await answer(itx, answers.changed(await change.kind(caller(itx), Kind(kind), which(incident))))

    @group.command(name="status", description="Say where it stands, without a public update.")
    @app_commands.describe(status="Where it stands.", incident=INCIDENT)
    @app_commands.choices(status=STATUSES)
    @app_commands.autocomplete(incident=choose)
    async def status_(itx: Interaction, status: str, incident: str | None = None) -> None:
        await defer(itx)
        found = await change.status(caller(itx), Status(status), which(incident))
        await answer(itx, f"{found.ref} is {found.status} now. The public knows it with the next `/update`.")

    @group.command(name="impact", description="Answer four questions about what is affected.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def impact(itx: Interaction, incident: str | None = None) -> None:
        await ask(itx, await forms.impact(itx, Press(subject_of(incident))))

    @group.command(name="title", description="Call it something better; the room keeps its name.")
    @app_commands.describe(title="A few words.", incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def title_(itx: Interaction, title: str, incident: str | None = None) -> None:
        await defer(itx)
        found = await change.title(caller(itx), title, which(incident))
        await answer(itx, answers.titled(found))

    @group.command(name="lead", description="Offer the lead to somebody, or take it when it is open.")
    @app_commands.describe(
        who="The next lead; yourself, to take it.", notes="What they need to know.", incident=INCIDENT
    )
    @app_commands.autocomplete(incident=choose)
    async def lead(
        itx: Interaction, who: discord.User | None = None, notes: str = "", incident: str | None = None
    ) -> None:
        absent = not isinstance(who, discord.Member)
        if who is None or not (notes or absent or who.bot or who == itx.user):
            typed = Typed("", "", {"notes": notes}, {"to": [str(who.id)] if who else []})
            await ask(itx, refilled(await forms.lead(itx, Press(subject_of(incident))), typed))
            return
        await defer(itx)
        found = await services.lead.offer(caller(itx), who.id, notes, which(incident), is_bot=who.bot, absent=absent)
        await answer(itx, answers.handoff(found))

    @group.command(name="cancel", description="It was no incident: close it kindly.")
    @app_commands.describe(reason="What it was instead.", incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def cancel(itx: Interaction, reason: str = "", incident: str | None = None) -> None:
        await defer(itx)
        found = await close.cancel(caller(itx), which(incident), reason=reason)
        await answer(itx, answers.cancelled(found))

    @group.command(name="duplicate", description="It is the same as another one: go on there.")
    @app_commands.describe(of="The one that goes on.", incident=INCIDENT)
    @app_commands.autocomplete(of=choose_any, incident=choose)
    async def duplicate(itx: Interaction, of: str, incident: str | None = None) -> None:
        await defer(itx)
        found = await close.duplicate(caller(itx), of, which(incident))
        await answer(itx, f"{found.ref} is closed; its people are in the other one.")

    @group.command(name="reopen", description="Take a closed incident up again.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose_any)
    async def reopen(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        found = await close.reopen(caller(itx), which(incident))
        await answer(itx, f"{found.ref} is open again. Room: {answers.room(found)}.")
