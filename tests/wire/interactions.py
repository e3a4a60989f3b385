"""One interaction, from the press of a button to the last follow-up, as the person who began it sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from tests.wire.actors import Json, User
from tests.wire.message import LOADING, Message, walk
from tests.wire.places import Channel

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
Waiter = Callable[..., Awaitable[None]]


@dataclass
class Modal:
    """A modal on a person's screen; `fields` by custom id, each with its `label` and `description` put in."""

    interaction: Interaction
    custom_id: str
    title: str
    components: list[Json]

    @property
    def fields(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for outer in self.components:
            for part in walk([outer]):
                if "custom_id" in part:
                    words = {name: outer[name] for name in ("label", "description") if name in outer}
                    found[part["custom_id"]] = {**part, **words}
        return found

    @property
    def labels(self) -> dict[str, str]:
        """Custom id by label."""
        return {part["label"]: custom_id for custom_id, part in self.fields.items() if "label" in part}

    @property
    def prefilled(self) -> dict[str, Any]:
        """What each field holds before the person touches it: text, or the list of picked values."""
        return {custom_id: prefilled(part) for custom_id, part in self.fields.items()}


def prefilled(part: Json) -> Any:
    """The value of an untouched field."""
    if part["type"] == 4:
        return part.get("value") or ""
    if part["type"] == 23:
        return bool(part.get("default"))
    picked = [one["value"] for one in part.get("options", []) if one.get("default")]
    picked += [one["id"] for one in part.get("default_values", [])]
    return (picked[0] if picked else None) if part["type"] == 21 else picked


@dataclass(eq=False)
class Interaction:
    """What a person began and what they were shown. `await it` waits for the end of it, `await it.answered()` for
    the first sign of life."""

    id: int
    token: str
    type: int
    user: User
    channel: Channel
    data: Json
    wait: Waiter
    source: Message | None = None
    opener: Interaction | None = None
    begun: float = 0.0
    answered_after: float | None = None
    delivered: int = 0
    answer: int | None = None
    original: Message | None = None
    ephemeral: bool = False
    modal: Modal | None = None
    choices: list[Json] | None = None
    followups: list[Message] = field(default_factory=list)
    updated: int = 0
    versions: int = 0
    payload: Json = field(default_factory=dict)

    # What the person sees -----------------------------------------------------------------------------------------

    @property
    def response(self) -> Message | None:
        """The first reply, once it has words; for a component that was updated in place, its message."""
        if self.answer in (DEFER_UPDATE, UPDATE):
            return self.source if self.updated else None
        return None if self.original is None or self.original.flags & LOADING else self.original

    @property
    def message(self) -> Message | None:
        """The newest message that this interaction brought."""
        return self.followups[-1] if self.followups else self.response

    @property
    def deferred(self) -> bool:
        return self.answer in (DEFER, DEFER_UPDATE)

    @property
    def text(self) -> str:
        """All that can be read in the messages of this interaction, the oldest first."""
        shown = [self.response, *self.followups]
        return "\n".join(message.text for message in shown if message is not None)

    @property
    def names(self) -> list[str]:
        """The names of the autocompletion's choices."""
        return [choice["name"] for choice in self.choices or []]

    # Waiting ------------------------------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether what the person waits for is there: a reply, a modal, choices or an updated message."""
        if self.answer is None:
            return False
        if self.answer == DEFER:
            return self.response is not None or self.original is None
        if self.answer == DEFER_UPDATE:
            return bool(self.updated or self.followups or self._touched())
        return True

    def _touched(self) -> bool:
        source = self.source
        if source is None:
            return False
        return source.id not in source.channel.messages or len(source.versions) > self.versions

    async def answered(self, timeout: float | None = None) -> Interaction:
        """Wait for the first answer. Raises AssertionError when none comes."""
        await self.wait(lambda: self.answer is not None, f"an answer to {self}", timeout)
        return self

    async def done(self, timeout: float | None = None) -> Interaction:
        """Wait for the final state. Raises AssertionError when it does not come."""
        await self.wait(lambda: self.finished, f"the end of {self}", timeout)
        return self

    def __await__(self) -> Generator[Any, None, Interaction]:
        return self.done().__await__()

    def __str__(self) -> str:
        what = self.data.get("name") or self.data.get("custom_id")
        kind = {2: "command", 3: "component", 4: "autocompletion", 5: "modal"}[self.type]
        return f"{kind} {what!r} of {self.user.name} (answer {self.answer}, delivered to {self.delivered})"
