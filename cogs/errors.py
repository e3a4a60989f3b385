"""From an exception to a sentence: one place for commands, buttons and modals."""

from __future__ import annotations

import secrets
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.kernel.errors import Repeated, UserFacingError
from bot.kernel.message import Button, Message
from cogs.present import answer

log = structlog.get_logger(__name__)


NOT_A_MEMBER = "That person is not in this server. Please pick somebody who is."
KEPT = "What you typed is kept."
NAMES_PEOPLE = (discord.AppCommandOptionType.user, discord.AppCommandOptionType.mentionable)
TOO_LATE = frozenset({10062, 10015, 50027})
"""The interaction is unknown by now, or its token has run out: nobody can be answered through it any more."""


def cause_of(error: BaseException) -> BaseException:
    """What happened, without what discord.py wrapped around it."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def can_be_told(error: BaseException) -> bool:
    """Whether the person is still there to be told: not for a repeat, nor for what came too late."""
    cause = cause_of(error)
    return not isinstance(cause, Repeated) and not _too_late(cause)


async def tell(itx: discord.Interaction[Any], error: BaseException, *, again: Button | None = None) -> None:
    """Tell the person what happened and what to do; anything unforeseen gets a reference that the log has too.

    `again`: the button that opens a refused form with what was typed.
    """
    cause = cause_of(error)
    if isinstance(cause, Repeated):
        log.info("interaction.repeated", interaction=itx.id)
        return
    if _too_late(cause):
        log.warning("interaction.too_late", interaction=itx.id)
        return
    if isinstance(cause, UserFacingError):
        await say(itx, _with_kept(str(cause)) if again else str(cause), again)
        return
    if isinstance(cause, app_commands.TransformerError) and cause.type in NAMES_PEOPLE:
        await say(itx, _with_kept(NOT_A_MEMBER) if again else NOT_A_MEMBER, again)
        return
    if isinstance(cause, app_commands.CheckFailure | app_commands.TransformerError):
        await say(itx, "That did not fit this command here. Please look at its options and try again.", again)
        return
    reference = secrets.token_hex(3)
    log.error("interaction.fault", reference=reference, interaction=itx.id, exc_info=cause)
    await say(
        itx,
        "Something on our side went wrong, and what you asked for may not have happened. Please look at the incident "
        f"before you try again. If it stays, tell whoever runs Vigil this reference: {reference}",
        again,
    )


async def say(itx: discord.Interaction[Any], sentence: str, button: Button | None = None) -> None:
    """One private sentence, with a button where there is something to press; a card that was pressed stays as it is."""
    await answer(itx, Message(content=sentence, rows=((button,),) if button else ()), aside=True)


def _with_kept(sentence: str) -> str:
    return sentence if "is kept" in sentence else f"{sentence} {KEPT}"


def _too_late(cause: BaseException) -> bool:
    return isinstance(cause, discord.HTTPException) and cause.code in TOO_LATE
