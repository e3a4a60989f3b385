"""From an exception to a sentence: one place for commands, buttons and modals."""

from __future__ import annotations

import secrets
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.kernel.errors import BadInput, Repeated, UserFacingError
from bot.kernel.message import Button, Message
from cogs.present import answer

log = structlog.get_logger(__name__)


NOT_A_MEMBER = "That person is not in this server. Please pick somebody who is."
KEPT = "What you typed is kept."


async def tell(itx: discord.Interaction[Any], error: BaseException, *, again: Button | None = None) -> None:
    """Tell the person what happened and what to do; anything unforeseen gets a reference that the log has too.

    `again`: the button that opens a refused form with what was typed.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, Repeated):
        log.info("interaction.repeated", interaction=itx.id)
        return
    if isinstance(cause, UserFacingError):
        button = again
        if button is None and isinstance(cause, BadInput) and cause.draft:
            button = Button("Edit again", cause.draft, "new", style="primary")
        await _say(itx, f"{cause} {KEPT}" if button else str(cause), button)
        return
    if isinstance(cause, app_commands.TransformerError) and cause.type is discord.AppCommandOptionType.user:
        await _say(itx, NOT_A_MEMBER)
        return
    if isinstance(cause, app_commands.CheckFailure | app_commands.TransformerError):
        await _say(itx, "That did not fit this command here. Please look at its options and try again.")
        return
    if isinstance(cause, discord.NotFound) and cause.code == 10062:
        log.warning("interaction.too_late", interaction=itx.id)
        return
    reference = secrets.token_hex(3)
    log.error("interaction.fault", reference=reference, interaction=itx.id, exc_info=cause)
    await _say(
        itx,
        "Something on our side went wrong, and what you asked for may not have happened. Please look at the incident "
        f"before you try again. If it stays, tell whoever runs Vigil this reference: {reference}",
        again,
    )


async def _say(itx: discord.Interaction[Any], sentence: str, button: Button | None = None) -> None:
    try:
        await answer(itx, Message(content=sentence, rows=((button,),) if button else ()))
    except discord.HTTPException as error:
        log.warning("interaction.unanswered", interaction=itx.id, status=error.status, code=error.code)
