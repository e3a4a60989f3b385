"""`/setup` as people see it: the plan, doing it once, changing one thing, repairs, who responds, a practice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest
from sqlalchemy import select

from bot.effects import Effect
from bot.incidents.models import Incident
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.models import Server, ServerSettings
from bot.setup import effects, service
from tests.world import World, labels, said, words_of

PRIVATE = discord.PermissionOverwrite(view_channel=False)


class Manager:
    """Somebody with Manage Server at the keys."""

    def __init__(self, world: World) -> None:
        self.world = world
        rights = discord.Permissions(manage_guild=True, view_channel=True, use_application_commands=True)
        role = world.guild.create_role("Organisers", permissions=rights)
        self.actor = world.guild.add_member(world.env.create_user("mia"), roles=[role])
        self.shown: Any = None

    async def types(self, **options: Any) -> str:
        """`/setup …`"""
        self.shown = await self.actor.slash(self.world.channels["general"], "setup", **options)
        assert self.shown.acknowledged and self.shown.ephemeral
        return said(self.shown)

    async def presses(self, label: str) -> str:
        """A button of what is shown."""
        self.shown = await self.actor.click(self.shown.response, label=label)
        assert self.shown.acknowledged
        return said(self.shown)

    async def fills(self, **values: Any) -> str:
        """The form that is shown."""
        self.shown = await self.actor.submit_modal(self.shown, values)
        return said(self.shown)

    async def picks(self, *people: Any, group: str = "responder") -> str:
        """People in the select of a group."""
        custom_id = f"v1:setup.people:{self.world.guild.id}:{group}"
        self.shown = await self.actor.select(self.shown.response, list(people), custom_id=custom_id)
        return said(self.shown)


@pytest.fixture
def mia(bare_world: World) -> Manager:
    return Manager(bare_world)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for an outcome."""
    monkeypatch.setattr(service, "LOOKS_AFTER_S", (0.2, 0.3))
    monkeypatch.setattr(effects, "NOBODY_WAITS_AFTER", timedelta(seconds=2))


async def view(world: World) -> servers.ServerView:
    async with world.app.uow.read() as tx:
        return await servers.settings(tx, world.guild.id)


def named(world: World, name: str) -> int:
    """How many channels and categories have this name."""
    return [one.name for one in world.env.backend.channels.values()].count(name)


def roles(world: World, name: str) -> int:
    """How many roles have this name."""
    return [one.name for one in world.env.backend.get_guild(world.guild.id).roles.values()].count(name)


async def test_the_plan_is_shown_first_and_changes_nothing(bare_world: World, mia: Manager) -> None:
    before = set(bare_world.guild.channels)
    words = await mia.types()
    assert "Nothing was done yet" in words
    assert "“Incidents” is made" in words and f"<#{bare_world.channels['updates'].id}> is used" in words
    assert "**Core team**" in words and "UTC" in words
    assert labels(mia.shown.response)[0] == "Do it"
    assert set(bare_world.guild.channels) == before
    assert not (await view(bare_world)).version


async def test_operations_that_everybody_reads_are_never_taken(bare_world: World, mia: Manager) -> None:
    words = await mia.types()
    assert "#incident-operations is made" in words
    words = await mia.types(operations=bare_world.channels["operations"])
    assert "Everyone can read" in words and labels(mia.shown.response)[0] == "Try again"


async def test_doing_it_makes_what_is_missing_and_ends_with_two_ways_on(bare_world: World, mia: Manager) -> None:
    await mia.types(zone="Berlin")
    words = await mia.presses("Do it")
    assert "Vigil is set up" in words and "Europe/Berlin" in words
    assert labels(mia.shown.response) == ["Who responds?", "Try a practice incident"]
    found = await view(bare_world)
    assert found.is_set_up and str(found.zone) == "Europe/Berlin"
    assert found.updates_channel_id == bare_world.channels["updates"].id
    operations = bare_world.guild.channels["incident-operations"]
    assert found.operations_channel_id == operations.id
    assert not bare_world.sees(bare_world.alice, operations)
    assert bare_world.sees(bare_world.alice, bare_world.channels["updates"])
    assert not await bare_world.unfinished()


async def test_running_it_again_makes_no_second_set(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    words = await mia.types()
    assert "Everything is there" in words
    assert "Do it" not in labels(mia.shown.response)
    await mia.types(zone="Europe/Paris")
    await mia.presses("Do it")
    assert (named(bare_world, "Incidents"), named(bare_world, "incident-operations")) == (1, 1)
    assert roles(bare_world, "Responders") == 1
    assert str((await view(bare_world)).zone) == "Europe/Paris"


async def test_an_old_plan_pressed_twice_makes_no_second_set(bare_world: World, mia: Manager) -> None:
    await mia.types()
    plan = mia.shown
    await mia.presses("Do it")
    mia.shown = plan
    words = await mia.presses("Do it")
    assert "Vigil is set up" in words
    assert (named(bare_world, "Incidents"), named(bare_world, "incident-operations")) == (1, 1)


async def test_one_thing_is_changed_and_history_is_kept(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    first = await view(bare_world)
    news = bare_world.guild.create_text_channel("news")
    words = await mia.types(updates=news)
    assert f"<#{news.id}> is used" in words
    await mia.presses("Do it")
    found = await view(bare_world)
    assert found.updates_channel_id == news.id and found.operations_channel_id == first.operations_channel_id
    async with bare_world.app.uow.read() as tx:
        rows = (await tx.session.scalars(select(ServerSettings).order_by(ServerSettings.version))).all()
    assert [one.version for one in rows] == list(range(1, len(rows) + 1))
    assert rows[-2].data["updates_channel_id"] == first.updates_channel_id
    assert rows[-1].person_id is not None


async def test_what_was_deleted_by_hand_is_made_again(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    gone = bare_world.guild.channels["incident-operations"].id
    bare_world.env.backend.delete_channel(gone)
    words = await mia.types()
    assert "made again; the old one is gone" in words
    await mia.presses("Do it")
    found = await view(bare_world)
    assert found.operations_channel_id == bare_world.guild.channels["incident-operations"].id != gone


async def test_the_missing_team_roles_are_made_when_asked(bare_world: World, mia: Manager) -> None:
    await mia.types()
    assert "none" in said(mia.shown)
    words = await mia.presses("Make the missing roles too")
    assert "“Security” is made" in words
    await mia.presses("Do it")
    found = await view(bare_world)
    assert set(found.roles) == {
        Standing.RESPONDER,
        Standing.CORE,
        Standing.MODERATOR,
        Standing.SECURITY,
        Standing.COMMS,
    }
    assert found.roles[Standing.CORE] == bare_world.roles["Core"].id, "it was there already"


async def test_forms_change_channels_zone_and_roles(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Change channels and zone…")
    words = await mia.fills(updates=[bare_world.channels["general"]], zone="Lisbon")
    assert f"<#{bare_world.channels['general'].id}> is used" in words and "Europe/Lisbon" in words
    await mia.presses("Change roles…")
    words = await mia.fills(responder=[bare_world.roles["Core"]])
    assert f"<@&{bare_world.roles['Core'].id}> is used" in words
    await mia.presses("Do it")
    found = await view(bare_world)
    assert found.updates_channel_id == bare_world.channels["general"].id
    assert found.roles == {Standing.RESPONDER: bare_world.roles["Core"].id}


async def test_an_unknown_zone_gets_one_sentence_with_a_remedy(bare_world: World, mia: Manager) -> None:
    words = await mia.types(zone="Middle-earth")
    assert "no time zone" in words and "Europe/Berlin" in words


async def test_a_missing_permission_is_named_with_the_place_to_grant_it(bare_world: World, mia: Manager) -> None:
    bot_role = next(
        role for role in bare_world.env.backend.get_guild(bare_world.guild.id).roles.values() if role.managed
    )
    full = bot_role.permissions
    bot_role.permissions = full & ~discord.Permissions(manage_roles=True).value
    words = await mia.types()
    assert "Vigil lacks **Manage Roles**" in words and "Server Settings › Roles" in words
    assert labels(mia.shown.response)[0] == "Try again"
    bot_role.permissions = full
    words = await mia.presses("Try again")
    assert "Nothing was done yet" in words
    assert "Vigil is set up" in await mia.presses("Do it")


async def test_a_refusal_on_the_way_names_the_permission_and_trying_again_finishes(
    bare_world: World, mia: Manager
) -> None:
    bare_world.env.inject_error("POST", "/guilds/*/channels", status=403, code=50013, times=2)
    await mia.types()
    words = await mia.presses("Do it")
    assert "**Manage Channels**" in words and "Server Settings › Roles" in words
    assert labels(mia.shown.response) == ["Try again"]
    assert "Vigil is set up" in await mia.presses("Try again")
    assert (named(bare_world, "Incidents"), roles(bare_world, "Responders")) == (1, 1)
    assert not await bare_world.unfinished()


@pytest.mark.usefixtures("impatient")
async def test_a_slow_discord_is_waited_for_and_nothing_is_made_twice(bare_world: World, mia: Manager) -> None:
    bare_world.env.inject_error("POST", "/guilds/*/channels", status=500, times=3)
    await mia.types()
    plan = mia.shown
    words = await mia.presses("Do it")
    assert "still under way" in words
    mia.shown = plan
    await mia.presses("Do it")
    await bare_world.passes(minutes=10)
    assert (await view(bare_world)).is_set_up
    assert (named(bare_world, "Incidents"), named(bare_world, "incident-operations")) == (1, 1)


@pytest.mark.parametrize("path", ["/guilds/*/roles", "/guilds/*/channels"])
async def test_killed_after_the_call_nothing_is_made_twice(bare_world: World, mia: Manager, path: str) -> None:
    """The answer of the first creation is lost, and the process dies; a new one finds what was made."""
    lose_answers(bare_world, "/roles" if path.endswith("roles") else "/channels")
    await mia.types()
    await mia.presses("Make the missing roles too")
    plan = mia.shown
    await mia.presses("Do it")
    await bare_world.restart()
    await bare_world.passes(minutes=5)
    mia.shown = plan
    await mia.presses("Do it")
    await bare_world.passes(minutes=5)
    assert (await view(bare_world)).is_set_up
    assert (named(bare_world, "Incidents"), named(bare_world, "incident-operations")) == (1, 1)
    assert [roles(bare_world, name) for name in ("Responders", "Moderators", "Security", "Comms")] == [1, 1, 1, 1]
    assert not await bare_world.unfinished()


def lose_answers(world: World, ending: str) -> None:
    """The call lands, and its answer never comes back; for the life of this process."""
    http = world.app.client.http
    real = http.request

    async def losing(route: Any, **options: Any) -> Any:
        answer = await real(route, **options)
        if route.method == "POST" and route.path.endswith(ending):
            raise ConnectionResetError("lost")
        return answer

    http.request = losing  # type: ignore[method-assign]


async def test_only_who_has_manage_server_sets_up(bare_world: World, mia: Manager) -> None:
    assert "setup" in mia.actor.available_commands(bare_world.channels["general"])
    assert "setup" not in bare_world.erin.available_commands(bare_world.channels["general"])


async def test_a_command_opened_to_others_is_checked_again(bare_world: World, mia: Manager) -> None:
    command = next(one for one in await bare_world.app.client.tree.fetch_commands() if one.name == "setup")
    bare_world.guild.set_command_permissions(command, {bare_world.guild.default_role: True})
    answer = await bare_world.erin.slash(bare_world.channels["general"], "setup")
    assert "needs the permission Manage Server" in said(answer)
    assert not (await view(bare_world)).version


async def test_who_responds_gives_the_role_and_starts_the_rotation(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    await mia.presses("Who responds?")
    words = await mia.picks(bare_world.alice, bare_world.bob)
    assert f"On call this week: <@{bare_world.alice.id}>; then <@{bare_world.bob.id}>" in words
    async with bare_world.app.uow.read() as tx:
        assert await servers.roster(tx, bare_world.guild.id, [Standing.RESPONDER]) == [
            bare_world.alice.id,
            bare_world.bob.id,
        ]
        shift = await oncall.on_call_at(tx, bare_world.guild.id, tx.now)
    assert (shift.primary, shift.secondary) == (bare_world.alice.id, bare_world.bob.id)
    role = (await view(bare_world)).roles[Standing.RESPONDER]
    members = bare_world.env.backend.get_guild(bare_world.guild.id).members
    assert role in members[bare_world.alice.id].role_ids
    assert bare_world.sees(bare_world.alice, bare_world.guild.channels["incident-operations"])


async def test_who_joins_later_does_not_move_whoever_is_on_call(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    done = mia.shown
    await mia.presses("Who responds?")
    await mia.picks(bare_world.alice, bare_world.bob)
    mia.shown = done
    await mia.presses("Who responds?")
    words = await mia.picks(bare_world.carol)
    assert f"On call this week: <@{bare_world.alice.id}>" in words
    async with bare_world.app.uow.read() as tx:
        rotation = await oncall.rotation_at(tx, bare_world.guild.id, tx.now)
    assert rotation is not None
    assert rotation.people == (bare_world.alice.id, bare_world.bob.id, bare_world.carol.id)


async def test_the_core_team_is_named_at_set_up_and_a_sev0_pages_it(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    done = mia.shown
    await mia.presses("Who responds?")
    asked = mia.shown
    await mia.picks(bare_world.alice, bare_world.bob)
    mia.shown = asked
    assert f"Core team: <@{bare_world.dave.id}>" in await mia.picks(bare_world.dave, group="core")
    mia.shown = asked
    assert f"Security: <@{bare_world.sam.id}>" in await mia.picks(bare_world.sam, group="security")
    room = await bare_world.declare(bare_world.alice, severity="SEV-0")
    assert bare_world.dave.id in {one.id for one in bare_world.seen(room)[0].mentions}
    assert bare_world.sees(bare_world.dave, room)
    card = bare_world.find(bare_world.guild.channels["incident-operations"], "The roster")
    assert f"**Core team**: <@{bare_world.dave.id}>" in words_of(card)
    assert done is not None


async def test_who_holds_a_role_adds_themselves_and_leaves_again(bare_world: World, mia: Manager) -> None:
    core = bare_world.roles["Core"]
    await mia.types(core_team=core)
    await mia.presses("Do it")
    operations = bare_world.guild.channels["incident-operations"]
    card = bare_world.find(operations, "The roster")
    assert labels(card) == ["Add me", "Take me off"]
    holder = bare_world.guild.add_member(bare_world.env.create_user("kim"), roles=[core])
    pressed = await holder.click(card, label="Add me")
    assert "You are on the roster (Core team)" in said(pressed)
    assert f"**Core team**: <@{holder.id}>" in words_of(bare_world.find(operations, "The roster"))
    assert len([one for one in bare_world.words(operations) if "The roster" in one]) == 1, "one card, edited"
    shown = await holder.slash(bare_world.channels["general"], "oncall roster")
    assert labels(shown.response) == ["Add people", "Take me off"], "the core team says who responds"
    left = await holder.click(shown.response, label="Take me off")
    assert "You are off the roster" in said(left)
    async with bare_world.app.uow.read() as tx:
        assert await servers.roster(tx, bare_world.guild.id, [Standing.CORE]) == []


async def test_only_those_who_may_edit_the_roster_take_others_off(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    await mia.presses("Who responds?")
    await mia.picks(bare_world.alice, bare_world.bob)
    shown = await bare_world.carol.slash(bare_world.channels["general"], "oncall roster")
    assert labels(shown.response) == []
    card = bare_world.find(bare_world.guild.channels["incident-operations"], "The roster")
    again = await bare_world.bob.click(card, label="Add me")
    assert "You are on the roster already" in said(again)
    shown = await bare_world.bob.slash(bare_world.channels["general"], "oncall roster")
    assert labels(shown.response) == ["Take me off"]
    shown = await mia.actor.slash(bare_world.channels["general"], "oncall roster")
    took = await mia.actor.select(shown.response, [bare_world.alice])
    assert "off the roster and out of the rotation" in said(took)
    async with bare_world.app.uow.read() as tx:
        shift = await oncall.on_call_at(tx, bare_world.guild.id, tx.now)
    assert (shift.primary, shift.secondary) == (bare_world.bob.id, None)


async def test_a_bot_cannot_respond(bare_world: World, mia: Manager) -> None:
    helper = bare_world.guild.add_member(bare_world.env.create_user("helper", bot=True))
    await mia.types()
    await mia.presses("Do it")
    await mia.presses("Who responds?")
    assert "A bot cannot respond" in await mia.picks(helper)


async def test_a_role_that_cannot_be_given_is_said_and_the_roster_holds(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    await mia.presses("Who responds?")
    bare_world.env.inject_error("PUT", "/guilds/*/members/*/roles/*", status=403, code=50013, times=1)
    words = await mia.picks(bare_world.alice)
    assert "give the role “Responders”" in words and "drag Vigil above" in words.replace("Also drag", "drag")
    assert "can be paged all the same" in words
    assert "has the role now" in await mia.presses("Try again")


async def test_a_private_channel_that_was_there_opens_to_responders_and_nobody_else(
    bare_world: World, mia: Manager
) -> None:
    everyone, own = bare_world.guild.default_role, bare_world.app.client.user
    see = discord.PermissionOverwrite(view_channel=True)
    rights = {everyone: PRIVATE, own: see, bare_world.bob: see, mia.actor: see}
    team = bare_world.guild.create_text_channel("team", overwrites=rights)
    await mia.types(operations=team)
    bare_world.env.inject_error("PUT", "/channels/*/permissions/*", status=403, code=50013, times=1)
    assert "open operations to the responders" in await mia.presses("Do it")
    assert "Vigil is set up" in await mia.presses("Try again")
    await mia.presses("Who responds?")
    await mia.picks(bare_world.alice)
    assert bare_world.sees(bare_world.alice, team) and bare_world.sees(bare_world.bob, team)
    assert not bare_world.sees(bare_world.erin, team)


@pytest.mark.usefixtures("impatient")
async def test_a_refusal_that_comes_late_is_told_by_direct_message(bare_world: World, mia: Manager) -> None:
    bare_world.env.inject_error("POST", "/guilds/*/channels", status=500, times=2)
    bare_world.env.inject_error("POST", "/guilds/*/channels", status=403, code=50013, times=1)
    await mia.types()
    assert "still under way" in await mia.presses("Do it")
    await bare_world.passes(minutes=5)
    told = bare_world.direct(mia.actor)
    assert len(told) == 1 and "**Manage Channels**" in told[0] and "`/setup`" in told[0]


async def test_a_practice_pages_only_who_pressed(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    done = mia.shown
    await mia.presses("Who responds?")
    await mia.picks(bare_world.alice, bare_world.bob)
    mia.shown = done
    words = await mia.presses("Try a practice incident")
    assert f"<@{mia.actor.id}>" in words
    async with bare_world.app.uow.read() as tx:
        rows = (await tx.session.scalars(select(Incident))).all()
    assert [one.practice for one in rows] == [True]
    room = next(one for one in bare_world.guild.channels.values() if one.id == rows[0].channel_id)
    assert bare_world.sees(mia.actor, room) and not bare_world.sees(bare_world.alice, room)
    pinged = {person.id for one in bare_world.seen(room) for person in one.mentions}
    assert pinged == {mia.actor.id}


async def test_the_owner_is_told_privately_once_how_to_go_on(bare_world: World) -> None:
    guild = bare_world.app.client.get_guild(bare_world.guild.id)
    assert guild is not None
    with bare_world.env.time_context():
        for _ in range(2):
            await bare_world.app.client.on_guild_join(guild)
    while await bare_world.unfinished():
        await asyncio.sleep(0.02)
    told = [words_of(one) for one in bare_world.guild.owner.dm_channel.history()]
    assert len([one for one in told if "`/setup`" in one]) == 1
    assert not any(bare_world.seen(one) for one in bare_world.channels.values())


async def test_being_removed_is_noted_and_the_record_stays(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    guild = bare_world.app.client.get_guild(bare_world.guild.id)
    assert guild is not None
    with bare_world.env.time_context():
        await bare_world.app.client.on_guild_remove(guild)
    async with bare_world.app.uow.read() as tx:
        row = await tx.session.get(Server, guild.id)
        assert row is not None and row.left_at is not None
    assert (await view(bare_world)).is_set_up


async def test_removed_nothing_runs_and_on_return_what_is_owed_is_due_again(world: World) -> None:
    room = await world.declare(world.alice)
    guild = world.app.client.get_guild(world.guild.id)
    assert guild is not None
    with world.env.time_context():
        await world.app.client.on_guild_remove(guild)
    before = world.words(room)
    await world.passes(minutes=50)
    assert world.words(room) == before, "nothing is said while it is out"
    with world.env.time_context():
        await world.app.client.on_guild_join(guild)
    await world.restart()
    await world.passes(seconds=5)
    said_now = world.words(room)[len(before) :]
    reminders = [one for one in said_now if "The public update for" in one]
    assert len(reminders) == 1 and "was due" in reminders[0], "once, and it says how late it is"
    assert "is back in your server" in "\n".join(words_of(one) for one in world.guild.owner.dm_channel.history())


async def test_effects_hold_ids_and_names_of_ours_only(bare_world: World, mia: Manager) -> None:
    await mia.types()
    await mia.presses("Do it")
    async with bare_world.app.uow.read() as tx:
        rows = (await tx.session.scalars(select(Effect).where(Effect.kind == "setup.make"))).all()
    assert rows and all(set(one.payload) == {"thing", "name", "known", "alike", "person", "by"} for one in rows)
