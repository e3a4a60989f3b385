"""How each form of an incident is opened, also again, and which form takes what a refused command had."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.incidents.cards import forms as cards
from bot.incidents.service.declaration import Declaration
from bot.incidents.store import IncidentView
from bot.kernel.errors import BadInput, NotAllowed, NotFound, UserFacingError
from bot.kernel.ids import snowflake
from bot.kernel.message import Modal
from bot.policy.words import Kind, Severity
from cogs.incidents.cog import IncidentServices
from cogs.incidents.options import HERE_SUBJECT, Interaction, subject_of, this
from cogs.present import caller
from cogs.press import Press
from cogs.router import QUICK_S
from cogs.typed import TYPED, Refill, Typed, too_long

Build = Callable[[IncidentView | None, int | str], Modal]

SLOW = "Reading that took too long just now, and nothing was declared yet. Please try again in a moment."
LONG = (
    "That is more than a form can show, so nothing was declared yet. _Edit again_ asks for the rest and loses nothing."
)
REPORT = "Report it instead"
OLDER = "This form is from an older version. `/incident declare` opens a new one."
_PACKED = re.compile(r"(\d{1,19})_(\d{0,12})_([01])_([01])", re.ASCII)


class Forms:
    """Opens them. A handler is handed what was typed before, if it was refused."""

    def __init__(self, services: IncidentServices) -> None:
        self._services = services

    async def log(self, itx: Interaction, press: Press) -> Modal:
        """A line for the log."""
        return await self._on(itx, press, cards.log_form)

    async def severity(self, itx: Interaction, press: Press) -> Modal:
        """A new severity."""
        return await self._on(itx, press, cards.severity_form)

    async def impact(self, itx: Interaction, press: Press) -> Modal:
        """The four questions."""
        return await self._on(itx, press, cards.impact_form)

    async def lead(self, itx: Interaction, press: Press) -> Modal:
        """Whom to offer the lead."""
        return await self._on(itx, press, cards.lead_form)

    async def title(self, itx: Interaction, press: Press) -> Modal:
        """A better title."""
        return await self._on(itx, press, cards.title_form)

    async def cancel(self, itx: Interaction, press: Press) -> Modal:
        """It was no incident."""
        return await self._on(itx, press, cards.cancel_form)

    async def report(self, itx: Interaction, press: Press) -> Modal:
        """What any member may fill in."""
        return cards.report_form()

    async def declare(self, itx: Interaction, press: Press) -> Modal:
        """The form of a declaration that was refused."""
        return cards.declare_form(Declaration(started=press.fields.get("started", "")), arg=press.arg)

    async def declare_draft(self, itx: Interaction) -> Modal:
        """The form with what this person left unfinished."""
        return _declare_form(await self._services.declare.draft(caller(itx)))

    async def declare_first(self, itx: Interaction, wanted: Declaration, *, typed: bool) -> Modal:
        """The form for what the command left open. Raises BadInput and NotAllowed before anybody fills it in."""
        reads = self._services.declare.before_the_form(caller(itx), wanted)
        try:
            ready, draft = await asyncio.wait_for(reads, timeout=QUICK_S)
        except TimeoutError as error:
            if wanted.started.strip():
                raise BadInput(SLOW) from error
            ready, draft = wanted, None
        itx.extras[TYPED] = declaration_typed(ready)
        base = ready if typed or draft is None else _onto(draft, ready)
        modal = _declare_form(base, asks=typed or draft is not None)
        if too_long(modal):
            raise BadInput(LONG)
        return modal

    async def _on(self, itx: Interaction, press: Press, build: Build) -> Modal:
        """A form on an incident. Where it is not known which, or no more, the form asks; it never loses its words."""
        again = bool(press.fields)
        try:
            reads = self._services.look.show(caller(itx), this(press), lines=1)
            found = (await asyncio.wait_for(reads, timeout=QUICK_S)).incident
        except TimeoutError:
            return build(None, press.subject)
        except NotFound:
            if not again and press.subject != HERE_SUBJECT:
                raise
            known = await self._services.look.choices(caller(itx), "")
            if not known and not again:
                raise
            return cards.asks_which(build(None, press.subject), known)
        # A form that was refused keeps its subject: its draft is known by it.
        return build(found, press.subject if again else found.id)


def _declare_form(known: Declaration | None, *, asks: bool = True) -> Modal:
    if known is None:
        return cards.declare_form(None)
    shown = replace(known, started="") if _read(known.started) else known
    return cards.declare_form(shown if asks else None, arg=packed(known))


def _onto(draft: Declaration, given: Declaration) -> Declaration:
    """What was left unfinished, with the options that have no field in the form as they were given now."""
    own = ("lead", "lead_is_bot", "lead_left", "started", "room", "practice")
    return replace(draft, **{key: getattr(given, key) for key in own if getattr(given, key)})


def packed(wanted: Declaration) -> str | None:
    """What was typed as options and has no field in the form, as an argument of its custom id.

    A start goes along once it was read, as `<t:…>`; one that could not be read has a field of its own.
    """
    started = _read(wanted.started)
    lead = 0 if wanted.lead is None or wanted.lead_is_bot or wanted.lead_left else wanted.lead
    if not (lead or started or wanted.room or wanted.practice):
        return None
    return f"{lead}_{started}_{int(wanted.room)}_{int(wanted.practice)}"


def unpacked(arg: str | None) -> Declaration:
    """A declaration of nothing but what `packed` took along. Raises UserFacingError for what it did not pack."""
    if not arg:
        return Declaration()
    found = _PACKED.fullmatch(arg)
    if found is None:
        raise UserFacingError(OLDER)
    lead, started, room, practice = found.groups()
    return Declaration(
        lead=snowflake(lead),
        started=f"<t:{started}>" if started else "",
        room=room == "1",
        practice=practice == "1",
    )


def _read(started: str) -> str:
    return started.removeprefix("<t:").removesuffix(">") if started.startswith("<t:") else ""


# Refused commands --------------------------------------------------------------------------------------------------


def refills() -> Mapping[str, Refill]:
    """By command, the form that takes what was typed into it."""
    return {
        "incident log": _log,
        "incident severity": _severity,
        "incident lead": _lead,
        "incident title": _title,
        "incident cancel": _cancel,
        "incident declare": _declare,
    }


def _log(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    return Typed("incident.log_form", subject_of(given.incident), {"entry": given.entry or "", "at": given.at or ""})


def _severity(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    choices = {"severity": [given.severity]} if given.severity else {}
    return Typed("incident.severity_form", subject_of(given.incident), {"reason": given.reason or ""}, choices)


def _lead(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    usable = isinstance(given.who, discord.Member) and not given.who.bot
    choices = {"to": [str(given.who.id)]} if usable else {}
    return Typed("incident.lead_form", subject_of(given.incident), {"notes": given.notes or ""}, choices)


def _title(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    return Typed("incident.title_form", subject_of(given.incident), {"title": given.title or ""})


def _cancel(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    return Typed("incident.cancel_form", subject_of(given.incident), {"reason": given.reason or ""})


def _declare(itx: Interaction, error: Exception) -> Typed:
    given = itx.namespace
    typed: Typed = itx.extras.get(TYPED) or declaration_typed(
        Declaration(
            given.title or "",
            Severity(given.severity or Severity.SEV1),
            Kind(given.kind or Kind.OUTAGE),
            given.summary or "",
            given.affected or "",
            given.started or "",
            room=bool(given.room),
            practice=bool(given.practice),
            **of_lead(given.lead),
        )
    )
    if isinstance(error, NotAllowed):
        # Who may not declare may report, with the same words.
        said = "\n".join(text for text in typed.fields.values() if text.strip())
        return Typed("incident.report_form", "new", {"text": said}, label=REPORT)
    return replace(typed, choices={key: [given[key]] for key in ("severity", "kind") if key in given})


def declaration_typed(wanted: Declaration) -> Typed:
    """A declaration as its form would have sent it, but for what was not chosen yet."""
    shown = replace(wanted, started="") if _read(wanted.started) else wanted
    return Typed("incident.declare_form", "new", cards.declare_fields(shown), arg=packed(wanted))


def of_lead(who: Any) -> dict[str, Any]:
    """What a declaration says of the person named as lead."""
    if who is None:
        return {}
    return {"lead": who.id, "lead_is_bot": who.bot, "lead_left": not isinstance(who, discord.Member)}
