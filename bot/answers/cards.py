"""What a person reads whose answer was lost."""

from __future__ import annotations

from bot.kernel.message import Message


def late(*, done: bool, ran: bool) -> Message:
    """`done`: what was asked for is recorded; else nothing was changed. `ran`: it came to its end, unseen."""
    if done:
        words = (
            "What you asked for is done, or goes on by itself: it was recorded before Vigil was interrupted. The "
            "incident’s card shows how it stands."
        )
    elif ran:
        words = "Discord did not take the answer to what you asked for. Nothing was changed by it. Please ask again."
    else:
        words = "Vigil was interrupted before it could do this, so nothing was changed. Please do it again."
    return Message(content=words)
