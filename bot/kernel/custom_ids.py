"""The custom ids of buttons, selects and modals: "v1:<action>:<subject>[:<arg>]", readable after a restart."""

import re
from dataclasses import dataclass

from bot.kernel.limits import CUSTOM_ID

VERSION = "v1"
_SHAPE = re.compile(r"v1:(?P<action>[a-z_.]+):(?P<subject>[A-Za-z0-9_-]+)(?::(?P<arg>[A-Za-z0-9_-]+))?")


@dataclass(frozen=True)
class CustomId:
    """What a press means: an action, on a subject, with at most one argument."""

    action: str
    subject: str
    arg: str | None = None


def custom_id(action: str, subject: str | int, arg: str | int | None = None) -> str:
    """The custom id, at most 100 characters.

    `action` of a-z, `_` and `.`; `subject` and `arg` of letters, digits, `_` and `-`. Raises ValueError otherwise.
    """
    made = f"{VERSION}:{action}:{subject}" if arg is None else f"{VERSION}:{action}:{subject}:{arg}"
    meant = CustomId(action, str(subject), None if arg is None else str(arg))
    if parse_custom_id(made) != meant:
        raise ValueError(f"not a custom id: {made!r}")
    return made


def parse_custom_id(text: str) -> CustomId | None:
    """What the custom id says; None where it is not one of ours or of another version."""
    found = _SHAPE.fullmatch(text)
    if found is None or len(text) > CUSTOM_ID:
        return None
    return CustomId(found["action"], found["subject"], found["arg"])
