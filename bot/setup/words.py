"""What the set-up says: names of its parts, what stands in the way, what Discord refused, and what to change where."""

from __future__ import annotations

from collections.abc import Mapping

from bot.kernel.text import channel, escape, role, sentence_list
from bot.setup.kinds import GIVE, MAKE, OPEN, TWINS
from bot.setup.permissions import CHANNELS, ROLES, VIEW
from bot.setup.rules import PLACES, Finding, Plan, Thing, Trouble

CHANNEL_NAME = {
    Thing.CATEGORY: "Category for incident rooms",
    Thing.UPDATES: "Public updates",
    Thing.OPERATIONS: "Operations, private",
}
ROLE_NAME = {
    Thing.RESPONDER: "Responders",
    Thing.CORE: "Core team",
    Thing.MODERATOR: "Moderators",
    Thing.SECURITY: "Security",
    Thing.COMMS: "Communications",
}
NAME: Mapping[Thing, str] = {**CHANNEL_NAME, **ROLE_NAME}
TOPICS = {
    Thing.UPDATES: "Public updates about incidents",
    Thing.OPERATIONS: "Handoffs, what is overdue, and what Vigil could not do",
}


def mention(thing: Thing, id_: int) -> str:
    """A link to the channel, or the role's name; it pings nobody by itself."""
    return channel(id_) if thing in PLACES else role(id_)


def where(own_role: str) -> str:
    """The menu in which the bot's rights are granted."""
    return f"Server Settings › Roles › {escape(own_role)} › Permissions"


def sentence(one: Finding, plan: Plan) -> str:
    """What stands in the way, or is good to know, and what to change where."""
    thing = NAME[one.thing] if one.thing else ""
    at = "" if one.id is None or one.thing is None else mention(one.thing, one.id)
    names = sentence_list([f"**{escape(name)}**" for name in one.names])
    match one.trouble:
        case Trouble.LACKS:
            return f"Vigil lacks {names} in this server. Grant it: {where(plan.own_role)}."
        case Trouble.LACKS_HERE:
            return f"Vigil lacks {names} in {at}. Grant it there: Edit Channel › Permissions › {escape(plan.own_role)}."
        case Trouble.HIDDEN:
            return (
                f"{thing}: Vigil cannot see {at}. Grant **{VIEW.name}** there: Edit Channel › Permissions › "
                f"{escape(plan.own_role)}. Or choose another one."
            )
        case Trouble.WRONG_KIND:
            wanted = "a category" if one.thing is Thing.CATEGORY else "a text or announcement channel"
            return f"{thing}: {at} cannot serve. Please choose {wanted}."
        case Trouble.OPEN:
            return (
                f"Everyone can read {at}, and operations tells what only responders should know. Choose a private "
                "channel, or let Vigil make one."
            )
        case Trouble.EVERYONE:
            return f"{thing}: everyone has that role. Please choose a role that only those people have."
        case Trouble.MANAGED:
            return f"{thing}: {at} belongs to a bot or an integration and can be given to nobody. Choose another role."
        case Trouble.GONE:
            return f"{thing}: what was chosen is gone. Please choose another one."
        case Trouble.SAME:
            return f"Updates are public and operations is private; they cannot both be {at}. Choose another one."
        case Trouble.TOO_HIGH:
            return (
                f"{at} stands above Vigil's own role, so Vigil cannot give it to people. Drag {escape(plan.own_role)} "
                "above it: Server Settings › Roles. Until then, give it by hand."
            )
        case Trouble.CLOSED:
            return f"Not everyone can read {at}, so public updates reach only those who can."
        case Trouble.ADMINISTRATORS:
            return f"Discord shows every private room to the owner and to roles with Administrator: {names}."
        case Trouble.CATEGORY_FULL:
            return f"{at} is nearly full; a category holds 50 channels. Move some that you no longer need."
        case Trouble.SERVER_FULL:
            return "The server is close to the 500 channels that Discord allows. Remove some that you no longer need."


def refusal(kind: str, thing: Thing | None, code: int, own_role: str = "Vigil") -> str:
    """What Discord refused, why, and what to change where."""
    needs = (CHANNELS, ROLES, VIEW) if thing in PLACES else (ROLES,)
    names = sentence_list([f"**{one.name}**" for one in needs])
    what = {
        MAKE: f"make “{NAME[thing]}”" if thing else "make it",
        TWINS: "remove a second copy that a slow answer left behind",
        OPEN: "open operations to the responders",
        GIVE: f"give the role “{NAME[thing]}”" if thing else "give the role",
    }.get(kind, "do that")
    higher = f" Also drag {escape(own_role)} above that role: Server Settings › Roles." if kind == GIVE else ""
    why = {
        50013: f"a permission is missing. Grant {names}: {where(own_role)}.{higher}",
        50001: f"Vigil cannot see the place. Grant {names} there: Edit Channel › Permissions › {escape(own_role)}.",
        30013: "the server has all 500 channels that Discord allows. Remove some that you no longer need.",
        30005: "the server has all 250 roles that Discord allows. Remove some that you no longer need.",
        10011: "the role is gone. `/setup` makes a new one.",
        10003: "the channel is gone. `/setup` makes a new one.",
        10007: "that person is not in the server any more.",
    }.get(code, f"Discord refused it (code {code}). `python -m bot doctor` checks what is missing.")
    return f"Vigil could not {what}: {why}"
