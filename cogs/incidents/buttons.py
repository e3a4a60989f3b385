"""Buttons, selects and forms of incidents: each one service call, answered privately."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.incidents.cards import answers
from bot.incidents.service.checklist import DUTY
from bot.incidents.service.declaration import Declaration
from bot.kernel.errors import BadInput
from bot.kernel.text import person
from bot.policy.words import Kind, Severity
from cogs.errors import NOT_A_MEMBER
from cogs.incidents import menu
from cogs.incidents.cog import IncidentServices
from cogs.incidents.declaring import tell
from cogs.incidents.forms import Forms, unpacked
from cogs.incidents.options import Interaction, this
from cogs.present import answer, ask, caller
from cogs.press import Press
from cogs.router import First, Route


def routes(services: IncidentServices, forms: Forms) -> dict[str, Route]:
    """Every action of this slice."""
    work, change = services.coordinate, services.change

    async def acknowledge(itx: Interaction, press: Press) -> None:
        await answer(itx, answers.acknowledged(await work.acknowledge(caller(itx), this(press))))

    async def decline(itx: Interaction, press: Press) -> None:
        await answer(itx, answers.declined(await work.decline(caller(itx), this(press))))

    async def join(itx: Interaction, press: Press) -> None:
        found = await work.join(caller(itx), this(press))
        await answer(itx, f"You are in {found.ref}. Room: {answers.room(found)}.")

    async def tag_out(itx: Interaction, press: Press) -> None:
        await answer(itx, answers.tagged_out(await work.tag_out(caller(itx), this(press))))

    async def tick(itx: Interaction, press: Press) -> None:
        await services.checklist.tick(caller(itx), this(press), press.value)

    async def done(itx: Interaction, press: Press) -> None:
        found = await services.checklist.done(caller(itx), f"{DUTY}:{press.arg}", this(press))
        await answer(itx, answers.finished(found))

    async def page(itx: Interaction, press: Press) -> None:
        user_id = press.picked
        if _absent(itx, user_id):
            raise BadInput(NOT_A_MEMBER)
        found = await work.page_someone(caller(itx), user_id, this(press), is_bot=_is_bot(itx, user_id))
        await answer(itx, f"Paged {person(user_id)} for {found.ref}.")

    async def log(itx: Interaction, press: Press) -> None:
        await ask(itx, await forms.log(itx, press))

    async def log_form(itx: Interaction, press: Press) -> None:
        text, at = press.fields.get("entry", ""), press.fields.get("at", "")
        await answer(itx, answers.logged(await work.add_log(caller(itx), text, this(press), at=at)))

    async def severity(itx: Interaction, press: Press) -> None:
        await ask(itx, await forms.severity(itx, press))

    async def severity_form(itx: Interaction, press: Press) -> None:
        wanted = press.word("severity", Severity)
        found = await change.severity(caller(itx), wanted, press.fields.get("reason", ""), this(press))
        await answer(itx, answers.changed(found))

    async def impact(itx: Interaction, press: Press) -> None:
        await ask(itx, await forms.impact(itx, press))

    async def impact_form(itx: Interaction, press: Press) -> None:
        found = await change.impact(caller(itx), press.fields, this(press))
        await answer(itx, f"The impact of {found.ref} is on its card.")

    async def lead(itx: Interaction, press: Press) -> None:
        await ask(itx, await forms.lead(itx, press))

    async def lead_form(itx: Interaction, press: Press) -> None:
        to_id = press.person("to")
        found = await services.lead.offer(
            caller(itx),
            to_id,
            press.fields.get("notes", ""),
            this(press),
            is_bot=_is_bot(itx, to_id),
            absent=_absent(itx, to_id),
        )
        await answer(itx, answers.handoff(found))

    async def take_lead(itx: Interaction, press: Press) -> None:
        me = caller(itx)
        await answer(itx, answers.handoff(await services.lead.offer(me, me.user_id, "", this(press), is_bot=False)))

    async def lead_accept(itx: Interaction, press: Press) -> None:
        found = await services.lead.answer(caller(itx), press.number, accept=True)
        await answer(itx, f"You lead {found.ref} now.")

    async def lead_decline(itx: Interaction, press: Press) -> None:
        await services.lead.answer(caller(itx), press.number, accept=False)
        await answer(itx, "All right. Whoever offered it knows.")

    async def reopen(itx: Interaction, press: Press) -> None:
        found = await services.close.reopen(caller(itx), this(press))
        await answer(itx, f"{found.ref} is open again. Room: {answers.room(found)}.")

    async def title_form(itx: Interaction, press: Press) -> None:
        found = await change.title(caller(itx), press.fields.get("title", ""), this(press))
        await answer(itx, answers.titled(found))

    async def cancel_form(itx: Interaction, press: Press) -> None:
        found = await services.close.cancel(caller(itx), this(press), reason=press.fields.get("reason", ""))
        await answer(itx, answers.cancelled(found))

    async def declare_form(itx: Interaction, press: Press) -> None:
        known = unpacked(press.arg)
        wanted = replace(
            known,
            title=press.fields.get("title", ""),
            severity=press.word("severity", Severity),
            kind=press.word("kind", Kind),
            summary=press.fields.get("summary", ""),
            affected=press.fields.get("affected", ""),
            started=press.fields.get("started", "") or known.started,
        )
        await tell(itx, services, await services.declare.declare(caller(itx), wanted))

    async def declare_again(itx: Interaction, press: Press) -> None:
        await ask(itx, await forms.declare_draft(itx))

    async def declare_anyway(itx: Interaction, press: Press) -> None:
        await tell(itx, services, await services.declare.declare_draft(caller(itx)))

    async def practice(itx: Interaction, press: Press) -> None:
        wanted = Declaration("Practice: the website does not load", Severity.SEV1, Kind.OUTAGE, practice=True)
        await tell(itx, services, await services.declare.declare(caller(itx), wanted))

    async def report_form(itx: Interaction, press: Press) -> None:
        about = press.choices.get("about", ("",))[0]
        found = await services.report.report(caller(itx), about, press.fields.get("text", ""))
        await answer(itx, answers.reported(found))

    async def report_declare(itx: Interaction, press: Press) -> None:
        await tell(itx, services, await services.report.declare(caller(itx), press.number))

    async def report_dismiss(itx: Interaction, press: Press) -> None:
        await services.report.dismiss(caller(itx), press.number)
        await answer(itx, "Settled. The reporter gets a kind answer.")

    async def retry(itx: Interaction, press: Press) -> None:
        await answer(itx, answers.retried(await services.problem.retry(caller(itx), press.number)))

    async def new_room(itx: Interaction, press: Press) -> None:
        await services.problem.new_room(caller(itx), this(press))
        await answer(itx, "A new room is being made.")

    plain = {
        "acknowledge": acknowledge,
        "decline": decline,
        "join": join,
        "tag_out": tag_out,
        "page": page,
        "take_lead": take_lead,
        "reopen": reopen,
        "declare_anyway": declare_anyway,
        "practice": practice,
        "new_room": new_room,
        "done": done,
    }
    filled = {
        "log_form": (log_form, forms.log),
        "severity_form": (severity_form, forms.severity),
        "impact_form": (impact_form, forms.impact),
        "lead_form": (lead_form, forms.lead),
        "title_form": (title_form, forms.title),
        "cancel_form": (cancel_form, forms.cancel),
        "declare_form": (declare_form, forms.declare),
        "report_form": (report_form, forms.report),
    }
    opens = {"log": log, "severity": severity, "impact": impact, "lead": lead, "declare_again": declare_again}
    of = services.places
    private, here = First.PRIVATE, of.of_incident
    return {
        **{f"incident.{name}": Route(handler, private, server=here) for name, handler in plain.items()},
        **{f"incident.{name}": Route(handler, First.MODAL, server=here) for name, handler in opens.items()},
        **{f"incident.{name}": Route(handler, private, form, here) for name, (handler, form) in filled.items()},
        "incident.lead_accept": Route(lead_accept, server=of.of_handoff),
        "incident.lead_decline": Route(lead_decline, server=of.of_handoff),
        "incident.tick": Route(tick, First.UPDATE, server=here),
        "report.declare": Route(report_declare, server=of.of_report),
        "report.dismiss": Route(report_dismiss, server=of.of_report),
        "effect.retry": Route(retry, server=of.of_effect),
        **menu.routes(services),
    }


def _is_bot(itx: Interaction, user_id: int) -> bool:
    """Whether the person picked in a select or form is a bot, by what Discord resolved with it."""
    return bool(_resolved(itx, "users").get(str(user_id), {}).get("bot"))


def _absent(itx: Interaction, user_id: int) -> bool:
    """Whether the person picked is no member of the server; in direct messages Discord does not say."""
    return itx.guild_id is not None and str(user_id) not in _resolved(itx, "members")


def _resolved(itx: Interaction, what: str) -> dict[str, Any]:
    data: dict[str, Any] = dict(itx.data or {})
    found: dict[str, Any] = data.get("resolved", {}).get(what, {})
    return found
