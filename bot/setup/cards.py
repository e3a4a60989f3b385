"""What people see of the set-up: the plan, what stands in the way, the outcome, the greeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.kernel.message import Button, Embed, EmbedField, Message, Modal, ModalSelect, Row, Select, TextInput
from bot.kernel.text import channel, escape, person, role, sentence_list
from bot.policy.words import Standing
from bot.setup.responders import Enrolled, Roster
from bot.setup.rules import PLACES, TEAMS, Does, Plan, Step, Thing
from bot.setup.store import Result
from bot.setup.words import NAME, ROLE_NAME, mention, refusal, sentence

BLUE, GREEN, AMBER = 0x3B6EA5, 0x3A7D44, 0xB7791F
AGAIN = "Try again"


def proposal(plan: Plan, subject: int) -> Message:
    """The plan, before anything is done."""
    blocked = plan.blocked
    if blocked:
        title, colour, lead = "Set-up: one thing first", AMBER, "Nothing was done yet. This is in the way:"
    elif plan.changes:
        title, colour, lead = "Set-up: the plan", BLUE, "Nothing was done yet. This is what _Do it_ would do:"
    else:
        title, colour, lead = "Set-up", GREEN, "Everything is there. Change one thing, or leave it as it is."
    fields = [
        EmbedField("In the way", "\n".join(f"• {sentence(one, plan)}" for one in blocked)) if blocked else None,
        EmbedField("Channels", "\n".join(_line(plan.step(thing)) for thing in PLACES)),
        EmbedField("Roles", "\n".join(_line(plan.step(thing)) for thing in (Thing.RESPONDER, *TEAMS))),
        EmbedField("Time zone", f"{escape(plan.zone)}: the handoff of the rotation and typed times are read in it."),
        _notes(plan),
    ]
    return Message(
        embeds=(Embed(title, lead, tuple(one for one in fields if one is not None), colour=colour),),
        rows=_plan_rows(plan, subject),
    )


def _plan_rows(plan: Plan, subject: int) -> tuple[Row, ...]:
    if plan.blocked:
        first: Row = (Button(AGAIN, "setup.plan", subject, style="primary"),)
    elif plan.changes:
        first = (Button("Do it", "setup.do", subject, style="success"),)
    else:
        first = _next_buttons(subject)
    change: Row = (
        Button("Change channels and zone…", "setup.places", subject),
        Button("Change roles…", "setup.roles", subject),
    )
    if any(plan.step(thing).does is Does.LEAVE for thing in TEAMS):
        change = (*change, Button("Make the missing roles too", "setup.teams", subject))
    return (first, change)


def _next_buttons(subject: int) -> Row:
    return (
        Button("Who responds?", "setup.who", subject, style="primary"),
        Button("Try a practice incident", "setup.practice", subject),
    )


def _line(step: Step) -> str:
    name = f"**{NAME[step.thing]}**"
    if step.does is Does.LEAVE:
        return f"{name}: none. {_without(step.thing)}"
    if step.id is not None:
        done = "stays" if step.does is Does.KEEP else "is used"
        return f"{name}: {mention(step.thing, step.id)} {done}{_opened(step)}"
    shown = f"“{escape(step.name)}”" if step.thing in (Thing.CATEGORY, *ROLE_NAME) else f"#{escape(step.name)}"
    again = " again; the old one is gone" if step.does is Does.AGAIN else ""
    return f"{name}: {shown} is made{again}{_made(step.thing)}"


def _opened(step: Step) -> str:
    return "; responders get to read it" if step.thing is Thing.OPERATIONS and step.does is Does.USE else ""


def _made(thing: Thing) -> str:
    return {
        Thing.CATEGORY: "; only Vigil sees it at first",
        Thing.UPDATES: "; everyone reads it, Vigil posts",
        Thing.OPERATIONS: "; responders and the core team read it",
    }.get(thing, ", without any rights of its own; anyone can mention it")


def _without(thing: Thing) -> str:
    if thing in (Thing.MODERATOR, Thing.SECURITY):
        return "Only people whom you name see those incidents."
    return "The responders stand in."


def _notes(plan: Plan) -> EmbedField | None:
    notes = [f"• {sentence(one, plan)}" for one in plan.findings if not one.blocks]
    return EmbedField("Good to know", "\n".join(notes)) if notes else None


def outcome(result: Result, subject: int) -> Message:
    """After _Do it_: what there is now, what was refused, and what comes next."""
    if result.failed:
        lines = [f"• {refusal(one.kind, one.thing, one.code)}" for one in result.failed]
        return Message(
            embeds=(
                Embed(
                    "Set-up: not everything worked",
                    "What worked stays, and nothing is made twice.\n" + "\n".join(dict.fromkeys(lines)),
                    colour=AMBER,
                ),
            ),
            rows=((Button(AGAIN, "setup.do", subject, style="primary"),),),
        )
    if result.waiting:
        names = sentence_list([NAME[one.thing] for one in result.waiting if one.thing])
        waiting = f"Discord is slow just now; still under way: {names or 'the rights of operations'}. "
        return Message(
            waiting + "It goes on by itself, and nothing is made twice. Look again in a minute.",
            rows=((Button("Look again", "setup.plan", subject),),),
        )
    places = "\n".join(f"**{NAME[one]}**: {channel(result.now.ids[one])}" for one in PLACES if one in result.now.ids)
    roles = "\n".join(
        f"**{ROLE_NAME[one]}**: {role(result.now.ids[one])}" for one in ROLE_NAME if one in result.now.ids
    )
    nobody = "Nobody is on call yet, so a page would reach nobody: say who responds, or try it out alone first."
    someone = "`/oncall who` shows who is on call. You can try everything out alone first."
    return Message(
        embeds=(
            Embed(
                "Vigil is set up",
                someone if result.on_call else nobody,
                (
                    EmbedField("Channels", places),
                    EmbedField("Roles", roles),
                    EmbedField("Time zone", escape(result.now.zone)),
                ),
                colour=GREEN,
            ),
        ),
        rows=(_next_buttons(subject),),
    )


GROUP_HINT = {
    Standing.RESPONDER: "Responders: they take turns being on call",
    Standing.CORE: "Core team: called for a SEV-0, and when nobody answers",
    Standing.SECURITY: "Security: the only ones told of a weakness",
    Standing.MODERATOR: "Moderators: the only ones told of conflicts among people",
    Standing.COMMS: "Communications: called when words went wrong",
}


def who(subject: int) -> Message:
    """_Who responds?_"""
    return Message(
        "Who responds to incidents? Everyone whom you pick joins the roster, so that a page can reach them, and gets "
        "the role if there is one. Responders take turns being on call, a week each, in the order in which you pick; "
        "`/oncall rotation` changes it later. The other groups can wait.",
        rows=tuple(
            (Select("user", "setup.people", subject, hint, min=1, max=25, arg=str(group)),)
            for group, hint in GROUP_HINT.items()
        ),
    )


def enrolled(found: Enrolled, result: Result, subject: int) -> Message:
    """Who is in the group now, and what was refused."""
    name = ROLE_NAME[Thing(found.group.value)]
    lines = [f"On the roster, {name}: {sentence_list([person(one) for one in found.people])}."]
    if found.rotation:
        first, *others = found.rotation
        after = f"; then {sentence_list([person(one) for one in others])}" if others else ""
        lines.append(f"On call this week: {person(first)}{after}.")
        if not others:
            lines.append("With one person alone nobody is secondary; a second one lets the first one sleep.")
    if not found.has_role and found.group is Standing.RESPONDER:
        lines.append("No role of responders is mapped, so none was given; `/setup` makes one.")
    lines += dict.fromkeys(refusal(one.kind, one.thing, one.code) for one in result.failed)
    if result.failed:
        lines.append("They are on the roster and can be paged all the same.")
    elif result.waiting:
        lines.append("Discord is slow just now; the role follows by itself.")
    failed: Row = (Button(AGAIN, "setup.roles_again", subject, style="primary"),) if result.failed else ()
    return Message("\n".join(lines), rows=((*failed, Button("Try a practice incident", "setup.practice", subject)),))


def roster_lines(groups: Mapping[Standing, Sequence[int]]) -> str:
    """The groups that have people, one line each."""
    lines = [
        f"**{ROLE_NAME[Thing(group.value)]}**: {sentence_list([person(one) for one in people[:40]])}"
        + (f" and {len(people) - 40} more" if len(people) > 40 else "")
        for group, people in groups.items()
        if people
    ]
    return "\n".join(lines) or "Nobody is on it yet."


def roster_card(groups: Mapping[Standing, Sequence[int]], subject: int) -> Message:
    """The card in operations: whom a page can reach, and how to join or leave."""
    return Message(
        embeds=(
            Embed(
                "The roster: whom Vigil can page",
                f"{roster_lines(groups)}\n\nDiscord does not tell Vigil who holds a role, so whoever has one of these "
                "roles and is not listed presses _Add me_.",
                colour=BLUE,
            ),
        ),
        rows=(
            (
                Button("Add me", "roster.add_me", subject, style="primary"),
                Button("Take me off", "roster.leave", subject),
            ),
        ),
        silent=True,
    )


def roster(found: Roster, subject: int) -> Message:
    """`/oncall roster`, privately."""
    buttons: list[Button] = []
    if found.open_to_me:
        buttons.append(Button("Add me", "roster.add_me", subject, style="primary"))
    if found.mine:
        buttons.append(Button("Take me off", "roster.leave", subject))
    rows: list[Row] = [tuple(buttons)] if buttons else []
    if found.may_edit:
        rows.insert(0, (Button("Add people", "setup.who", subject, style="primary"),))
        rows.append((Select("user", "roster.take_off", subject, "Take somebody off…"),))
    return Message(embeds=(Embed("The roster", roster_lines(found.groups), colour=BLUE),), rows=tuple(rows))


def joined(found: Roster) -> Message:
    """_Add me_."""
    names = sentence_list([ROLE_NAME[Thing(one.value)] for one in GROUP_HINT if one in found.mine])
    return Message(f"You are on the roster ({names}), so a page can reach you. `/oncall roster` takes you off again.")


def given(result: Result, subject: int) -> Message:
    """After trying again to give the role."""
    if result.failed:
        lines = dict.fromkeys(refusal(one.kind, one.thing, one.code) for one in result.failed)
        return Message("\n".join(lines), rows=((Button(AGAIN, "setup.roles_again", subject, style="primary"),),))
    if result.waiting:
        return Message("Discord is slow just now; the role follows by itself.")
    return Message("Everyone whom you picked has the role now.")


def places_form(ids: Mapping[Thing, int], zone: str, subject: int) -> Modal:
    """_Change channels and zone…_"""
    return Modal(
        "Channels and time zone",
        "setup.places_form",
        subject,
        (
            _select(ids, Thing.CATEGORY, "Category for incident rooms", (4,)),
            _select(ids, Thing.UPDATES, "Channel for public updates", (0, 5)),
            _select(ids, Thing.OPERATIONS, "Private channel for operations", (0, 5)),
            TextInput("zone", "Time zone", "Such as Europe/Berlin, or the city alone.", value=zone, max=64),
        ),
    )


def roles_form(ids: Mapping[Thing, int], subject: int) -> Modal:
    """_Change roles…_"""
    fields = tuple(_select(ids, thing, name) for thing, name in ROLE_NAME.items())
    return Modal("Roles", "setup.roles_form", subject, fields)


def _select(ids: Mapping[Thing, int], thing: Thing, label: str, types: tuple[int, ...] = ()) -> ModalSelect:
    id_ = ids.get(thing)
    empty = "Empty: the server goes without." if thing in TEAMS else "Empty: it stays as it is, or is made."
    return ModalSelect(
        str(thing),
        label,
        "channel" if types else "role",
        empty,
        required=False,
        defaults=() if id_ is None else (id_,),
        channel_types=types,
    )


def greeting(*, again: bool) -> Message:
    """To the owner of a server that added the bot."""
    if again:
        return Message(
            "Vigil is back in your server, and your earlier set-up is kept. `/setup` there shows whether everything "
            "of it still exists."
        )
    return Message(
        "Thank you for adding Vigil to your server. Type `/setup` there: it shows a plan first and changes nothing "
        "before you agree. It takes about two minutes and ends with a practice incident, if you like. Anyone with "
        "Manage Server can do it."
    )


def told_late(words: str) -> Message:
    """To whoever pressed, when their card has stopped waiting."""
    return Message(f"{words} Then type `/setup` in the server again; what worked stays, and nothing is made twice.")
