"""The doctor: what it says of a server, of a store, of a token, and what it never prints."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from discord.http import Route

from bot import doctor
from bot.backup.shelf import Shelf
from bot.doctor import backups
from bot.doctor.lines import Line, Mark, for_terminal, sick
from bot.doctor.run import check_database, examine_server
from bot.doctor.server import People, examine
from bot.kernel.clock import SystemClock
from bot.oncall import store as oncall
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.settings import Settings, load_settings
from bot.setup.permissions import ADMINISTRATOR, NEEDS, VIEW_CHANNEL, invite_link, wanted
from bot.setup.rules import Current, Thing
from bot.setup.seen import CATEGORY, TEXT, Right, Seen, SeenChannel, SeenRole
from bot.storage import UnitOfWork, migrate, open_engines
from tests.setup.samples import BOT, GUILD, OWN_ROLE, seen
from tests.stores import MONDAY
from tests.world import World, copy_of

TOKEN = "MTAwMg.secret.words-that-must-not-show"
CLOSED = (Right(GUILD, 0, VIEW_CHANNEL), Right(BOT, wanted(), 0))
READY = Current({Thing.CATEGORY: 1, Thing.UPDATES: 2, Thing.OPERATIONS: 3, Thing.RESPONDER: 4}, version=1)


def server(*roles: SeenRole, operations: tuple[Right, ...] = CLOSED, **more: Any) -> Seen:
    return seen(
        channels=[
            SeenChannel(1, "Incidents", CATEGORY, rights=CLOSED),
            SeenChannel(2, "updates", TEXT),
            SeenChannel(3, "operations", TEXT, rights=operations),
        ],
        roles=[*(roles or (SeenRole(4, "Responders", 1, mentionable=True),))],
        **more,
    )


def wrong(lines: list[Line]) -> list[str]:
    return [f"{one.words} {one.remedy}" for one in lines if one.mark is Mark.FIX]


def test_a_server_in_order_needs_nothing() -> None:
    lines = examine(READY, server(), People(3, 2))
    assert not sick(lines)
    assert any("seen by the server's owner" in one.words for one in lines)


def test_a_server_that_was_never_set_up_is_sent_to_setup() -> None:
    assert any("/setup" in one for one in wrong(examine(Current(), seen(), People(0, 0))))


def test_a_missing_permission_is_named_with_its_reason_and_place() -> None:
    for need in NEEDS:
        lacking = server(bot_may=wanted() & ~need.permission.bit, everyone_may=0)
        said = "\n".join(wrong(examine(READY, lacking, People(3, 2))))
        assert need.permission.name in said and need.why in said and "Server Settings › Roles › Vigil" in said


def test_a_role_that_cannot_be_pinged_is_told() -> None:
    said = wrong(examine(READY, server(SeenRole(4, "Responders", 1)), People(3, 2)))
    assert len(said) == 1 and "Allow anyone to @mention this role" in said[0]


def test_what_was_deleted_hidden_opened_or_closed_is_told() -> None:
    gone = Current({**READY.ids, Thing.UPDATES: 99}, version=1)
    assert "it was deleted" in wrong(examine(gone, server(), People(3, 2)))[0]
    assert "#operations" in wrong(examine(READY, server(operations=()), People(3, 2)))[0]
    deaf = (*CLOSED[:1], Right(BOT, 0, VIEW_CHANNEL))
    assert "View Channels" in wrong(examine(READY, server(operations=deaf), People(3, 2)))[0]


def test_nobody_on_the_roster_or_on_call_is_told() -> None:
    said = "\n".join(wrong(examine(READY, server(), People(0, 0))))
    assert "Who responds?" in said and "/oncall rotation" in said
    assert not sick(examine(READY, server(), People(1, 1)))


def test_who_sees_private_rooms_is_a_warning_people_and_bots_apart() -> None:
    admins = (
        SeenRole(4, "Responders", 1, mentionable=True),
        SeenRole(8, "Admin", 60, permissions=ADMINISTRATOR),
        SeenRole(9, "Dyno", 61, permissions=ADMINISTRATOR, managed=True, bot_id=77),
    )
    lines = examine(READY, server(*admins), People(3, 2))
    notes = [one.words for one in lines if one.mark is Mark.NOTE]
    assert any("@Admin" in one and "Dyno" not in one for one in notes)
    assert any("bots with Administrator: Dyno" in one for one in notes)
    assert not sick(lines)


def test_sentences_for_discord_are_readable_on_a_terminal() -> None:
    assert for_terminal("**Give** <#2> to <@&4>, \\*now\\*\x1b", server()) == "Give #updates to @Responders, *now*"


async def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none" / "vigil.db"
    lines, usable = await check_database(settings(tmp_path, file))
    assert not usable and not sick(lines) and not file.parent.exists()


async def test_an_old_schema_and_an_unreachable_store_are_told_without_secrets(tmp_path: Path) -> None:
    old = tmp_path / "vigil.db"
    old.touch()
    lines, usable = await check_database(settings(tmp_path, old))
    assert not usable and "python -m bot migrate" in wrong(lines)[0]
    far = load_settings({"VIGIL_DATABASE__URL": "postgresql+asyncpg://vigil:hunter2@127.0.0.1:1/vigil"}, tmp_path)
    lines, usable = await check_database(far)
    assert not usable and sick(lines) and "hunter2" not in str(lines)


def settings(folder: Path, file: Path, **more: str) -> Settings:
    return load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{file}", **more}, folder)


def _json(data: Any, status: int = 200) -> web.Response:
    """As Discord labels it, without a charset."""
    return web.Response(body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json"})


class SmallDiscord:
    """The few addresses that the doctor asks, over real sockets."""

    def __init__(self) -> None:
        me = {"id": str(BOT), "username": "Vigil", "discriminator": "0000", "avatar": None, "bot": True}
        app = {"id": str(BOT), "name": "Vigil", "description": "", "icon": None, "bot_public": True, "flags": 0}
        app |= {"bot_require_code_grant": False, "verify_key": "0" * 64, "owner": me, "team": None, "summary": ""}
        everyone = {"id": str(GUILD), "name": "@everyone", "permissions": str(VIEW_CHANNEL), "position": 0}
        own = {"id": str(OWN_ROLE), "name": "Vigil", "permissions": str(wanted()), "position": 5, "managed": True}
        own["tags"] = {"bot_id": str(BOT)}
        self.guild: dict[str, Any] = {"id": str(GUILD), "name": "Terra", "owner_id": "1", "roles": [everyone, own]}
        self.channels: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {
            "/users/@me": me,
            "/oauth2/applications/@me": app,
            f"/guilds/{GUILD}": self.guild,
            f"/guilds/{GUILD}/channels": self.channels,
            f"/guilds/{GUILD}/members/{BOT}": {"roles": [str(OWN_ROLE)], "user": me},
        }
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/api/v10")
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return _json({"code": 0, "message": "401: Unauthorized"}, 401)
        if path == "/users/@me/guilds":
            listed = [{"id": str(GUILD), "name": "Terra", "icon": None, "owner": False, "permissions": "0"}]
            return _json([{**listed[0], "features": []}])
        if path not in self.answers:
            return _json({"code": 10003, "message": "Unknown Channel"}, 404)
        return _json(self.answers[path])


@pytest.fixture
async def discord_here() -> AsyncIterator[SmallDiscord]:
    here = SmallDiscord()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", here.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    here.port = runner.addresses[0][1]
    yield here
    await runner.cleanup()


@pytest.fixture
def ready(tmp_path: Path, template: Path, discord_here: SmallDiscord) -> Settings:
    copy_of(template, tmp_path)
    more = {
        "VIGIL_DISCORD__TOKEN": TOKEN,
        "VIGIL_DISCORD__API_BASE": f"http://127.0.0.1:{discord_here.port}/api/v10",
    }
    return settings(tmp_path, tmp_path / "vigil.db", **more)


@pytest.fixture(autouse=True)
def restored_base() -> Iterator[None]:
    before = Route.BASE
    yield
    Route.BASE = before


async def test_it_walks_through_everything_over_real_sockets(
    ready: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await doctor.run(ready) == 1
    out = capsys.readouterr().out
    for part in (
        "settings: read",
        "schema:",
        "token: Discord took it",
        "none of them is privileged",
        "Terra",
        "/setup",
    ):
        assert part in out
    assert "secret" not in out


async def test_a_server_in_order_ends_with_zero(
    ready: Settings, discord_here: SmallDiscord, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = [{"id": str(GUILD), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    own = [{"id": str(BOT), "type": 1, "allow": str(wanted()), "deny": "0"}]
    discord_here.channels += [
        {"id": "1", "name": "Incidents", "type": 4, "permission_overwrites": own},
        {"id": "2", "name": "updates", "type": 0, "permission_overwrites": own},
        {"id": "3", "name": "operations", "type": 0, "permission_overwrites": [*hidden, *own]},
    ]
    role = {"id": "4", "name": "Responders", "permissions": "0", "position": 1, "mentionable": True}
    discord_here.guild["roles"].append(role)
    engines = open_engines(ready.database.url)
    async with UnitOfWork(engines, SystemClock())() as tx:
        await servers.change_settings(
            tx,
            GUILD,
            person_id=None,
            category_id=1,
            updates_channel_id=2,
            operations_channel_id=3,
            roles={"responder": 4},
        )
        await servers.enrol(tx, GUILD, 50, Standing.RESPONDER)
        await oncall.put_rotation(tx, GUILD, [50, 51])
    await engines.close()
    code = await doctor.run(ready)
    out = capsys.readouterr().out
    assert code == 0, out
    assert "FIX" not in out and "Rotation: 2 take turns" in out


async def test_a_refused_token_is_told_and_never_shown(ready: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    bad = ready.model_copy(update={"discord": ready.discord.model_copy(update={"token": None})})
    assert await doctor.run(bad) == 2
    other = load_settings(
        {
            "VIGIL_DISCORD__TOKEN": "another.secret.one",
            "VIGIL_DISCORD__API_BASE": ready.discord.api_base,
            "VIGIL_DATABASE__URL": ready.database.url,
        },
        Path("/nowhere"),
    )
    assert await doctor.run(other) == 4
    out = capsys.readouterr().out
    assert "VIGIL_DISCORD__TOKEN" in out and "Discord refused it" in out and "secret" not in out


async def test_an_old_schema_ends_with_three(ready: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await migrate.downgrade(ready.database.url, "base")
    assert await doctor.run(ready) == 3
    assert "python -m bot migrate" in capsys.readouterr().out


async def test_the_invite_explains_each_permission(ready: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await doctor.run(ready, invite=True) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == invite_link(BOT)
    assert all(need.permission.name in out and need.why in out for need in NEEDS)


async def test_it_looks_at_a_simulated_server_too(world: World) -> None:
    client = world.app.client
    assert client.user is not None
    with world.env.time_context():
        lines = await examine_server(world.app.uow, client.http, world.guild.id, own_id=client.user.id)
    said = "\n".join(wrong(lines))
    assert "Category for incident rooms: none is chosen." in said
    assert "Everyone can read #operations" in said


async def test_backups_that_are_missing_or_old(template: Path, tmp_path: Path) -> None:
    copy_of(template, tmp_path)
    store = tmp_path / template.name
    settings = load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{store}"}, tmp_path)
    off = load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{store}", "VIGIL_BACKUP__DAILY": "no"}, tmp_path)
    assert not sick(backups.examine(settings, MONDAY)) and sick(backups.examine(off, MONDAY))
    Shelf(store, tmp_path / "backups").make(MONDAY)

    assert not sick(backups.examine(settings, MONDAY + timedelta(hours=47)))
    assert any("too long ago" in one for one in wrong(backups.examine(settings, MONDAY + timedelta(days=2))))


async def test_a_damaged_database_is_told_with_the_backup_to_restore(template: Path, tmp_path: Path) -> None:
    copy_of(template, tmp_path)
    store = tmp_path / template.name
    made = Shelf(store, tmp_path / "backups").make(MONDAY)
    store.write_bytes(b"no database any more")
    lines, usable = await check_database(
        load_settings({"VIGIL_DATABASE__URL": f"sqlite+aiosqlite:///{store}"}, tmp_path)
    )

    assert not usable and any(f"python -m bot restore {made.path}" in one for one in wrong(lines))
