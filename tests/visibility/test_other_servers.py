"""Ids of another server's incidents, drafts and people: who forges them gets the answer of what does not exist."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.actors import _dispatch_actor_interaction as dispatch
from simcord.enums import InteractionType

from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.models import RosterEntry
from bot.storage import UnitOfWork
from tests.visibility.attacker import (
    NOBODYS_ID,
    SECRETS,
    Hidden,
    all_of,
    arrange_hidden,
    without,
)
from tests.visibility.test_commands_and_buttons import ROUTES, SOME, TYPED
from tests.world import VirtualClock, World, words_of

OPEN = "Website is down"


class Elsewhere:
    """Another server with Vigil, where mallory manages, leads the core team and is on everybody's roster."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.guild = world.env.create_guild()
        self.general = self.guild.create_text_channel("general")
        managers = self.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
        self.mallory = self.guild.add_member(world.env.create_user("mallory"), roles=[managers])

    async def set_up(self) -> None:
        async with UnitOfWork(self.world.app.engines, VirtualClock())() as tx:
            await servers.change_settings(
                tx, self.guild.id, person_id=None, operations_channel_id=self.general.id, zone="UTC"
            )
            for standing in (Standing.RESPONDER, Standing.CORE, Standing.SECURITY, Standing.MODERATOR):
                await servers.enrol(tx, self.guild.id, self.mallory.id, standing)

    async def presses(self, custom_id: str, values: tuple[str, ...] = ()) -> Any:
        """A component with this id, in the server in which mallory may do everything."""
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": 3 if values else 2}
        if values:
            data["values"] = list(values)
        return await dispatch(self.mallory, InteractionType.MESSAGE_COMPONENT, self.general, data)

    async def directly(self, custom_id: str, values: tuple[str, ...] = ()) -> Any:
        """The same in direct messages, where the record tells the server."""
        user = self.mallory.user
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": 3 if values else 2}
        if values:
            data["values"] = list(values)
        return await dispatch(user, InteractionType.MESSAGE_COMPONENT, user.dm_channel, data)


@pytest.fixture
async def hidden(world: World) -> Hidden:
    found = await arrange_hidden(world)
    await world.declare(world.alice, OPEN)
    return found


@pytest.fixture
async def elsewhere(world: World, hidden: Hidden) -> Elsewhere:
    made = Elsewhere(world)
    await made.set_up()
    await made.mallory.user.send_dm("hello")
    return made


def everything(world: World) -> list[str]:
    """Every word in the server that is attacked."""
    found: list[str] = []
    for channel in world.guild.channels.values():
        if hasattr(channel, "history"):
            found += [words_of(one) for one in world.seen(channel)]
    return found


async def test_no_button_or_form_reaches_into_another_server(
    world: World, hidden: Hidden, elsewhere: Elsewhere
) -> None:
    before, entries = everything(world), await world.log(3)
    website = (await world.incident(3)).id
    for action, (table, sent) in ROUTES.items():
        arg = ":assess" if action == "incident.done" else ""
        rows = [getattr(hidden, table), NOBODYS_ID, *([website] if table == "incident" else [])]
        asked = []
        for row in rows:
            custom_id = f"v1:{action}:{row}{arg}"
            if isinstance(sent, dict):
                components = [
                    {"type": 18, "id": n, "component": {"id": 50 + n, "custom_id": key, **_filled(value)}}
                    for n, (key, value) in enumerate(sent.items(), 1)
                ]
                data = {"custom_id": custom_id, "components": components}
                shown = await dispatch(elsewhere.mallory, InteractionType.MODAL_SUBMIT, elsewhere.general, data)
                asked.append(without(all_of(shown), f":{row}"))
            else:
                asked.append(without(all_of(await elsewhere.presses(custom_id, tuple(sent or ()))), f":{row}"))
                direct = without(all_of(await elsewhere.directly(custom_id, tuple(sent or ()))), f":{row}")
                assert not SECRETS.search(direct) and OPEN not in direct, action
        assert len(set(asked)) == 1, (action, asked)
        assert not SECRETS.search(asked[0]) and OPEN not in asked[0], action
    await world.passes(seconds=5)
    assert everything(world) == before
    assert await world.log(3) == entries


def _filled(value: str | list[str]) -> dict[str, Any]:
    return {"type": 3, "values": value} if isinstance(value, list) else {"type": 4, "value": value}


async def test_no_reference_of_another_server_is_known(world: World, hidden: Hidden, elsewhere: Elsewhere) -> None:
    for command in SOME:
        if command not in TYPED:
            continue
        given = {key: elsewhere.mallory if key == "who" else value for key, value in TYPED[command].items()}
        asked = []
        for ref in ("inc-0001", "inc-0777", hidden.ref):
            asked.append(
                without(all_of(await elsewhere.mallory.slash(elsewhere.general, command, incident=ref, **given)), ref)
            )
        assert len(set(asked)) == 1, command
    assert await elsewhere.mallory.autocomplete(elsewhere.general, "incident show", "incident", "") == []
    assert "Website" not in all_of(await elsewhere.mallory.slash(elsewhere.general, "incident list"))


async def test_a_draft_of_somebody_else_stays_theirs(world: World, hidden: Hidden, elsewhere: Elsewhere) -> None:
    for row in (hidden.draft, NOBODYS_ID):
        shown = all_of(await elsewhere.presses(f"v1:draft.again:{row}"))
        assert "draft is gone" in shown and not SECRETS.search(shown)


async def test_the_roster_of_another_server_is_not_touched(world: World, hidden: Hidden, elsewhere: Elsewhere) -> None:
    """The server that a forged id names does not matter: it is the one in which it was pressed."""
    from sqlalchemy import func, select

    async def there() -> int:
        async with world.app.uow.read() as tx:
            query = select(func.count()).select_from(RosterEntry)
            kept = RosterEntry.until.is_(None) & (RosterEntry.guild_id == world.guild.id)
            return int(await tx.session.scalar(query.where(kept)) or 0)

    before = await there()
    for action in ("roster.take_off", "roster.people", "roster.leave", "roster.add_me"):
        for arg in ("", ":core"):
            await elsewhere.presses(f"v1:{action}:{world.guild.id}{arg}", (str(world.sam.id),))
    assert await there() == before
