"""Notices by name: what happened, who is asked, and the buttons that answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.incidents.cards.card import headline
from bot.incidents.store import IncidentView
from bot.kernel.message import Button, Message
from bot.kernel.text import channel, duration, escape, person, when_both
from bot.policy.words import Duty


def lead_offer(incident: IncidentView, to_id: int, from_id: int | None, notes: str | None, handoff_id: int) -> Message:
    """Asks the next lead; carries what they need to know."""
    by = f"{person(from_id)} offers" if from_id else "You are offered"
    lines = [f"{person(to_id)}: {by} you the lead of **{headline(incident)}**."]
    if notes:
        lines.append(f"> {escape(notes)}")
    return Message(
        content="\n".join(lines),
        rows=(
            (
                Button("I take the lead", "incident.lead_accept", handoff_id, style="success"),
                Button("Not now", "incident.lead_decline", handoff_id),
            ),
        ),
        ping_users=(to_id,),
    )


def lead_declined(incident: IncidentView, from_id: int | None, to_id: int) -> Message:
    """The lead stays where it was."""
    asks = (from_id,) if from_id else ()
    return Message(
        content=f"{' '.join(person(one) for one in asks)} {person(to_id)} cannot take the lead right now. "
        "It stays as it was; offer it to somebody else with _Hand over lead_.",
        ping_users=asks,
    )


def lead_open(incident: IncidentView, asking: tuple[int, ...]) -> Message:
    """The lead is vacant; somebody is asked once."""
    who = " ".join(person(one) for one in asking)
    asked = f", asking {who}" if who else ""
    return Message(
        content=f"Lead: open{asked}. Whoever takes it coordinates **{headline(incident)}** from here.",
        rows=((Button("Take the lead", "incident.take_lead", incident.id, style="success"),),),
        ping_users=asking,
    )


def duty_due(incident: IncidentView, duty: Duty, reason: str, asks: tuple[int, ...]) -> Message:
    """A duty's time has come; the buttons answer it. Silent where nobody is to be rung."""
    said = f"Due now for **{headline(incident)}**: {duty.phrase}."
    if duty is Duty.SUGGEST_RAISE:
        said = f"**{headline(incident)}** is still open. Is it a SEV-1 by now?"
    who = " ".join(person(one) for one in asks)
    return Message(
        content=f"{who} {said}\n-# {escape(reason)}".strip(),
        rows=(duty_buttons(incident, duty),),
        ping_users=asks,
        silent=not asks,
    )


def duty_heads_up(incident: IncidentView, duty: Duty, due_at: datetime, reason: str) -> Message:
    """A silent word before a duty counts as overdue."""
    return Message(
        content=f"**{headline(incident)}** still waits: {duty.phrase}, by {when_both(due_at)}.\n-# {escape(reason)}",
        rows=(duty_buttons(incident, duty),),
        silent=True,
    )


def duty_buttons(incident: IncidentView, duty: Duty) -> tuple[Button, ...]:
    """What answers a duty: its own act, or saying that it is done."""
    if duty is Duty.ACKNOWLEDGE:
        return (Button("Acknowledge", "incident.acknowledge", incident.id, style="success"),)
    if duty is Duty.SUGGEST_RAISE:
        return (
            Button("Change severity", "incident.severity", incident.id),
            Button("No, it stays", "incident.done", incident.id, arg=str(duty)),
        )
    return (Button("Done", "incident.done", incident.id, arg=str(duty), style="success"),)


def escalation_ended(incident: IncidentView) -> Message:
    """Nobody answered the rounds of the plan; operations are told once."""
    place = channel(incident.channel_id) if incident.channel_id else "it has no room"
    return Message(
        content=f"Nobody has acknowledged **{headline(incident)}** yet, after everyone of the plan was paged. "
        f"If you can take it, press _Acknowledge_. Room: {place}. If nobody here can, please call somebody.",
        rows=((Button("Acknowledge", "incident.acknowledge", incident.id, style="success"),),),
    )


def page_failed(incident: IncidentView, users: tuple[int, ...], why: str) -> Message:
    """A page did not get through; says to whom and why."""
    return Message(
        content=f"The page for **{headline(incident)}** did not reach {', '.join(person(one) for one in users)}: "
        f"{escape(why)} The next one is asked now. Please try to reach them another way, if you can.",
    )


def resolved(incident: IncidentView) -> Message:
    """Thanks, and what happens to the room."""
    lasted = duration(incident.closed_at - incident.started_at) if incident.closed_at else ""
    thanks = ", ".join(person(one.user_id) for one in incident.people if one.active or one.tagged_out)
    return Message(
        content=f"**{headline(incident)}** is resolved after {lasted}. Thank you, {thanks}. "
        "This room stays open for a day, then it moves to the archive.",
        silent=True,
    )


def what_comes_next(incident: IncidentView, lines: list[str]) -> Message:
    """To the lead, privately: the review's dates."""
    body = "\n".join(f"- {line}" for line in lines) or "- Nothing more is owed."
    return Message(
        content=f"**{headline(incident)}** is resolved. What comes next:\n{body}\nRest first; it can wait until then."
    )


def cancelled(incident: IncidentView) -> Message:
    """A false alarm is no fault."""
    return Message(
        content=f"**{headline(incident)}** was cancelled: it was not an incident. Better one call too many. "
        "Thank you for looking at it.",
        silent=True,
    )


def duplicate(incident: IncidentView, other_ref: str, other_channel: int | None) -> Message:
    """It goes on elsewhere."""
    place = channel(other_channel) if other_channel else other_ref
    return Message(content=f"This is the same as {other_ref}. It goes on in {place}.", silent=True)


def reopened(incident: IncidentView) -> Message:
    """It goes on."""
    return Message(content=f"**{headline(incident)}** is open again. Its clocks run from now; the card has them.")


def finish_setup(incident: IncidentView) -> Message:
    """To the server's owner, once per incident declared without set-up."""
    return Message(
        content=f"Somebody declared **{headline(incident)}**, and Vigil is not set up yet: it knows no responders, no "
        "one on call and no channel for public updates. `/setup` in the server does all of that in two minutes."
    )


def problem(incident: IncidentView, sentence: str, effect_id: int) -> Message:
    """What could not be done, the remedy, and _Try again_."""
    return Message(
        content=f"Vigil could not finish a step for **{headline(incident)}**. {sentence}",
        rows=((Button("Try again", "effect.retry", effect_id, style="primary"),),),
    )


def room_gone(incident: IncidentView) -> Message:
    """The room was deleted by hand."""
    return Message(
        content=f"The room of **{headline(incident)}** was deleted. The incident and its log are kept. "
        "A new room can be made with the log in it.",
        rows=((Button("Make a new room", "incident.new_room", incident.id, style="primary"),),),
    )


def params_ids(params: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """Ids that travelled as a comma-separated string."""
    return tuple(int(one) for one in str(params.get(key, "")).split(",") if one)


def review_line(due_words: str, at: Any) -> str:
    """One line of what comes next."""
    return f"{due_words}: {when_both(at)}" if at else due_words
