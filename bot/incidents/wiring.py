"""Which effect kinds and deadline kinds this slice handles, for the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.deadlines.engine import Handler as DeadlineHandler
from bot.effects import Handler
from bot.effects.messages import Done, MessageEffect, MessagePort, OnRefused, Renderer, nothing_more
from bot.incidents.notices import archive, detours, messages, reports, rooms
from bot.incidents.ports import MakeOverwrite, RoomPort
from bot.incidents.service import close, detour, duties, effects, paging, problems, report, unsent
from bot.policy.words import Duty


class Port(MessagePort, RoomPort, Protocol):
    """All that this slice needs of Discord."""


URGENT = (
    frozenset({effects.PAGE, effects.PAGE_DM, detour.HERE, unsent.NOTE}),
    frozenset({effects.ROOM_CREATE, effects.ROOM_GRANT}),
)
"""A page, then what a page needs."""
stuck = detour.stuck


def effect_handlers(port: Port, overwrite: MakeOverwrite, own_id: Callable[[], int]) -> Mapping[str, Handler]:
    """Effect kind → handler."""

    def message(
        render: Renderer, on_refused: OnRefused = problems.refused, on_done: Done = nothing_more
    ) -> MessageEffect:
        return MessageEffect(port, own_id, render, on_refused, on_done)

    return {
        effects.ROOM_CREATE: rooms.CreateRoom(port, overwrite, own_id),
        effects.ROOM_RECONCILE: rooms.Reconcile(port),
        effects.ROOM_GRANT: rooms.Grant(port, overwrite, own_id),
        effects.ROOM_SEAL: rooms.Seal(port, overwrite, own_id),
        effects.ROOM_ARCHIVE: archive.Archive(port, overwrite, own_id),
        effects.ARCHIVE_RECONCILE: archive.ReconcileArchive(port),
        effects.PAGE: message(messages.page, messages.page_refused, messages.page_done),
        effects.PAGE_DM: message(messages.page, messages.page_refused, messages.page_done),
        effects.CARD: message(messages.card, messages.card_refused, messages.card_done),
        effects.CARD_PIN: message(messages.card_pin),
        effects.BRIEF: message(messages.brief, messages.card_refused),
        effects.BOARD: message(messages.board, messages.card_refused, messages.board_done),
        effects.LINE: message(messages.line),
        effects.ROOM_LOG: message(messages.room_log, on_done=messages.room_log_goes_on),
        detour.HERE: message(detours.page_here, detours.not_here, messages.outside_done),
        unsent.NOTE: message(detours.unsent, detours.unsent_refused, detours.unsent_done),
        detour.STUCK: message(detours.stuck, detours.not_told),
        effects.TELL: message(messages.tell, messages.tell_refused, messages.outside_done),
        effects.WITHDRAW: message(messages.withdraw),
        report.CARD: message(reports.card, reports.card_refused),
        report.TO_PERSON: message(reports.to_person, reports.person_refused),
        report.UNNAMED: message(reports.unnamed, reports.person_refused),
        report.ANSWER: message(reports.answer, reports.refused),
    }


def deadline_handlers() -> Mapping[str, DeadlineHandler]:
    """Deadline kind → handler."""
    kinds: dict[str, DeadlineHandler] = {f"duty.{duty}": duties.on_duty_due for duty in Duty}
    kinds |= {f"heads_up.{duty}": duties.on_duty_heads_up for duty in Duty}
    kinds[paging.ESCALATE] = paging.on_escalate
    kinds[close.ARCHIVE] = close.on_archive
    kinds[unsent.UNSENT] = detour.on_unsent
    return kinds
