"""What people see of on-call."""

from __future__ import annotations

from bot.kernel.message import Embed, Message, Modal, ModalSelect, SelectOption
from bot.kernel.text import person, when, when_both
from bot.oncall.rules import MOST_PEOPLE, WEEKDAYS, Rotation, Shift
from bot.oncall.service import OnCall

NOBODY = "Nobody is on call here: no rotation was entered yet."
HOW = "`/oncall rotation` enters one."


def who(found: OnCall) -> Message:
    """Who has it now, until when, and who is next."""
    primary = found.shifts[0].primary if found.shifts else None
    if primary is None:
        return Message(content=f"{NOBODY} {HOW if found.may_edit else 'The core team enters one.'}")
    now, *later = found.shifts
    lines = [f"Primary: {person(primary)}"]
    if now.secondary:
        lines.append(f"Secondary: {person(now.secondary)}")
    else:
        lines.append("Secondary: nobody, since one person is in the rotation. A second one lets the first sleep.")
    lines.append(f"Handoff {when_both(now.ends_at)}.")
    if later and later[0].primary:
        lines.append(f"Then {person(later[0].primary)}.")
    return Message(embeds=(Embed(title="On call now", description="\n".join(lines)),))


def schedule(found: OnCall) -> Message:
    """The weeks ahead, one line each."""
    if found.rotation is None or not found.rotation.people:
        return who(found)
    lines = [_week(one, first=index == 0) for index, one in enumerate(found.shifts)]
    return Message(
        embeds=(Embed(title="On call, week by week", description="\n".join(lines), footer=handoff(found.rotation)),)
    )


def entered(found: OnCall) -> Message:
    """The rotation holds from now."""
    assert found.rotation is not None
    alone = "" if len(found.rotation.people) > 1 else " One person carries it alone; add a second one when you can."
    return Message(content=f"The rotation holds from now.{alone}", embeds=schedule(found).embeds)


def rotation_form(found: OnCall) -> Modal:
    """Who takes turns, and when it is handed over."""
    known = found.rotation
    weekday, hour = (known.weekday, known.hour) if known else (0, 9)
    return Modal(
        title="On-call rotation",
        action="oncall.rotation_form",
        subject="main",
        fields=(
            ModalSelect(
                "people",
                "Who takes turns, in order?",
                kind="user",
                description="The first is primary this week, the second next week; each week's next one is secondary.",
                max=MOST_PEOPLE,
                defaults=known.people if known else (),
            ),
            ModalSelect(
                "weekday",
                "Handed over on",
                options=tuple(
                    SelectOption(name, str(number), default=number == weekday) for number, name in enumerate(WEEKDAYS)
                ),
            ),
            ModalSelect(
                "hour",
                "At",
                description="In the server's time zone.",
                options=tuple(SelectOption(f"{one:02d}:00", str(one), default=one == hour) for one in range(24)),
            ),
        ),
    )


def handoff(rotation: Rotation) -> str:
    """When it is handed over, in words."""
    return f"Handoff: {WEEKDAYS[rotation.weekday]} {rotation.hour:02d}:00, {rotation.zone}"


def _week(shift: Shift, *, first: bool) -> str:
    second = f", secondary {person(shift.secondary)}" if shift.secondary else ""
    start = "now" if first else when(shift.starts_at, "D")
    return f"{start}: {person(shift.primary) if shift.primary else 'nobody'}{second}"
