"""Private answers to commands and buttons, and the forms that ask."""

from __future__ import annotations

from collections.abc import Sequence

from bot.deadlines.store import DueView
from bot.incidents.cards.card import STATUS_MARK, due_lines, due_words, headline
from bot.incidents.cards.wording import entry_line
from bot.incidents.service.change import Changed
from bot.incidents.service.coordinate import Acknowledged, Logged
from bot.incidents.service.declare import Declaration, Declared, Similar
from bot.incidents.service.lead import Handoff
from bot.incidents.service.look import Listed, Shown
from bot.incidents.service.report import Reported
from bot.incidents.store import IncidentView
from bot.kernel.message import (
    Button,
    Embed,
    Message,
    Modal,
    ModalSelect,
    Select,
    SelectOption,
    TextInput,
)
from bot.kernel.text import channel, duration, escape, person, when_both
from bot.policy.words import Kind, Severity, Status

SEEN_BY = (
    "Its people alone see the room. The owner and administrators of the server can see every room, and its audit log "
    "says that a room was made."
)


def room(incident: IncidentView) -> str:
    """Where it is worked on."""
    return channel(incident.channel_id) if incident.channel_id else "the room is being made"


def declared(found: Declared) -> Message:
    """To the declarer: where to go, who is called, what is due first."""
    incident = found.incident
    lines = [f"Declared: **{headline(incident)}**, {incident.severity}."]
    if incident.place == "channel":
        lines.append(f"Room: {room(incident)}. It appears in your list within seconds.")
    else:
        lines.append("It has a card in operations and no room; a raised severity makes one.")
    rows: list[tuple[Button | Select, ...]] = []
    if found.paged:
        lines.append(f"Paged: {', '.join(person(one) for one in found.paged)}.")
    elif not found.acknowledged:
        lines.append("I paged nobody: no one is on call here.")
        rows.append((Select("user", "incident.page", incident.id, "Page someone…"),))
    if found.acknowledged:
        lines.append("You are on call, so you have acknowledged it by declaring.")
    if incident.private:
        lines.append(SEEN_BY)
    if not found.is_set_up:
        lines.append("Vigil is not set up here yet; the owner of the server was told how to finish it.")
    if found.next_due:
        lines.append(f"Due first: {due_words(found.next_due[0])} {when_both(found.next_due[0].due_at)}.")
    return Message(content="\n".join(lines), rows=tuple(rows))


def similar(found: Similar) -> Message:
    """Something open sounds the same."""
    lines = ["This sounds like something that is open already. What you typed is kept."]
    lines += [f"- **{headline(one)}** ({one.severity}, {one.status}) {room(one)}" for one in found.candidates]
    buttons = tuple(Button(f"Join {one.ref}", "incident.join", one.id, style="success") for one in found.candidates[:3])
    return Message(
        content="\n".join(lines),
        rows=((*buttons, Button("Declare anyway", "incident.declare_anyway", "new", style="danger")),),
    )


def declare_form(draft: Declaration | None, *, arg: str | None = None) -> Modal:
    """The one form of a declaration, prefilled from what was typed or left."""
    known = draft or Declaration()
    return Modal(
        title="Declare an incident",
        action="incident.declare_form",
        subject="new",
        arg=arg,
        fields=(
            TextInput(
                "title", "What is wrong?", "A few words; the room is named after it.", value=known.title, max=200
            ),
            ModalSelect("severity", "How bad is it?", options=severity_options(known.severity if draft else None)),
            ModalSelect("kind", "What is it about?", options=kind_options(known.kind if draft else None)),
            TextInput(
                "summary",
                "What do you know?",
                "Also what you do not know yet.",
                style="paragraph",
                value=known.summary,
                required=False,
            ),
            TextInput(
                "affected",
                "Who or what is affected?",
                value=known.affected,
                required=False,
                max=1000,
            ),
        ),
    )


def severity_options(chosen: Severity | None = None, kind: Kind = Kind.OUTAGE) -> tuple[SelectOption, ...]:
    """The four severities with their short meaning."""
    return tuple(SelectOption(one.value, one.value, one.meaning_for(kind), default=one is chosen) for one in Severity)


def kind_options(chosen: Kind | None = None) -> tuple[SelectOption, ...]:
    """The five kinds with their short meaning."""
    return tuple(SelectOption(one.value, one.value, one.meaning, default=one is chosen) for one in Kind)


def log_form(incident_id: int | str) -> Modal:
    """A line for the log."""
    return Modal(
        title="Add to the log",
        action="incident.log_form",
        subject=incident_id,
        fields=(
            TextInput("entry", "What happened?", style="paragraph"),
            TextInput("at", "When?", "Empty: now. Or 10:15, or “5 min ago”.", required=False, max=60),
        ),
    )


def severity_form(incident: IncidentView) -> Modal:
    """A new severity, with the reason."""
    return Modal(
        title="Change severity",
        action="incident.severity_form",
        subject=incident.id,
        fields=(
            ModalSelect("severity", "How bad is it now?", options=severity_options(incident.severity, incident.kind)),
            TextInput("reason", "Why?", "The log keeps it.", max=300),
        ),
    )


def impact_form(incident: IncidentView) -> Modal:
    """The four questions about impact, prefilled. Source: guide, "Assess Impact"."""
    texts = incident.texts
    return Modal(
        title="Impact",
        action="incident.impact_form",
        subject=incident.id,
        fields=(
            TextInput("down", "What is down?", value=texts.get("impact.down"), required=False, max=500),
            TextInput("who", "Who is affected, and how many?", value=texts.get("impact.who"), required=False, max=500),
            TextInput("data", "Is data at risk?", value=texts.get("impact.data"), required=False, max=500),
            TextInput("cause", "Suspected cause?", value=texts.get("impact.cause"), required=False, max=500),
        ),
    )


def lead_form(incident: IncidentView) -> Modal:
    """Whom to offer the lead, and what they need to know."""
    return Modal(
        title="Hand over the lead",
        action="incident.lead_form",
        subject=incident.id,
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


def acknowledged(found: Acknowledged) -> Message:
    """You have it."""
    first = "You have it; nobody else is paged." if found.first else "You are in. It was acknowledged before."
    lead = " The lead was open and is yours now." if found.took_lead else ""
    return Message(content=f"{first}{lead} Room: {room(found.incident)}.")


def declined(incident: IncidentView) -> Message:
    """No blame."""
    return Message(content="All right. The next person is asked, and this incident will not page you again.")


def logged(found: Logged) -> Message:
    """Kept, with its time."""
    late = f", as of {duration(found.late)} ago" if found.late.total_seconds() >= 60 else ""
    return Message(content=f"In the log of {found.incident.ref}{late}.")


def changed(found: Changed) -> Message:
    """What moved by the change."""
    kind, severity = found.before
    lines = []
    if severity is not found.incident.severity:
        lines.append(
            f"{severity} → {found.incident.severity} ({found.incident.severity.meaning_for(found.incident.kind)})."
        )
    if kind is not found.incident.kind:
        lines.append(f"{kind} → {found.incident.kind}.")
        if found.incident.private:
            lines.append(f"It is private now: a new room, and the reference {found.incident.ref}. {SEEN_BY}")
    if found.paged:
        lines.append(f"Paged: {', '.join(person(one) for one in found.paged)}.")
    if found.moved:
        lines.append("What moved:\n" + due_lines(found.moved, limit=5))
    else:
        lines.append("No other time moved.")
    return Message(content="\n".join(lines))


def handoff(found: Handoff) -> Message:
    """Offered, or taken."""
    if not found.pending:
        return Message(content=f"You lead {found.incident.ref} now.")
    return Message(content=f"Offered to {person(found.to_id)}. You lead until they accept.")


def tagged_out(incident: IncidentView) -> Message:
    """At once, and thanked."""
    lead = " The lead is open now, and others are asked." if incident.lead_id is None else ""
    return Message(
        content=f"You are out of {incident.ref}, and nothing of it will call you. Thank you for what you did.{lead}"
    )


def shown(found: Shown) -> Message:
    """An incident with its last lines."""
    incident = found.incident
    lead = person(incident.lead_id) if incident.lead_id else "open"
    head = [
        f"{STATUS_MARK[incident.status]} {incident.status} · {incident.severity} · {incident.kind} · lead {lead}",
        f"Started {when_both(incident.started_at)} · {room(incident) if incident.channel_id else 'no room'}",
    ]
    log_lines = [entry_line(one) for one in found.log]
    while log_lines and sum(len(line) + 1 for line in log_lines) > 3000:
        log_lines.pop(0)
    return Message(
        embeds=(
            Embed(title=headline(incident), description="\n".join(head)),
            Embed(title="Due next, and why", description=due_lines(found.due)),
            Embed(title="Log", description="\n".join(log_lines) or "Nothing yet."),
        )
    )


def listed(found: Listed) -> Message:
    """Open ones, then the last closed ones."""
    lines = [_line(one) for one in found.open] or ["No incident is open."]
    if found.closed:
        lines += ["", "Closed last:"] + [_line(one) for one in found.closed]
    return Message(embeds=(Embed(title="Incidents", description="\n".join(lines)),))


def due_board(found: Sequence[tuple[IncidentView, DueView]]) -> Message:
    """What is due, the most urgent first."""
    lines = [
        f"{when_both(due.due_at)} · **{due_words(due)}** · {headline(one)}\n-# {escape(due.reason)}"
        for one, due in found[:12]
    ]
    return Message(embeds=(Embed(title="Due next", description="\n".join(lines) or "Nothing is due."),))


def reported(found: Reported) -> Message:
    """Thanks, and who reads it."""
    if found.in_operations:
        who = "The responders see it in their operations channel"
    elif found.told:
        who = f"{found.told} named {'person reads' if found.told == 1 else 'people read'} it, privately"
    else:
        who = "Nobody is named for this here yet, so please also tell the owner of the server directly"
    return Message(content=f"Thank you for telling us. {who}. You will get an answer here by direct message.")


def _line(one: IncidentView) -> str:
    mark = STATUS_MARK[Status(one.status)]
    place = room(one) if one.channel_id else "no room"
    return f"{mark} **{headline(one)}** · {one.severity} · {when_both(one.declared_at)} · {place}"
