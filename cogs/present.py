"""From the kernel's messages and modals to discord.py's calls, and from an interaction to a caller."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import structlog

from bot.client import Answers
from bot.kernel.caller import Caller
from bot.kernel.message import Message, Modal

log = structlog.get_logger(__name__)


class _RawView(discord.ui.View):
    """Carries finished component JSON. Not dispatchable: the router answers by custom_id, also after a restart."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        super().__init__(timeout=None)
        self._rows = rows

    def to_components(self) -> list[dict[str, Any]]:
        return self._rows

    def is_dispatchable(self) -> bool:
        return False


class _RawModal(discord.ui.Modal):
    """Carries finished modal JSON; stopped at once so that discord.py keeps nothing of it in memory."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"], timeout=None)
        self._payload = payload
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        return self._payload


SPEAKS_IN, NOTED, DEFERRED = "speaks_in", "noted", "deferred"
AT_ONCE = "at_once"
"""In a command's extras: the options with which it is deferred before anything is read of it."""


def caller(itx: discord.Interaction[Any]) -> Caller:
    """Who asks; roles and rights as Discord sent them with this very interaction, or as it was asked for them."""
    asked: Caller | None = itx.extras.get(SPEAKS_IN)
    if asked is not None:
        return asked
    member = itx.user if isinstance(itx.user, discord.Member) else None
    return Caller(
        user_id=itx.user.id,
        guild_id=itx.guild_id,
        role_ids=frozenset(role.id for role in member.roles) if member else frozenset(),
        manager=member is not None and itx.permissions.manage_guild,
        channel_id=itx.channel_id,
        interaction_id=itx.id,
        name=itx.user.display_name,
        owner_id=itx.guild.owner_id if itx.guild else None,
    )


async def speak_in(itx: discord.Interaction[Any], guild_id: int | None) -> None:
    """In direct messages: who this person is in the server that it is about, asked of Discord now.

    Raises LookupError for a server that is gone or where they are no member; what Discord raises otherwise.
    """
    if guild_id is None:
        raise LookupError(guild_id)
    try:
        # Direct messages come to the process with the first shard, whichever process serves the server.
        guild = itx.client.get_guild(guild_id) or await itx.client.fetch_guild(guild_id, with_counts=False)
        member = await guild.fetch_member(itx.user.id)
    except (discord.NotFound, discord.Forbidden) as error:
        raise LookupError(guild_id) from error
    itx.extras[SPEAKS_IN] = Caller(
        user_id=member.id,
        guild_id=guild.id,
        role_ids=frozenset(role.id for role in member.roles),
        manager=member.guild_permissions.manage_guild,
        channel_id=itx.channel_id,
        interaction_id=itx.id,
        name=member.display_name,
        owner_id=guild.owner_id,
    )


ALREADY_ACKNOWLEDGED, TOO_MANY = 40060, 429
NO_ANSWER = (aiohttp.ClientError, OSError, ValueError, TypeError, KeyError)
"""What the library raises where no answer came, or one that cannot be read."""
FIRST_WITHIN_S, FIRST_PAUSES_S = 2.4, (0.1, 0.3, 0.0)
"""Discord waits three seconds for the first answer. A broken connection is tried again at once."""
ANSWER_WITHIN_S, PAUSES_S = 40.0, (0.3, 1.0, 3.0)
"""The library tries a 5xx again within this time."""


async def at_once(itx: discord.Interaction[Any]) -> None:
    """Defer a command that has said so (`extras={AT_ONCE: …}`) and that came with the options it names."""
    command = itx.command if itx.type is discord.InteractionType.application_command else None
    if command is None or (needs := command.extras.get(AT_ONCE)) is None:
        return
    data: dict[str, Any] = dict(itx.data or {})
    options = data.get("options", [])
    while options and "value" not in options[0]:
        options = options[0].get("options", [])
    if needs <= {one["name"] for one in options}:
        await defer(itx)


async def defer(itx: discord.Interaction[Any], *, quietly: bool = False) -> None:
    """Say at once that the answer comes: privately, or (`quietly`) without a new message.

    That somebody waits is noted first, so that they are answered even if the process ends now. A first answer whose
    acknowledgement was lost comes back as "acknowledged already", which is a success. When Discord cannot take it at
    all, what was asked for is done nevertheless; only one that came too late is not. Whoever else waits for a first
    answer gets it before this returns, so before any work begins.
    """
    if itx.extras.get(DEFERRED):
        return
    itx.extras[DEFERRED] = True
    keeper = getattr(itx.client, "answers", None)
    if keeper is None:
        await _defer(itx, quietly)
        return
    with keeper.first.under_way():
        await _note_asked(keeper, itx, quietly)
        await _defer(itx, quietly)
    await keeper.first.gone()


async def _defer(itx: discord.Interaction[Any], quietly: bool) -> None:
    for pause in FIRST_PAUSES_S:
        try:
            async with asyncio.timeout(FIRST_WITHIN_S):
                if quietly:
                    await itx.response.defer()
                else:
                    await itx.response.defer(ephemeral=True, thinking=True)
            return
        except discord.HTTPException as error:
            if error.status == TOO_MANY:
                log.warning("interaction.not_deferred", interaction=itx.id, status=error.status)
                await asyncio.sleep(pause)
                continue
            if error.code != ALREADY_ACKNOWLEDGED and error.status < 500:
                await _tell_later(itx, ran=False)
                raise
            log.warning("interaction.not_deferred", interaction=itx.id, status=error.status, code=error.code)
            return
        except TimeoutError:
            log.warning("interaction.not_deferred", interaction=itx.id, why="no answer in time")
            return
        except NO_ANSWER as error:
            log.warning("interaction.not_deferred", interaction=itx.id, why=type(error).__name__)
            await asyncio.sleep(pause)


async def answer(itx: discord.Interaction[Any], message: Message | str, *, aside: bool = False) -> None:
    """Answer privately, whether or not the interaction was deferred.

    One that was deferred `quietly` is answered in the message that was pressed; `aside`: never there, but beside it,
    to who pressed alone.

    An answer is the last step, so one that Discord does not take changes nothing of what was done: it is tried for a
    while, then the person is told another way.
    """
    if isinstance(message, str):
        message = Message(content=message)
    for pause in (*PAUSES_S, None):
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await _answer(itx, message, aside)
            await finished(itx)
            return
        except discord.HTTPException as error:
            log.warning("interaction.unanswered", interaction=itx.id, status=error.status, code=error.code)
            if error.status < 500 and error.status != TOO_MANY:
                break
        except NO_ANSWER as error:
            log.warning("interaction.unanswered", interaction=itx.id, why=type(error).__name__)
        if pause is not None:
            await asyncio.sleep(pause)
    await _tell_later(itx, ran=True)


async def _tell_later(itx: discord.Interaction[Any], *, ran: bool) -> None:
    if (keeper := getattr(itx.client, "answers", None)) is not None:
        await keeper.unanswered(itx.id, ran=ran)


async def _note_asked(keeper: Answers, itx: discord.Interaction[Any], quietly: bool) -> None:
    try:
        await keeper.asked(
            itx.id,
            itx.token,
            application_id=itx.application_id,
            guild_id=itx.guild_id,
            user_id=itx.user.id,
            quiet=quietly,
        )
    except Exception as error:  # noqa: BLE001 - a list that cannot be written must not keep the first answer back
        log.warning("interaction.not_noted", interaction=itx.id, why=type(error).__name__)


async def finished(itx: discord.Interaction[Any]) -> None:
    """Nobody waits for an answer to this any more: it came, or the card itself shows what was done."""
    keeper = getattr(itx.client, "answers", None)
    if keeper is not None and not itx.extras.get(NOTED):
        itx.extras[NOTED] = True
        try:
            await keeper.answered(itx.id)
        except Exception as error:  # noqa: BLE001 - they have their answer; at worst they are told once more
            log.warning("interaction.not_noted", interaction=itx.id, why=type(error).__name__)


async def _answer(itx: discord.Interaction[Any], message: Message, aside: bool) -> None:
    payload = message.payload()
    embeds = [discord.Embed.from_dict(embed) for embed in payload.get("embeds", ())]
    rows = payload.get("components") or []
    content = payload.get("content") or None
    if not itx.response.is_done():
        view = _RawView(rows) if rows else discord.utils.MISSING
        try:
            await itx.response.send_message(content, embeds=embeds, ephemeral=True, view=view)
            return
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
    if aside and itx.response.type is discord.InteractionResponseType.deferred_message_update:
        beside = _RawView(rows) if rows else discord.utils.MISSING
        await itx.followup.send(content or "", embeds=embeds, ephemeral=True, view=beside)
        return
    await itx.edit_original_response(
        content=content,
        embeds=embeds,
        view=_RawView(rows),
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def ask(itx: discord.Interaction[Any], modal: Modal) -> None:
    """Open a modal; it must be the first answer. Opened already (the same interaction came again): nothing to do."""
    for pause in FIRST_PAUSES_S:
        try:
            async with asyncio.timeout(FIRST_WITHIN_S):
                await itx.response.send_modal(_RawModal(modal.payload()))
            return
        except discord.HTTPException as error:
            if error.status == TOO_MANY and pause:
                await asyncio.sleep(pause)
                continue
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            log.info("interaction.asked_already", interaction=itx.id)
            return
        except TimeoutError:
            log.warning("interaction.not_asked", interaction=itx.id, why="no answer in time")
            return
        except NO_ANSWER as error:
            log.warning("interaction.not_asked", interaction=itx.id, why=type(error).__name__)
            await asyncio.sleep(pause)
