"""`/setup`: the plan first, then it is done; who responds; a practice incident; arriving and leaving."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import discord
from discord import app_commands

from bot.discord_port import DiscordPort
from bot.effects import Handler
from bot.incidents.cards import answers
from bot.incidents.service.declaration import Declaration
from bot.incidents.service.declare import Declared, DeclareService
from bot.kernel.errors import BadInput
from bot.kernel.limits import CHOICES
from bot.kernel.message import Modal
from bot.kernel.outside import Refused, Retry
from bot.kernel.text import person
from bot.policy.words import Kind, Severity, Standing
from bot.servers.events import RosterChanged
from bot.setup import cards, effects
from bot.setup.look import look
from bot.setup.responders import RespondersService
from bot.setup.roster import on_roster_changed
from bot.setup.rules import PLACES, TEAMS, Choices, Plan, Thing, Wish, plan
from bot.setup.seen import Seen
from bot.setup.service import Done, SetupService, make_teams, wishes_of_places, wishes_of_roles
from bot.storage import UnitOfWork
from bot.storage.uow import Listener
from cogs.oncall import bots_of
from cogs.present import answer, ask, caller, defer
from cogs.press import Press, word_of
from cogs.router import First, Route

Interaction = discord.Interaction[Any]

SLOW = "Discord did not answer just now, so nothing was changed. Please try again in a minute."
CLOSED = "Vigil cannot look at this server just now. Please check that it is still a member, then try again."
PRACTICE = Declaration(
    title="Practice: the website does not load",
    severity=Severity.SEV1,
    kind=Kind.OUTAGE,
    summary="A drill. Nothing is wrong; try every button.",
    practice=True,
)


class SetupCog:
    """`commands()` go into the command tree, `routes` into the router, `on_…` into the client."""

    def __init__(self, service: SetupService, responders: RespondersService, declare: DeclareService) -> None:
        self._service, self._responders, self._declare = service, responders, declare
        self._command = self._make_command()
        self.routes: dict[str, Route] = {
            "setup.plan": Route(self._look_again),
            "setup.do": Route(self._do),
            "setup.teams": Route(self._teams),
            "setup.places": Route(self._open_places, First.MODAL),
            "setup.places_form": Route(self._places, form=self._places_form),
            "setup.roles": Route(self._open_roles, First.MODAL),
            "setup.roles_form": Route(self._roles, form=self._roles_form),
            "setup.who": Route(self._who),
            "setup.people": Route(self._people),
            "setup.roles_again": Route(self._roles_again),
            "setup.practice": Route(self._practice),
            "roster.add_me": Route(self._add_me),
            "roster.leave": Route(self._leave),
            "roster.take_off": Route(self._take_off),
        }

    @classmethod
    def build(cls, uow: UnitOfWork) -> SetupCog:
        """Wired on one unit of work."""
        return cls(SetupService(uow), RespondersService(uow), DeclareService(uow))

    @staticmethod
    def effect_handlers(port: DiscordPort, own_id: Callable[[], int]) -> Mapping[str, Handler]:
        """Effect kind → handler."""
        return effects.handlers(port, own_id)

    @staticmethod
    def listeners() -> Mapping[type, Sequence[Listener]]:
        """Event → who listens."""
        return {RosterChanged: [on_roster_changed]}

    def commands(self) -> list[app_commands.Command[Any, ..., Any]]:
        """The one command."""
        return [self._command]

    async def on_joined(self, guild: discord.Guild) -> None:
        """The bot was added: its owner is told privately how to go on."""
        if guild.owner_id is not None:
            await self._service.joined(guild.id, guild.owner_id)

    async def on_present(self, guilds: Sequence[discord.Guild]) -> None:
        """The bot is in these. One from which it was removed has it back, which was told while it did not listen."""
        gone = await self._service.removed_from([one.id for one in guilds])
        for guild in guilds:
            if guild.id in gone:
                await self.on_joined(guild)

    async def on_removed(self, guild: discord.Guild) -> None:
        """The bot was removed: noted, and the record is kept for its time."""
        await self._service.removed(guild.id)

    # The command ---------------------------------------------------------------------------------------------------

    def _make_command(self) -> app_commands.Command[Any, ..., Any]:
        @app_commands.command(name="setup", description="Show what Vigil would use or make here, then do it.")
        @app_commands.guild_only()
        @app_commands.default_permissions(manage_guild=True)
        @app_commands.describe(
            updates="The public channel for updates.",
            operations="The private channel for operations.",
            category="The category in which incident rooms are made.",
            responders="The role of those who respond.",
            core_team="The role of the core team.",
            moderators="The role of moderators.",
            security="The role of those who handle security reports.",
            comms="The role of those who handle communication.",
            zone="The time zone of your organisation, such as Europe/Berlin.",
        )
        async def setup(
            itx: Interaction,
            updates: discord.TextChannel | None = None,
            operations: discord.TextChannel | None = None,
            category: discord.CategoryChannel | None = None,
            responders: discord.Role | None = None,
            core_team: discord.Role | None = None,
            moderators: discord.Role | None = None,
            security: discord.Role | None = None,
            comms: discord.Role | None = None,
            zone: str | None = None,
        ) -> None:
            await defer(itx)
            given = {
                Thing.CATEGORY: category,
                Thing.UPDATES: updates,
                Thing.OPERATIONS: operations,
                Thing.RESPONDER: responders,
                Thing.CORE: core_team,
                Thing.MODERATOR: moderators,
                Thing.SECURITY: security,
                Thing.COMMS: comms,
            }
            wishes: dict[Thing, Wish] = {thing: one.id for thing, one in given.items() if one is not None}
            await self._service.choose(caller(itx), wishes, zone, afresh=True)
            await self._show(itx)

        @setup.autocomplete("zone")
        async def zones(itx: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            wanted = typed.strip().replace(" ", "_").casefold()
            found = [name for name in zone_names() if wanted in name.casefold()]
            return [app_commands.Choice(name=name, value=name) for name in found[:CHOICES]]

        return setup

    # The plan ------------------------------------------------------------------------------------------------------

    async def _plan(self, itx: Interaction) -> tuple[Plan, Seen]:
        who = caller(itx)
        now, choices = await self._service.current(who), await self._service.choices(who)
        seen = await self._seen(itx, choices)
        return plan(now, seen, choices), seen

    async def _seen(self, itx: Interaction, choices: Choices) -> Seen:
        who = caller(itx)
        assert who.guild_id is not None and itx.client.user is not None, "asked before"
        now = await self._service.current(who)
        chosen = [wish for thing, wish in choices.wishes.items() if thing in PLACES and isinstance(wish, int)]
        try:
            return await look(itx.client.http, who.guild_id, now, own_id=itx.client.user.id, also=chosen)
        except Retry as error:
            raise BadInput(SLOW) from error
        except Refused as error:
            raise BadInput(CLOSED) from error

    async def _show(self, itx: Interaction) -> None:
        wanted, _ = await self._plan(itx)
        await answer(itx, cards.proposal(wanted, itx.guild_id or 0))

    async def _look_again(self, itx: Interaction, press: Press) -> None:
        await self._show(itx)

    async def _do(self, itx: Interaction, press: Press) -> None:
        who = caller(itx)
        seen = await self._seen(itx, await self._service.choices(who))
        found = await self._service.do(who, seen)
        subject = itx.guild_id or 0
        if not isinstance(found, Done):
            await answer(itx, cards.proposal(found, subject))
            return
        await answer(itx, cards.outcome(await self._service.outcome(who, found.effect_ids), subject))

    async def _teams(self, itx: Interaction, press: Press) -> None:
        wanted, _ = await self._plan(itx)
        await self._service.choose(caller(itx), make_teams(wanted))
        await self._show(itx)

    async def _places_form(self, itx: Interaction, press: Press) -> Modal:
        return cards.places_form(*await self._chosen(itx), itx.guild_id or 0)

    async def _roles_form(self, itx: Interaction, press: Press) -> Modal:
        ids, _ = await self._chosen(itx)
        return cards.roles_form(ids, itx.guild_id or 0)

    async def _chosen(self, itx: Interaction) -> tuple[Mapping[Thing, int], str]:
        """What is chosen or set up, without asking Discord: a form must be the first answer, within seconds."""
        who = caller(itx)
        now, choices = await self._service.current(who), await self._service.choices(who)
        ids = {**now.ids, **{thing: wish for thing, wish in choices.wishes.items() if isinstance(wish, int)}}
        without = {thing for thing, wish in choices.wishes.items() if not isinstance(wish, int)}
        return {thing: id_ for thing, id_ in ids.items() if thing not in without}, choices.zone or now.zone

    async def _open_places(self, itx: Interaction, press: Press) -> None:
        await ask(itx, await self._places_form(itx, press))

    async def _open_roles(self, itx: Interaction, press: Press) -> None:
        await ask(itx, await self._roles_form(itx, press))

    async def _places(self, itx: Interaction, press: Press) -> None:
        category, updates, operations = (_one(press, thing) for thing in PLACES)
        wishes = wishes_of_places(category, updates, operations)
        await self._service.choose(caller(itx), wishes, press.fields.get("zone"))
        await self._show(itx)

    async def _roles(self, itx: Interaction, press: Press) -> None:
        before = await self._service.choices(caller(itx))
        wishes = wishes_of_roles(_one(press, Thing.RESPONDER), {thing: _one(press, thing) for thing in TEAMS}, before)
        await self._service.choose(caller(itx), wishes)
        await self._show(itx)

    # What comes next -----------------------------------------------------------------------------------------------

    async def _who(self, itx: Interaction, press: Press) -> None:
        await self._responders.allowed(caller(itx))
        await answer(itx, cards.who(itx.guild_id or 0))

    async def _people(self, itx: Interaction, press: Press) -> None:
        who, picked = caller(itx), press.all_picked
        bots = [one for one in bots_of(itx) if one in picked]
        group = word_of(press.arg or Standing.RESPONDER, Standing)
        found = await self._responders.enrol(who, picked, group, bots=bots, absent=absent_of(itx, picked))
        result = await self._responders.outcome(who, found.effect_ids)
        await answer(itx, cards.enrolled(found, result, itx.guild_id or 0))

    def oncall_commands(self) -> list[app_commands.Command[Any, ..., Any]]:
        """Commands that belong under `/oncall`."""

        @app_commands.command(name="roster", description="Show whom a page can reach, and join or leave it.")
        async def roster(itx: Interaction) -> None:
            await defer(itx)
            await answer(itx, cards.roster(await self._responders.roster(caller(itx)), itx.guild_id or 0))

        return [roster]

    async def _add_me(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.joined(await self._responders.add_me(caller(itx))))

    async def _leave(self, itx: Interaction, press: Press) -> None:
        await self._responders.take_off(caller(itx), itx.user.id)
        await answer(itx, "You are off the roster and out of the rotation; no page goes to you. Thank you.")

    async def _take_off(self, itx: Interaction, press: Press) -> None:
        user_id = press.picked
        await self._responders.take_off(caller(itx), user_id)
        await answer(itx, f"{person(user_id)} is off the roster and out of the rotation; roles stay as they are.")

    async def _roles_again(self, itx: Interaction, press: Press) -> None:
        who = caller(itx)
        result = await self._responders.outcome(who, await self._responders.again(who))
        await answer(itx, cards.given(result, itx.guild_id or 0))

    async def _practice(self, itx: Interaction, press: Press) -> None:
        found = await self._declare.declare(caller(itx), PRACTICE, anyway=True)
        assert isinstance(found, Declared), "asked for anyway"
        await answer(itx, answers.declared(found))
        if made := await self._declare.room_when_made(found.incident.id):
            await answer(itx, answers.declared(replace(found, incident=made)))


def absent_of(itx: Interaction, picked: list[int]) -> list[int]:
    """Those picked who are no members, by what Discord resolved with the interaction."""
    data: dict[str, Any] = dict(itx.data or {})
    members: dict[str, Any] = data.get("resolved", {}).get("members", {})
    return [one for one in picked if str(one) not in members]


def _one(press: Press, thing: Thing) -> int | None:
    found = press.people(str(thing))
    return found[0] if found else None


@cache
def zone_names() -> tuple[str, ...]:
    """Time zones by region and city, for the picker."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
