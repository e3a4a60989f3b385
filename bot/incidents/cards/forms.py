"""The forms of incidents: at most one for each act, prefilled.

Those on an incident take None where it could not be read in time, or at all; `subject` is its row id, the reference
that was typed, or "here".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.incidents.service.declaration import Declaration
from bot.incidents.store import IncidentView
from bot.kernel.limits import SELECT_OPTIONS
from bot.kernel.message import Modal, ModalSelect, SelectOption, TextInput
from bot.policy.words import Kind, Severity

REASON_MAX, AFFECTED_MAX = 1000, 1000


def declare_form(draft: Declaration | None, *, arg: str | None = None) -> Modal:
    """The one form of a declaration, prefilled from what was typed or left.

    A start that could not be read gets a field of its own; what is affected then stands in the summary, since a form
    has five fields.
    """
    known = draft or Declaration()
    typed = declare_fields(known)
    last = (
        TextInput("started", "When did it begin?", "10:15, or “20 min ago”.", value=typed["started"], required=False)
        if "started" in typed
        else TextInput(
            "affected", "Who or what is affected?", value=typed["affected"], required=False, max=AFFECTED_MAX
        )
    )
    return Modal(
        title="Declare an incident",
        action="incident.declare_form",
        subject="new",
        arg=arg,
        fields=(
            TextInput("title", "What is wrong?", "A few words; the room is named after it.", value=typed["title"]),
            ModalSelect("severity", "How bad is it?", options=severity_options(known.severity if draft else None)),
            ModalSelect("kind", "What is it about?", options=kind_options(known.kind if draft else None)),
            TextInput(
                "summary",
                "What do you know?",
                "Also what you do not know yet.",
                style="paragraph",
                value=typed["summary"],
                required=False,
            ),
            last,
        ),
    )


def declare_fields(known: Declaration) -> dict[str, str]:
    """A declaration's texts by the fields of its form."""
    if not known.started:
        return {"title": known.title, "summary": known.summary, "affected": known.affected}
    affected = f"Affected: {known.affected}" if known.affected.strip() else ""
    summary = "\n".join(text for text in (known.summary, affected) if text.strip())
    return {"title": known.title, "summary": summary, "started": known.started}


def severity_options(chosen: Severity | None = None, kind: Kind = Kind.OUTAGE) -> tuple[SelectOption, ...]:
    """The four severities with their short meaning."""
    return tuple(SelectOption(one.value, one.value, one.meaning_for(kind), default=one is chosen) for one in Severity)


def kind_options(chosen: Kind | None = None) -> tuple[SelectOption, ...]:
    """The five kinds with their short meaning."""
    return tuple(SelectOption(one.value, one.value, one.meaning, default=one is chosen) for one in Kind)


def asks_which(form: Modal, known: Sequence[tuple[str, str]]) -> Modal:
    """The form with one more question: for which incident. `known`: (label, reference) of those that they may see."""
    if not known:
        return form
    options = tuple(SelectOption(label, ref) for label, ref in known[:SELECT_OPTIONS])
    which = ModalSelect("incident", "Which incident?", options=options)
    return replace(form, fields=(which, *form.fields))


def title_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """A better title."""
    return Modal(
        title="Change the title",
        action="incident.title_form",
        subject=subject,
        fields=(TextInput("title", "What is wrong?", "A few words.", value=incident.title if incident else None),),
    )


def cancel_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """It was no incident."""
    return Modal(
        title="Cancel: it was no incident",
        action="incident.cancel_form",
        subject=subject,
        fields=(TextInput("reason", "What was it instead?", required=False, max=REASON_MAX),),
    )


def log_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """A line for the log."""
    return Modal(
        title="Add to the log",
        action="incident.log_form",
        subject=subject,
        fields=(
            TextInput("entry", "What happened?", style="paragraph"),
            TextInput("at", "When?", "Empty: now. Or 10:15, or “5 min ago”.", required=False, max=60),
        ),
    )


def severity_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """A new severity, with the reason."""
    options = severity_options(incident.severity, incident.kind) if incident else severity_options()
    return Modal(
        title="Change severity",
        action="incident.severity_form",
        subject=subject,
        fields=(
            ModalSelect("severity", "How bad is it now?", options=options),
            TextInput("reason", "Why?", "The log keeps it.", max=REASON_MAX),
        ),
    )


def impact_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """The four questions about impact, prefilled. Source: guide, "Assess Impact"."""
    texts = incident.texts if incident else {}
    return Modal(
        title="Impact",
        action="incident.impact_form",
        subject=subject,
        fields=(
            TextInput("down", "What is down?", value=texts.get("impact.down"), required=False, max=500),
            TextInput("who", "Who is affected, and how many?", value=texts.get("impact.who"), required=False, max=500),
            TextInput("data", "Is data at risk?", value=texts.get("impact.data"), required=False, max=500),
            TextInput("cause", "Suspected cause?", value=texts.get("impact.cause"), required=False, max=500),
        ),
    )


def lead_form(incident: IncidentView | None, subject: int | str) -> Modal:
    """Whom to offer the lead, and what they need to know."""
    return Modal(
        title="Hand over the lead",
        action="incident.lead_form",
        subject=subject,
        fields=(
            ModalSelect("to", "To whom?", kind="user"),
            TextInput(
                "notes",
                "What do they need to know?",
                "What is done, what is next, what was promised.",
                style="paragraph",
                required=False,
                max=1500,
            ),
        ),
    )


def report_form() -> Modal:
    """What any member fills in; the first question decides who may see it."""
    return Modal(
        title="Report something",
        action="incident.report_form",
        subject="new",
        fields=(
            ModalSelect(
                "about",
                "What is it about?",
                options=(
                    SelectOption("Something does not work", "system", "responders see it"),
                    SelectOption("A weakness in security", "weakness", "only named people see it"),
                    SelectOption("A person or a conflict", "person", "only named people see it"),
                ),
            ),
            TextInput("text", "What did you see?", "Where, since when, and what it means for you.", style="paragraph"),
        ),
    )
