"""What responders see: forms, previews, answers, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.incidents.cards.card import headline
from bot.incidents.store import IncidentView
from bot.kernel.limits import MESSAGE_CONTENT, fit
from bot.kernel.message import (
    Button,
    Message,
    Modal,
    ModalSelect,
    ModalText,
    Row,
    Select,
    SelectOption,
    TextInput,
)
from bot.kernel.text import channel, duration, escape, message_link, person, sentence_list, when, when_both
from bot.policy.clocks import Choice
from bot.policy.promises import Verdict
from bot.policy.terms import term_words
from bot.policy.words import Severity, Status
from bot.updates.cards.public import public_post
from bot.updates.rules import KNOWN_MAX, PART_MAX, Content, Said, Stage
from bot.updates.service.publish import Prefill, Preview, Published
from bot.updates.service.resolve import Checks, Final
from bot.updates.store import UpdateView

OPEN_STATUSES = tuple(one for one in Status if not one.closed)
TIME_HINT = "A time such as 15:30, or “in 20 min”."


def update_form(found: Prefill | None, subject: int | str) -> Modal:
    """The one form of an update; blank where nothing could be read in time."""
    content = found.content if found else Content()
    severity = found.incident.severity if found else None
    if severity is Severity.SEV2:
        label, hint = "Solved by, or next update by", "By when is it to be solved? It becomes a promise."
    else:
        label, hint = "Next update by", TIME_HINT
    if found and found.default_at is not None:
        hint = "Empty: the time that the rules ask for. Or 15:30, or “in 20 min”."
    return Modal(
        title="Public update",
        action="update.form",
        subject=subject,
        fields=(
            ModalSelect(
                "status",
                "Where does it stand?",
                options=tuple(
                    SelectOption(str(one), str(one), one.meaning, default=one is content.status)
                    for one in OPEN_STATUSES
                ),
            ),
            TextInput(
                "known",
                "What do you know, and what not yet?",
                "Everyone can read this.",
                style="paragraph",
                value=content.part("known"),
                max=KNOWN_MAX,
            ),
            TextInput(
                "affected",
                "Who is affected, since when, and how?",
                "Also whether data is safe.",
                style="paragraph",
                value=content.part("affected"),
                required=False,
                max=PART_MAX,
            ),
            TextInput("advice", "What can readers do?", value=content.part("advice"), required=False, max=PART_MAX),
            TextInput("next", label, hint, value=content.next, required=False, max=60),
        ),
    )


def preview(found: Preview) -> Message:
    """What would be published, to the one who wrote it."""
    incident, judged, content = found.incident, found.judged, found.content
    key = incident.id
    lines = [f"This would go to {channel(found.channel_id)}:"]
    edit = Button("Edit", "update.open", key)
    buttons: tuple[Button, ...] = (Button("Publish", "update.publish", key, style="success"), edit)
    next_at = judged.due if judged.accepted else None
    if judged.verdict in (Verdict.TOO_LATE, Verdict.PAST, Verdict.NEEDS_SECOND):
        lines.append(f"The promised time is {escape(judged.sentence)}.")
        latest = (
            (Button("Publish with the latest allowed time", "update.publish", key, arg="latest", style="success"),)
            if judged.due is not None
            else ()
        )
        second = " A second responder is asked to agree." if incident.severity is Severity.SEV0 else ""
        lines.append(
            f"The latest allowed time is {when_both(judged.due)}. A longer gap is fine when people need rest; "
            f"it is announced as such.{second}"
            if judged.due
            else "A longer gap is fine when people need rest."
        )
        buttons = (*latest, Button("Announce a longer gap", "update.publish", key, arg="gap"), edit)
    elif judged.due is None and incident.severity is Severity.SEV2:
        lines.append("No time is named. For a SEV-2 people want to know by when it is to be solved; _Edit_ adds it.")
    if found.questioned:
        lines.append(
            "A reader learns little from this. What works and what does not, since when, and what to do meanwhile "
            "would help them; that nothing is known yet is worth saying too."
        )
    post = public_post(incident, Said.UPDATE, content.status, content.texts, next_at=next_at)
    return Message(content="\n".join(lines), embeds=post.embeds, rows=(buttons,))


def published(found: Published) -> Message:
    """What became of it."""
    update, incident = found.update, found.incident
    if update.stage is Stage.WAITING:
        return Message(content="A second responder is asked in the room to agree to this gap. Then it is published.")
    if update.stage is Stage.FAILED:
        return Message(
            content=f"Discord did not take the update in {channel(update.channel_id)}. The room says what to change, "
            "with _Try again_. Nothing is lost."
        )
    if update.stage is Stage.SENDING:
        return Message(content=f"The update is on its way to {channel(update.channel_id)}.")
    place = (
        message_link(incident.guild_id, update.channel_id, found.message_id)
        if found.message_id
        else channel(update.channel_id)
    )
    due = f" The next one is due {when_both(update.next_at)}." if update.next_at and not incident.closed else ""
    return Message(content=f"Published: {place}.{due}", rows=((Button("Correct", "update.correct", incident.id),),))


def correct_form(incident: IncidentView, update: UpdateView) -> Modal:
    """The published words, to be put right."""
    labels = {
        "known": "What do you know, and what not yet?",
        "affected": "Who is affected, since when, and how?",
        "advice": "What can readers do?",
        "cause": "What it was",
        "fix": "What fixed it",
        "impact": "Who was affected, and how?",
        "data": "Data",
    }
    parts = ("cause", "fix", "impact", "data") if update.kind is Said.FINAL else ("known", "affected", "advice")
    return Modal(
        title="Correct the last update",
        action="update.correct_form",
        subject=update.id,
        fields=tuple(
            TextInput(
                part,
                labels[part],
                style="paragraph",
                value=update.texts.get(part, ""),
                required=False,
                max=KNOWN_MAX if part == "known" else PART_MAX,
            )
            for part in parts
        ),
    )


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


def checks(found: Checks) -> Message:
    """The three checks to tick, then the final update."""
    incident = found.incident
    lines = [f"**{headline(incident)}**: what is confirmed?"]
    for item in found.items:
        by = found.ticked.get(item.key)
        lines.append(f"{'☑' if by else '☐'} {item.words}" + (f" · {person(by)}" if by else ""))
    options = tuple(SelectOption(item.words, item.key, default=item.key in found.ticked) for item in found.items)
    ticks = Select("string", "resolve.tick", incident.id, "Tick what is confirmed", options, min=0, max=len(options))
    if found.open:
        lines.append("Tick what is confirmed first; if something cannot be checked, you can go on without it.")
        write = Button("Go on without all checks", "resolve.write", incident.id)
    else:
        write = Button("Write the final update", "resolve.write", incident.id, style="success")
    return Message(content="\n".join(lines), rows=((ticks,), (write,)))


def final_form(found: Final) -> Modal:
    """The form of the final update; the duration is computed."""
    texts = found.texts
    where = "Everyone can read this." if found.channel_id is not None else "It stands in the log only."
    return Modal(
        title="Final update",
        action="resolve.form",
        subject=found.incident.id,
        fields=(
            ModalText(f"It lasted **{duration(found.lasted)}**, since {when(found.incident.started_at, 't')}. {where}"),
            TextInput("cause", "What was it?", style="paragraph", value=texts.get("cause"), max=PART_MAX),
            TextInput("fix", "What fixed it?", style="paragraph", value=texts.get("fix"), required=False, max=PART_MAX),
            TextInput(
                "impact",
                "Who was affected, and how?",
                style="paragraph",
                value=texts.get("impact"),
                required=False,
                max=PART_MAX,
            ),
            TextInput("data", "Was data lost or exposed?", value=texts.get("data"), required=False, max=PART_MAX),
        ),
    )


def final_preview(found: Final) -> Message:
    """What would be published, and what happens with it."""
    incident = found.incident
    where = f"This would go to {channel(found.channel_id)}" if found.channel_id else "This would stand in the log"
    lines = [f"{where}, and {incident.ref} is resolved after {duration(found.lasted)}."]
    if found.unconfirmed:
        lines.append("Not confirmed: " + "; ".join(item.words for item in found.unconfirmed) + ".")
    post = public_post(incident, Said.FINAL, Status.RESOLVED, found.texts, next_at=None)
    buttons = (
        Button(
            "Publish and resolve" if found.channel_id else "Resolve", "resolve.publish", incident.id, style="success"
        ),
        Button("Edit", "resolve.write", incident.id),
    )
    return Message(content="\n".join(lines), embeds=post.embeds, rows=(buttons,))


def resolved(found: Final) -> Message:
    """It is done."""
    where = f" The final update goes to {channel(found.channel_id)}." if found.channel_id else ""
    return Message(
        content=f"{found.incident.ref} is resolved after {duration(found.lasted)}.{where} Thank you. Rest first; what "
        "comes next was sent to whoever led it."
    )
