"""Which effects, deadlines and events this slice handles, for the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.deadlines.engine import Handler as DeadlineHandler
from bot.effects import Handler
from bot.effects.messages import Done, MessageEffect, MessagePort, OnRefused, Renderer, nothing_more
from bot.incidents.events import IncidentClosed, IncidentDeclared, IncidentReopened, SeverityChanged
from bot.incidents.service import problems
from bot.storage.uow import Listener
from bot.updates import notices
from bot.updates.service import cadence, effects, narrowing


def effect_handlers(port: MessagePort, own_id: Callable[[], int]) -> Mapping[str, Handler]:
    """Effect kind → handler."""

    def message(
        render: Renderer, on_refused: OnRefused = problems.refused, on_done: Done = nothing_more
    ) -> MessageEffect:
        return MessageEffect(port, own_id, render, on_refused, on_done)

    return {
        effects.POST: message(notices.post, notices.post_refused, notices.posted_now),
        effects.EDIT: message(notices.edit),
        effects.REMIND: message(notices.remind, on_done=notices.reminded),
        effects.REMIND_OPERATIONS: message(notices.remind_operations, on_done=notices.reminded),
        effects.HEADS_UP: message(notices.heads_up, on_done=notices.reminded),
        effects.GAP_ASK: message(notices.gap_ask),
        effects.WITHDRAW: message(notices.withdraw, notices.not_withdrawn),
    }


def deadline_handlers() -> Mapping[str, DeadlineHandler]:
    """Deadline kind → handler."""
    return {
        cadence.PUBLIC_UPDATE: cadence.on_due,
        cadence.HEADS_UP: cadence.on_heads_up,
        cadence.OVERDUE: cadence.on_overdue,
    }


def listeners() -> Mapping[type, Sequence[Listener]]:
    """Event of the incidents → who listens here."""
    return {
        IncidentDeclared: [cadence.on_declared],
        SeverityChanged: [cadence.on_changed, narrowing.on_changed],
        IncidentReopened: [cadence.on_reopened],
        IncidentClosed: [cadence.on_closed],
    }
