"""Discord's refusals as sentences: the permission or the limit, the place, and the menu in which to change it."""

from __future__ import annotations

from bot.kernel.outside import GIVEN_UP

# What each step needs, in the words of Discord's own menus.
NEEDS = {
    "incident.room": "Manage Channels, Manage Roles and View Channels",
    "incident.grant": "Manage Roles",
    "incident.seal": "Manage Channels and Manage Roles",
    "incident.archive": "Manage Channels and Manage Roles",
    "incident.card_pin": "Pin Messages",
}
WHAT = {
    "incident.room": "make the room",
    "incident.grant": "open the room to somebody",
    "incident.seal": "close the old room",
    "incident.archive": "move the room to the archive",
    "incident.page": "page in the room",
    "incident.card": "post the card",
    "incident.card_pin": "pin the card",
    "incident.brief": "post the checklist",
    "incident.board": "post the line of operations",
    "incident.line": "post a log line",
    "incident.withdraw": "take back what it had said outside the room",
    "update.post": "publish the update",
    "update.edit": "correct the published update",
    "incident.room_log": "post the log so far",
    "incident.tell": "send a notice",
    "update.remind": "remind of the update",
    "update.heads_up": "announce that an update is due",
    "update.gap_ask": "ask for a second responder",
}


def sentence(kind: str, code: int, place: str = "") -> str:
    """What could not be done, why, and what to change where. `place`: the channel that it is about, as a link."""
    what = f"{WHAT.get(kind, 'do that')}{f' in {place}' if place else ''}"
    needs = NEEDS.get(kind, "View Channels, Send Messages and Embed Links")
    there = f"in {place}" if place else "there"
    reasons = {
        0: "something on our side goes wrong each time. Tell whoever runs Vigil, so that they look into its log.",
        GIVEN_UP: "whoever runs Vigil ended the tries. Ask them whether the cause is mended.",
        50013: f"it lacks a permission. Give the role Vigil {needs}: Server Settings › Roles › Vigil › Permissions, "
        f"or {there}: Edit Channel › Permissions.",
        50001: f"it cannot see the place. Give the role Vigil {needs} {there}: Edit Channel › Permissions.",
        10003: "the channel is gone. Choose another one with `/setup`.",
        10011: "the role is gone. Choose another one with `/setup`.",
        30013: "the server has all 500 channels that Discord allows. Delete or merge some that you no longer need.",
        50007: "the person takes no direct messages from this server. They can allow them: Privacy Settings of the "
        "server.",
    }
    why = reasons.get(code, f"Discord refused it (code {code}). `python -m bot doctor` checks what is missing.")
    return f"It could not {what}: {why} Then press _Try again_."
