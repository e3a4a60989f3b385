"""Commands of a room: log, acknowledge, join, add, tag out, page; the menu and the mention."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.incidents.cards import answers
from bot.incidents.service.coordinate import MessageSource
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotFound, Overtaken, Repeated, UserFacingError, WrongState
from bot.kernel.limits import CHOICE_NAME, CHOICES, fit
from bot.kernel.text import person
from cogs.errors import NOT_A_MEMBER
from cogs.incidents.cog import IncidentServices
from cogs.incidents.forms import Forms
from cogs.incidents.options import INCIDENT, Autocomplete, Interaction, picker, subject_of, which
from cogs.present import answer, ask, caller, defer
from cogs.press import Press
from cogs.typed import Typed, refilled

NO_LOG_HERE = (
    "Nothing was logged: there is no incident’s log here that you can write in. `/incident log` asks which one is "
    "meant; `/incident report` tells the responders."
)
TAKEN = "📝"


def register(group: app_commands.Group, services: IncidentServices, forms: Forms) -> None:
    """Add the commands of this part."""
    choose = picker(services.look)
    work = services.coordinate

    @group.command(name="log", description="Add a line to the incident's log, with the time at which it happened.")
    @app_commands.describe(
        entry="What happened.", at="When: 10:15, or “5 min ago”. Now, if left out.", incident=INCIDENT
    )
    @app_commands.autocomplete(incident=choose)
    async def log(itx: Interaction, entry: str | None = None, at: str = "", incident: str | None = None) -> None:
        if entry is None:
            form = await forms.log(itx, Press(subject_of(incident)))
            await ask(itx, refilled(form, Typed("", "", {"at": at})))
            return
        await defer(itx)
        await answer(itx, answers.logged(await work.add_log(caller(itx), entry, which(incident), at=at)))

    @group.command(name="acknowledge", description="Say that you have it; nobody else is paged.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def acknowledge(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        await answer(itx, answers.acknowledged(await work.acknowledge(caller(itx), which(incident))))

    @group.command(name="join", description="Take part; you see its room from then on.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def join(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        found = await work.join(caller(itx), which(incident))
        await answer(itx, f"You are in {found.ref}. Room: {answers.room(found)}.")

    @group.command(name="add", description="Bring a person or a role into the incident.")
    @app_commands.describe(who="The person or role.", incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def add(itx: Interaction, who: discord.User | discord.Role, incident: str | None = None) -> None:
        await defer(itx)
        if isinstance(who, discord.Role):
            found = await work.add_role(caller(itx), who.id, which(incident))
        else:
            must_be_here(who)
            found = await work.add_person(caller(itx), who.id, which(incident), is_bot=who.bot)
        await answer(itx, f"{who.mention} can see the room of {found.ref} now.")

    @group.command(name="tagout", description="Leave at once, no reason needed; nothing of it calls you again.")
    @app_commands.describe(incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def tagout(itx: Interaction, incident: str | None = None) -> None:
        await defer(itx)
        await answer(itx, answers.tagged_out(await work.tag_out(caller(itx), which(incident))))

    @group.command(name="done", description="Say that something on the checklist, or that is due, is done.")
    @app_commands.describe(what="What is done; the list shows what is open.", incident=INCIDENT)
    @app_commands.autocomplete(what=open_items(services), incident=picker(services.look, closed=True))
    async def done(itx: Interaction, what: str, incident: str | None = None) -> None:
        await defer(itx)
        await answer(itx, answers.finished(await services.checklist.done(caller(itx), what, which(incident))))

    @group.command(name="page", description="Page one more person for this incident.")
    @app_commands.describe(who="Whom to page.", incident=INCIDENT)
    @app_commands.autocomplete(incident=choose)
    async def page(itx: Interaction, who: discord.User, incident: str | None = None) -> None:
        await defer(itx)
        must_be_here(who)
        found = await work.page_someone(caller(itx), who.id, which(incident), is_bot=who.bot)
        await answer(itx, f"Paged {person(who.id)} for {found.ref}.")


def must_be_here(who: discord.User | discord.Member) -> None:
    """Raises BadInput for somebody who is no member of the server, whom Discord hands out as a user alone."""
    if not isinstance(who, discord.Member):
        raise BadInput(NOT_A_MEMBER)


def open_items(services: IncidentServices) -> Autocomplete:
    """What is open in the incident that is named, or in this room; nothing where there is none."""

    async def choices(itx: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        named: str | None = getattr(itx.namespace, "incident", None)
        try:
            items = await services.checklist.open_items(caller(itx), which(named or None))
        except UserFacingError:
            return []
        wanted = typed.strip().casefold()
        found = [one for one in items if wanted in one.words.casefold()][:CHOICES]
        return [app_commands.Choice(name=fit(one.words, CHOICE_NAME), value=one.value) for one in found]

    return choices


def message_text(message: discord.Message) -> str:
    """Its words, or what it carried. Raises BadInput for neither."""
    text = message.content or ", ".join(file.filename for file in message.attachments)
    if not text.strip():
        raise BadInput("That message has no words to keep. Use `/incident log` and say what it shows.")
    return text


async def log_mention(services: IncidentServices, message: discord.Message, own: Any) -> str | None:
    """A message that mentions the bot is a log entry in an incident's room; elsewhere a word says that it is none."""
    if message.guild is None or not isinstance(message.author, discord.Member) or message.author.bot:
        return None
    text = message.content.replace(f"<@{own.id}>", "").replace(f"<@!{own.id}>", "").strip()
    if not text:
        return None
    asks = Caller(
        user_id=message.author.id,
        guild_id=message.guild.id,
        role_ids=frozenset(role.id for role in message.author.roles),
        channel_id=message.channel.id,
        interaction_id=message.id,
        name=message.author.display_name,
    )
    source = MessageSource(message.author.id, message.channel.id, message.id)
    for left in (2, 1, 0):
        try:
            await services.coordinate.add_log(asks, text, source=source)
            break
        except NotFound:
            if await services.coordinate.first_mention(asks):
                await message.reply(NO_LOG_HERE, mention_author=False, silent=True)
            return None
        except Overtaken as error:
            # Two who wrote at once: the one who lost is written down after the other.
            if not left:
                await message.reply(str(error), mention_author=False, silent=True)
                return None
        except (Repeated, WrongState):
            break  # it is in the log
        except UserFacingError as error:
            await message.reply(str(error), mention_author=False, silent=True)
            return None
    return TAKEN
