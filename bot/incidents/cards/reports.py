"""What people see of a report."""

from __future__ import annotations

from bot.kernel.limits import fit
from bot.kernel.message import Button, Message
from bot.kernel.text import escape, person

SHOWN = 1500
"""Characters of a report on its card."""
ABOUT = {"system": "something that does not work", "weakness": "a weakness in security", "person": "a person"}


def report_card(report_id: int, reporter_id: int, text: str, state: str, ref: str | None) -> Message:
    """The silent card in operations."""
    ends = {"declared": f"Declared as {ref}.", "dismissed": "Looked at: not an incident."}
    lines = [f"Report by {person(reporter_id)}:", f"> {fit(escape(text), SHOWN)}"]
    if state in ends:
        return Message(content="\n".join([*lines, ends[state]]), silent=True)
    return Message(content="\n".join(lines), rows=(buttons(report_id),), silent=True)


def private_report(report_id: int, about: str, reporter_id: int, text: str) -> Message:
    """To a named person alone."""
    return Message(
        content=f"{person(reporter_id)} reported {ABOUT.get(about, 'something')}, to you privately:\n"
        f"> {fit(escape(text), SHOWN)}\n_Declare_ opens a private room; the reporter is answered either way.",
        rows=(buttons(report_id),),
    )


READERS = {
    "weakness": "_Security_ or _Core team_",
    "person": "_Moderators_ or _Core team_",
}


def nobody_named(about: str) -> Message:
    """To the owner of the server: somebody has to be named; what was reported is not said."""
    group = READERS.get(about, "_Core team_")
    return Message(
        content="A private report waits in your server, and nobody is named to read it. Vigil shows it to nobody else. "
        f"Put somebody you trust into {group}: `/setup`, then _Who responds?_. They get it at once."
    )


def buttons(report_id: int) -> tuple[Button, ...]:
    """The two ends of a report."""
    return (
        Button("Declare", "report.declare", report_id, style="primary"),
        Button("Not an incident", "report.dismiss", report_id),
    )


def answer(state: str) -> Message:
    """To the reporter, kindly either way; "unread": nobody who may read it could be reached."""
    if state == "unread":
        return Message(
            content="Thank you for your report. None of those who may read it could be reached by direct message, so "
            "please tell one of them, or the owner of the server, yourself."
        )
    if state == "declared":
        return Message(content="Thank you for your report. People are working on it now.")
    return Message(
        content="Thank you for your report. We looked at it and it is not an incident for now. "
        "Please tell us again if it gets worse; we would rather hear once too often."
    )
