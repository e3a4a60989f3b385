"""What is said before an update is due, when it is, and after; and the question for a second responder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.incidents.cards.card import headline
from bot.incidents.store import IncidentView
from bot.kernel.limits import MESSAGE_CONTENT, fit
from bot.kernel.message import Button, Message, Row
from bot.kernel.text import channel, escape, person, sentence_list, when_both
from bot.policy.clocks import Choice
from bot.policy.terms import term_words
from bot.updates.store import UpdateView


def reminder(
    incident: IncidentView,
    users: list[int],
    due_at: datetime,
    reason: str,
    *,
    number: int,
    choice: Choice | None,
    also: Sequence[IncidentView] = (),
) -> Message:
    """The ping at the due time and after, with the buttons that answer it; silent where nobody is to be rung.

    `also`: other incidents for which something falls due to the same people about now. Who reads this room may not
    know of them, so they are named by their room and reference only.
    """
    who = " ".join(person(one) for one in users)
    state = "is due now" if number == 0 else f"was due {when_both(due_at)}"
    lines = [
        f"{who} The public update for **{headline(incident)}** {state}. Two honest lines are enough; "
        "“nothing new” is news too.".strip(),
        f"-# {escape(reason)}",
    ]
    rows: list[Row] = [reminder_buttons(incident, choice)]
    if also:
        places = sentence_list([channel(one.channel_id) if one.channel_id else one.ref for one in also])
        lines.insert(1, f"Also due to you within ten minutes: {places}.")
        rows.append(tuple(Button(f"Post update for {one.ref}", "update.open", one.id) for one in also[:5]))
    return Message(content="\n".join(lines), rows=tuple(rows), ping_users=tuple(users), silent=not users)


def reminder_buttons(incident: IncidentView, choice: Choice | None) -> Row:
    """Post, say that nothing changed, or start the end."""
    key = incident.id
    same = (
        (Button(f"No change, next in {term_words(choice.term)}", "update.no_change", key),)
        if choice is not None
        else ()
    )
    return (
        Button("Post update", "update.open", key, style="primary"),
        *same,
        Button("Restored, start checks", "resolve.open", key),
    )


def reminder_operations(incident: IncidentView, due_at: datetime) -> Message:
    """In operations, without a ping."""
    place = channel(incident.channel_id) if incident.channel_id else "no room"
    return Message(
        content=f"The public update for **{headline(incident)}** was due {when_both(due_at)}. Room: {place}. "
        "Whoever is free can post two lines.",
        rows=((Button("Post update", "update.open", incident.id, style="primary"),),),
        silent=True,
    )


def heads_up(incident: IncidentView, due_at: datetime, draft: str) -> Message:
    """Silently, before it is due: what the log has since the last update, as a draft."""
    said = "\n".join(f"> {escape(line)}" for line in draft.split("\n") if line.strip())
    body = f"From the log since the last one:\n{said}" if said else "The log has nothing new since the last one."
    rows: tuple[Row, ...] = (
        (
            Button(
                "Use this as a draft" if said else "Post update",
                "update.open",
                incident.id,
                arg="log" if said else None,
                style="primary",
            ),
        ),
    )
    return Message(
        content=fit(f"A public update is due {when_both(due_at)}. {body}", MESSAGE_CONTENT - 60),
        rows=rows,
        silent=True,
    )


def gap_ask(incident: IncidentView, update: UpdateView) -> Message:
    """Asks a second responder to agree to a longer gap."""
    by = person(update.by) if update.by else "Somebody"
    until = when_both(update.next_at) if update.next_at else "later"
    return Message(
        content=f"{by} asks to announce a longer gap for **{headline(incident)}**: next update {until}. "
        "For a SEV-0 a second responder agrees first. Rest is a good reason.",
        rows=((Button("I agree, publish it", "update.confirm_gap", update.id, style="success"),),),
    )
