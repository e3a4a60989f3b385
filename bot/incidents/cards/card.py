"""The cards of an incident: the pinned one, the page, the brief, the line in operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.deadlines.store import DueView
from bot.incidents.store import IncidentView
from bot.kernel.limits import fit
from bot.kernel.message import Button, Embed, EmbedField, Message, Select, SelectOption
from bot.kernel.text import channel, duration, escape, person, when, when_both
from bot.policy.briefs import Danger, brief, outside_first
from bot.policy.words import Duty, Severity, Status

COLOUR = {
    Severity.SEV0: 0xB3261E,
    Severity.SEV1: 0xD9730D,
    Severity.SEV2: 0xC9A400,
    Severity.SEV3: 0x5B7083,
}
CLOSED_COLOUR = 0x2E7D52
STATUS_MARK = {
    Status.INVESTIGATING: "🔎",
    Status.IDENTIFIED: "🎯",
    Status.MONITORING: "👀",
    Status.RESOLVED: "✅",
    Status.CANCELLED: "⚪",
}
PRACTICE = "Practice. Nobody outside is told, nothing is counted."


def headline(incident: IncidentView) -> str:
    """Reference and title in one line, safe to show."""
    mark = "[practice] " if incident.practice else ""
    return f"{mark}{incident.ref} · {escape(incident.title)}"


def due_words(due: DueView) -> str:
    """What is due, as a noun phrase."""
    if due.kind.startswith("duty."):
        return Duty(due.params["duty"]).phrase
    return {
        "public_update": "public update",
        "escalate": "next page, if nobody acknowledges",
        "archive": "room moves to the archive",
    }.get(due.kind, due.kind.replace("_", " ").replace(".", " "))


def due_lines(due: Sequence[DueView], *, limit: int = 4) -> str:
    """What is due next and why, one line each."""
    lines = [
        f"{'since ' if one.overdue else ''}{when_both(one.due_at)} · **{due_words(one)}**\n"
        f"_{escape(one.reason)} · {escape(one.rule)}_"
        for one in due[:limit]
    ]
    return "\n".join(lines) or "Nothing is due."


def incident_card(incident: IncidentView, due: Sequence[DueView]) -> Message:
    """The pinned card: what, how bad, who leads, who is here, where it stands, what is due next and why."""
    fields = [
        EmbedField("Severity", f"{incident.severity} · {incident.severity.meaning_for(incident.kind)}"),
        EmbedField("Status", f"{STATUS_MARK[incident.status]} {incident.status}: {incident.status.meaning}", True),
        EmbedField("Kind", incident.kind, True),
        EmbedField("Lead", _lead(incident), True),
        EmbedField("Here", ", ".join(person(one) for one in incident.here) or "nobody yet", True),
        EmbedField("Started", when_both(incident.started_at), True),
        EmbedField("Acknowledged", _acknowledged(incident), True),
    ]
    fields += [EmbedField(name, escape(text, one_line=False)) for name, text in _words(incident) if text]
    if incident.closed_at is not None:
        lasted = duration(incident.closed_at - incident.started_at)
        fields.append(EmbedField("Closed", f"{when(incident.closed_at)} after {lasted}"))
    fields.append(EmbedField("Due next, and why", due_lines(due)))
    return Message(
        embeds=(
            Embed(
                title=headline(incident),
                description=PRACTICE if incident.practice else None,
                fields=tuple(fields),
                colour=CLOSED_COLOUR if incident.closed else COLOUR[incident.severity],
                footer=incident.ref,
            ),
        ),
        rows=card_buttons(incident),
        silent=True,
    )


def card_buttons(incident: IncidentView) -> tuple[tuple[Button, ...], ...]:
    """What can be done from the card; a closed incident can be taken up again."""
    if incident.closed:
        return ((Button("Reopen", "incident.reopen", incident.id),),)
    key = incident.id
    first = Button("Acknowledge", "incident.acknowledge", key, style="success")
    return (
        (
            *((first,) if incident.acknowledged_at is None else ()),
            Button("Post update", "update.open", key, style="primary"),
            Button("Log", "incident.log", key),
            Button("Impact", "incident.impact", key),
        ),
        (
            Button("Change severity", "incident.severity", key),
            Button("Hand over lead", "incident.lead", key)
            if incident.lead_id
            else Button("Take the lead", "incident.take_lead", key, style="success"),
            Button("Tag out", "incident.tag_out", key),
            Button("Resolve", "resolve.open", key),
        ),
    )


def _lead(incident: IncidentView) -> str:
    return person(incident.lead_id) if incident.lead_id else "open; the next one to acknowledge takes it"


def _acknowledged(incident: IncidentView) -> str:
    if incident.acknowledged_at is None or incident.acknowledged_by is None:
        return "not yet"
    return f"{person(incident.acknowledged_by)} {when(incident.acknowledged_at, 't')}"


def _words(incident: IncidentView) -> list[tuple[str, str]]:
    texts = incident.texts
    impact = [
        f"{name}: {texts[f'impact.{key}']}"
        for key, name in (("down", "Down"), ("who", "Who"), ("data", "Data"), ("cause", "Suspected cause"))
        if texts.get(f"impact.{key}")
    ]
    return [
        ("What is known", texts.get("summary", "")),
        ("Affected", texts.get("affected", "")),
        ("Impact", "\n".join(impact)),
    ]


def page_card(incident: IncidentView, users: Sequence[int], *, step: int, late_min: int = 0) -> Message:
    """The page: whom, what, how bad, and the two answers. One line to ping, one to read."""
    again = " again" if 0 < step < 100 else ""
    place = f" Room: {channel(incident.channel_id)}." if incident.channel_id else ""
    late = f" This page is {late_min} min late: Discord did not take it earlier." if late_min >= 2 else ""
    practice = " (practice)" if incident.practice else ""
    lines = [
        f"{' '.join(person(one) for one in users)} you are paged{again}{practice}: **{headline(incident)}**",
        f"{incident.severity}, {incident.severity.meaning_for(incident.kind)}.{place}{late}",
    ]
    lines += [f"**{item.words}**" for item in outside_first(incident.kind, incident.severity, danger_of(incident))]
    return Message(content="\n".join(lines), rows=(page_buttons(incident),), ping_users=tuple(users))


def assigned_card(incident: IncidentView, users: Sequence[int]) -> Message:
    """What is mild is given to somebody silently: it can wait until they look."""
    place = f" Room: {channel(incident.channel_id)}." if incident.channel_id else ""
    return Message(
        content=f"{' '.join(person(one) for one in users)} this one is yours to look at, when you get to it: "
        f"**{headline(incident)}**\n{incident.severity}, {incident.severity.meaning_for(incident.kind)}.{place}",
        rows=(page_buttons(incident),),
        silent=True,
    )


def page_buttons(incident: IncidentView) -> tuple[Button, ...]:
    """The two answers to a page."""
    return (
        Button("Acknowledge", "incident.acknowledge", incident.id, style="success"),
        Button("I can't right now", "incident.decline", incident.id),
    )


def brief_card(incident: IncidentView, ticked: Mapping[str, int]) -> Message:
    """The checklist of the kind: what is ticked, by whom, and a menu to tick the next."""
    items = brief(incident.kind, incident.severity, danger_of(incident))
    lines = [
        f"{'☑' if item.key in ticked else '☐'} {item.words}"
        + (f" · {person(ticked[item.key])}" if item.key in ticked else "")
        for item in items
    ]
    rows: list[tuple[Button | Select, ...]] = []
    if not incident.closed:
        options = tuple(
            SelectOption(
                fit(item.words, 100), item.key, "done; choose it to take the tick back" if item.key in ticked else None
            )
            for item in items
        )
        rows.append((Select("string", "incident.tick", incident.id, "Tick what is done", options, arg="brief"),))
        if (
            incident.status is not Status.RESOLVED
            and not incident.private
            and incident.severity.at_least(Severity.SEV2)
        ):
            lines.append("_We're on it_ posts a first public update in one tap.")
            rows.append((Button("We're on it", "update.first", incident.id, style="primary"),))
    return Message(
        embeds=(
            Embed(
                title="First things first",
                description="\n".join(lines),
                colour=COLOUR[incident.severity],
                footer=incident.ref,
            ),
        ),
        rows=tuple(rows),
        silent=True,
    )


def board_card(incident: IncidentView) -> Message:
    """The silent line in operations, by which responders find an incident and join it."""
    state = f"{STATUS_MARK[incident.status]} {incident.status}"
    lead = person(incident.lead_id) if incident.lead_id else "open"
    place = channel(incident.channel_id) if incident.channel_id else "no room"
    words = f"**{headline(incident)}**\n{incident.severity} · {incident.kind} · {state} · lead {lead} · {place}"
    key = incident.id
    buttons: tuple[Button, ...] = ()
    if not incident.closed:
        buttons = (Button("Join", "incident.join", key), Button("Acknowledge", "incident.acknowledge", key))
        if incident.channel_id is None:
            buttons += (Button("Log", "incident.log", key), Button("Resolve", "resolve.open", key))
    return Message(content=words, rows=(buttons,) if buttons else (), silent=True)


def danger_of(incident: IncidentView) -> Danger | None:
    """What kind of danger was named at the declaration, if any."""
    return Danger(incident.danger) if incident.danger else None
