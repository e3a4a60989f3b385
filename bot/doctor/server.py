"""What is right and wrong with the set-up of one server; pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.doctor.lines import Line, fine, fix, for_terminal, note
from bot.setup import words
from bot.setup.permissions import ALL, MENTION_EVERYONE, missing, reasons
from bot.setup.rules import PLACES, Choices, Current, Does, Finding, Plan, Thing, Trouble, plan
from bot.setup.seen import Seen


@dataclass(frozen=True)
class People:
    """How many respond, and how many take turns being on call."""

    responders: int
    in_rotation: int


def examine(now: Current, seen: Seen, people: People) -> list[Line]:
    """Everything to say about one server."""
    lines = _rights(seen)
    if Thing.OPERATIONS not in now.ids:
        lines.append(
            fix("Vigil is not set up here.", "Type /setup in the server; it shows a plan before it does anything.")
        )
    else:
        wanted = plan(now, seen, Choices())
        for thing in Thing:
            lines += _thing(wanted, thing, seen)
    lines += _people(people)
    lines += _eyes(seen)
    return lines


def _rights(seen: Seen) -> list[Line]:
    lacking = missing(seen.held, ALL)
    where = for_terminal(words.where(seen.own_role_name), seen)
    if not lacking:
        return [fine("Permissions: Vigil has all that it needs in the server.")]
    return [
        fix(
            f"Permission {one.name} is missing: it is needed to {'; and to '.join(reasons(one))}.",
            f"Grant it: {where}.",
        )
        for one in lacking
    ]


def _thing(wanted: Plan, thing: Thing, seen: Seen) -> list[Line]:
    step = wanted.step(thing)
    name = words.NAME[thing]
    if step.known is None:
        missing_place = thing in (Thing.CATEGORY, Thing.UPDATES)
        return [fix(f"{name}: none is chosen.", "Type /setup in the server.")] if missing_place else []
    if step.does is Does.AGAIN:
        return [fix(f"{name}: it was deleted.", "Type /setup in the server; it is made again, and nothing else.")]
    found = [one for one in wanted.findings if one.thing is thing]
    lines = [_finding(one, wanted, seen) for one in found]
    if thing is Thing.OPERATIONS and (channel := seen.channels.get(step.known)) and seen.open_to_everyone(channel):
        open_ = Finding(Trouble.OPEN, thing, step.known)
        remedy = "In Discord: Edit Channel › Permissions › @everyone › View Channel: deny. Or choose another: /setup."
        lines.append(fix(f"{name}: {for_terminal(words.sentence(open_, wanted), seen).split(',')[0]}.", remedy))
    if thing not in PLACES and not _can_ping(seen, step.known):
        lines.append(
            fix(
                f"{name}: Vigil cannot ping @{step.name}; a last-resort page to it would reach nobody.",
                f"Server Settings › Roles › {step.name} › Display: Allow anyone to @mention this role.",
            )
        )
    shown = f"#{step.name}" if thing in (Thing.UPDATES, Thing.OPERATIONS) else step.name
    return lines or [fine(f"{name}: {shown}")]


def _can_ping(seen: Seen, role_id: int) -> bool:
    role = seen.roles.get(role_id)
    return role is None or role.mentionable or bool(seen.held & MENTION_EVERYONE)


def _finding(one: Finding, wanted: Plan, seen: Seen) -> Line:
    sentence = for_terminal(words.sentence(one, wanted), seen)
    what, _, remedy = sentence.partition(". ")
    made = fix if one.blocks or one.trouble is Trouble.TOO_HIGH else note
    return made(f"{words.NAME[one.thing]}: {what}." if one.thing and remedy else sentence, remedy)


def _people(people: People) -> list[Line]:
    lines: list[Line] = []
    if people.responders == 0:
        lines.append(fix("Roster: nobody responds yet.", "Type /setup in the server and press Who responds?"))
    else:
        lines.append(fine(f"Roster: {people.responders} respond."))
    if people.in_rotation == 0:
        lines.append(
            fix("Rotation: nobody is on call, so a page reaches nobody.", "Type /oncall rotation in the server.")
        )
    elif people.in_rotation == 1:
        lines.append(note("Rotation: one person alone, and nobody is secondary.", "Add another: /oncall rotation."))
    else:
        lines.append(fine(f"Rotation: {people.in_rotation} take turns."))
    return lines


def _eyes(seen: Seen) -> list[Line]:
    """Who sees private rooms whatever Vigil does; bots that got the right by another role cannot be listed."""
    roles = seen.administrators()
    if not roles:
        return [note("Private rooms are seen by the server's owner too, as Discord has it.")]
    bots = ", ".join(one.name for one in roles if one.bot_id)
    people = ", ".join(f"@{one.name}" for one in roles if not one.bot_id)
    lines: list[Line] = []
    if people:
        remedy = "Take Administrator from roles that need not see them: Server Settings › Roles › Permissions."
        lines.append(
            note(f"Private rooms are seen by the owner and by everyone with {people} (Administrator).", remedy)
        )
    if bots:
        remedy = "Take Administrator from that bot's role: Server Settings › Roles › Permissions."
        lines.append(note(f"Private rooms are seen by bots with Administrator: {bots}.", remedy))
    return lines
