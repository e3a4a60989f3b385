"""Private answers to commands and buttons."""

from __future__ import annotations

from collections.abc import Sequence

from bot.deadlines.store import DueView
from bot.incidents.cards import refusals
from bot.incidents.cards.card import STATUS_MARK, due_lines, due_words, headline
from bot.incidents.cards.wording import entry_line
from bot.incidents.service.change import Changed
from bot.incidents.service.checklist import Finished
from bot.incidents.service.coordinate import Acknowledged, Logged, WhichOne
from bot.incidents.service.declare import Declared, Similar
from bot.incidents.service.lead import Handoff
from bot.incidents.service.look import Listed, Shown
from bot.incidents.service.problems import Retried
from bot.incidents.service.report import Reported
from bot.incidents.store import IncidentView
from bot.kernel.limits import fit
from bot.kernel.message import (
    Button,
    Embed,
    Message,
    Select,
    SelectOption,
)
from bot.kernel.text import channel, duration, escape, person, plain, when_both
from bot.policy.paging import plan
from bot.policy.words import Status

SEEN_BY = (
    "Its people alone see the room. The owner and administrators of the server can see every room, and its audit log "
    "says that a room was made."
)
LINE_MAX = 600
"""Characters of one line of the log where several are shown; the export has all of it."""


def room(incident: IncidentView) -> str:
    """Where it is worked on: after "Room:"."""
    if incident.channel_id:
        return channel(incident.channel_id)
    return "it is being made" if incident.place == "channel" else "there is none"


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
        names = ", ".join(person(one) for one in found.paged)
        silent = plan(incident.kind, incident.severity).silent and not incident.practice
        lines.append(f"Given to {names}, without a push." if silent else f"Paged: {names}.")
    elif not found.acknowledged:
        lines.append("I paged nobody: no one is on call here.")
        rows.append((Select("user", "incident.page", incident.id, "Page someone…"),))
    if found.acknowledged:
        lines.append("It would call you, so you have acknowledged it by declaring.")
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
    for one in found.candidates:
        place = f" {channel(one.channel_id)}" if one.channel_id else ""
        lines.append(f"- **{headline(one)}** ({one.severity}, {one.status}){place}")
    alone = len(found.candidates) == 1
    buttons = tuple(
        Button("Join that one" if alone else f"Join {one.ref}", "incident.join", one.id, style="success")
        for one in found.candidates[:3]
    )
    return Message(
        content="\n".join(lines),
        rows=((*buttons, Button("Declare anyway", "incident.declare_anyway", "new", style="danger")),),
    )


def acknowledged(found: Acknowledged) -> Message:
    """You have it."""
    first = "You have it; nobody else is paged." if found.first else "You are in. It was acknowledged before."
    lead = " The lead was open and is yours now." if found.took_lead else ""
    return Message(content=f"{first}{lead} Room: {room(found.incident)}.")


def declined(incident: IncidentView) -> Message:
    """No blame."""
    others = "Somebody has it" if incident.acknowledged_at is not None else "The next person is asked"
    return Message(content=f"All right. {others}, and this incident will not page you again.")


def logged(found: Logged) -> Message:
    """Kept, with its time."""
    late = f", as of {duration(found.late)} ago" if found.late.total_seconds() >= 60 else ""
    return Message(content=f"In the log of {found.incident.ref}{late}.")


def which_one(found: WhichOne) -> Message:
    """Several incidents are open: which log is meant?"""
    options = tuple(
        SelectOption(f"{one.ref} · {plain(one.title)}", str(one.id), f"{one.severity}, {one.status}")
        for one in found.incidents
    )
    return Message(
        content="To which incident does that message belong? It is kept until you choose.",
        rows=((Select("string", "incident.add_message", found.draft_id, "Choose the incident", options),),),
    )


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


def retried(found: Retried) -> str:
    """How a step went that was tried again."""
    if found.refused is not None:
        return f"It was refused once more. {refusals.sentence(found.kind, found.refused)}"
    return "It is being tried again." if found.waits else "It worked this time."


def titled(incident: IncidentView) -> str:
    """It has its new title."""
    return f"{incident.ref} has its new title."


def cancelled(incident: IncidentView) -> str:
    """It was no incident."""
    return f"{incident.ref} is cancelled. Better one call too many than one too few."


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
    log_lines = [fit(entry_line(one), LINE_MAX) for one in found.log]  # one long line hides neither itself nor others
    while log_lines and sum(len(line) + 1 for line in log_lines) > 3000:
        log_lines.pop(0)
    return Message(
        embeds=(
            Embed(title=headline(incident), description="\n".join(head)),
            Embed(title="Due next, and why", description=due_lines(found.due)),
            Embed(title="Log", description="\n".join(log_lines) or "Nothing yet."),
        )
    )


def finished(found: Finished) -> Message:
    """Done, and written down."""
    return Message(content=f"Done, and in the log of {found.incident.ref}: {found.words}.")


def listed(found: Listed) -> Message:
    """Open ones, then the last closed ones."""
    lines = [_line(one) for one in found.open] or ["No incident is open."]
    if found.closed:
        lines += ["", "Closed last:"] + [_line(one) for one in found.closed]
    return Message(embeds=(Embed(title="Incidents", description="\n".join(lines)),))


def due_board(found: Sequence[tuple[IncidentView, DueView]]) -> Message:
    """What is due, the most urgent first."""
    lines = [
        f"{when_both(due.due_at)} · **{due_words(due)}** · {headline(one)}\n_{escape(due.reason)}_"
        for one, due in found[:12]
    ]
    return Message(embeds=(Embed(title="Due next", description="\n".join(lines) or "Nothing is due."),))


def reported(found: Reported) -> Message:
    """Thanks, and who reads it."""
    if found.in_operations:
        who = "The responders see it in their operations channel"
    elif found.told:
        who = f"{found.told} named {'person reads' if found.told == 1 else 'people read'} it, privately"
    elif found.owner_asked and found.about == "system":
        who = "Nobody is named for this here yet, so the owner of the server reads it"
    elif found.owner_asked:
        who = (
            "Nobody is named to read such a report here yet. The owner of the server is asked to name somebody, "
            "without seeing what you wrote; if it cannot wait, please tell somebody whom you trust"
        )
    else:
        return Message(
            content="Thank you for telling us. Nobody is named to read this here yet, so please tell somebody whom you "
            "trust directly. What you wrote is kept for whoever is named."
        )
    return Message(content=f"Thank you for telling us. {who}. You will get an answer here by direct message.")


def _line(one: IncidentView) -> str:
    mark = STATUS_MARK[Status(one.status)]
    place = room(one) if one.channel_id else "no room"
    return f"{mark} **{headline(one)}** · {one.severity} · {when_both(one.declared_at)} · {place}"
