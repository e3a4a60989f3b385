"""What responders see: forms, previews, answers, reminders."""

from __future__ import annotations

from bot.incidents.cards.card import headline
from bot.incidents.store import IncidentView
from bot.kernel.message import (
    Button,
    Message,
    Modal,
    ModalSelect,
    ModalText,
    Select,
    SelectOption,
    TextInput,
)
from bot.kernel.text import channel, duration, escape, message_link, person, when, when_both
from bot.policy.promises import GAP_NEEDS_SECOND, Verdict
from bot.policy.words import Status
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
    if found and found.asks_date:
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
        second = " A second responder is asked to agree." if incident.severity in GAP_NEEDS_SECOND else ""
        lines.append(
            f"The latest allowed time is {when_both(judged.due)}. A longer gap is fine when people need rest; "
            f"it is announced as such.{second}"
            if judged.due
            else "A longer gap is fine when people need rest."
        )
        buttons = (*latest, Button("Announce a longer gap", "update.publish", key, arg="gap"), edit)
    elif judged.due is None and found.asks_date:
        lines.append(
            f"No time is named. For a {incident.severity} people want to know by when it is to be solved; _Edit_ adds "
            "it."
        )
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
