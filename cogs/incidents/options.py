"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands

from bot.incidents.service.context import HERE, Which
from bot.incidents.service.look import LookService
from bot.policy.words import Kind, Severity, Status
from cogs.present import caller
from cogs.press import Press

Interaction = discord.Interaction[Any]
Autocomplete = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

SEVERITIES = [app_commands.Choice(name=f"{one.value} · {one.meaning}"[:100], value=one.value) for one in Severity]
KINDS = [app_commands.Choice(name=f"{one.value} · {one.meaning}"[:100], value=one.value) for one in Kind]
STATUSES = [
    app_commands.Choice(name=f"{one.value} · {one.meaning}"[:100], value=one.value) for one in Status if not one.closed
]
INCIDENT = "Which incident; not needed in its room."


HERE_SUBJECT = "here"
_REFERENCE = re.compile(r"(?=.*[a-z_-])[a-z0-9_-]{1,40}")


def subject_of(incident: str | None) -> str:
    """What an option names, as the subject of a form: "here" for nothing, and for what can be no reference a name
    that no incident has."""
    if not incident:
        return HERE_SUBJECT
    ref = incident.strip().lower().lstrip("#")
    return ref if _REFERENCE.fullmatch(ref) else "no-such"


def which(incident: str | None) -> Which:
    """The incident that an option names, else the room it was asked in."""
    return Which(ref=incident) if incident else HERE


def this(press: Press) -> Which:
    """The incident that was picked in a form, else that of a button (its row id), of a form opened by reference, or
    of the room."""
    if picked := press.choices.get("incident"):
        return Which(ref=picked[0])
    if press.number:
        return Which(incident_id=press.number)
    return HERE if press.subject == HERE_SUBJECT else Which(ref=press.subject)


def picker(look: LookService, *, closed: bool = False) -> Autocomplete:
    """Choices among the incidents that the person may see."""

    async def choices(itx: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        found = await look.choices(caller(itx), typed, closed=closed)
        return [app_commands.Choice(name=label, value=ref) for label, ref in found]

    return choices
