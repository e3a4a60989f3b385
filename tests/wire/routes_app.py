"""Routes of the application itself: who am I, where is the gateway, which commands are there."""

from __future__ import annotations

from typing import Any

from tests.wire.actors import Json
from tests.wire.commands import check_command, check_commands
from tests.wire.form import Form
from tests.wire.refusals import Refusal
from tests.wire.rest import At, Handler


def gateway(at: At) -> Json:
    return {"url": at.server.gateway.url}


def gateway_bot(at: At) -> Json:
    left = 1000 - len(at.server.gateway.identifies)
    limit = {"total": 1000, "remaining": max(left, 0), "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": at.server.gateway.url, "shards": at.server.gateway.shards, "session_start_limit": limit}


def me(at: At) -> Json:
    return at.world.bot.payload() | {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}


def application(at: At) -> Json:
    owner = next(iter(at.world.guilds.values())).owner_id if at.world.guilds else at.world.bot.id
    return {
        "id": str(at.world.bot.id),
        "name": at.world.bot.name,
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": at.world.users[owner].payload(),
        "verify_key": "0" * 64,
        "flags": 0,
        "team": None,
        "bot": at.world.bot.payload(),
        "approximate_guild_count": len(at.world.bot_guilds()),
    }


def my_guilds(at: At) -> list[Json]:
    bot = at.world.bot
    found = sorted(at.world.bot_guilds(), key=lambda guild: guild.id)
    after, limit = int(at.call.query.get("after", 0)), int(at.call.query.get("limit", 200))
    return [
        {"id": str(guild.id), "name": guild.name, "icon": None, "owner": False, "features": [],
         "permissions": str(int(guild.permissions(bot)))}
        for guild in found if guild.id > after
    ][:limit]  # fmt: skip


# Commands ---------------------------------------------------------------------------------------------------------


def _scope(at: At) -> int | None:
    if at.call.params["application_id"] != str(at.world.bot.id):
        raise Refusal(50001)
    if "guild_id" not in at.call.params:
        return None
    guild = at.world.guilds.get(at.id("guild_id"))
    if guild is None or at.world.bot.id not in guild.members:
        raise Refusal(50001)
    return guild.id


def _in(at: At, scope: int | None) -> list[Json]:
    return [one for one in at.world.commands if one.get("guild_id") == (str(scope) if scope else None)]


def _stored(at: At, body: Json, scope: int | None, old: Json | None) -> Json:
    made: Json = {
        "id": old["id"] if old else str(at.world.snowflake()),
        "application_id": str(at.world.bot.id),
        "version": str(at.world.snowflake()),
        "type": 1,
        "description": "",
        "options": [],
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "nsfw": False,
        **{name: value for name, value in body.items() if value is not None},
    }
    if body.get("default_member_permissions") is not None:
        made["default_member_permissions"] = str(body["default_member_permissions"])
    if scope:
        made["guild_id"] = str(scope)
    return made


def list_commands(at: At) -> list[Json]:
    return _in(at, _scope(at))


def put_commands(at: At) -> list[Json]:
    """Replace all commands of a scope; a name that stays keeps its id."""
    scope = _scope(at)
    form = Form()
    check_commands(form, at.call.body)
    form.done()
    old = {(one["type"], one["name"]): one for one in _in(at, scope)}
    made = [_stored(at, body, scope, old.get((body.get("type") or 1, body["name"]))) for body in at.call.body]
    kept = [one for one in at.world.commands if one not in old.values()]
    at.world.commands = kept + made
    return made


def post_command(at: At) -> Json:
    scope = _scope(at)
    form = Form()
    check_command(form, "", at.body)
    form.done()
    kind = at.body.get("type") or 1
    old = next((one for one in _in(at, scope) if (one["type"], one["name"]) == (kind, at.body["name"])), None)
    made = _stored(at, at.body, scope, old)
    at.world.commands = [one for one in at.world.commands if one is not old] + [made]
    return made


def _one(at: At) -> Json:
    found = next((one for one in _in(at, _scope(at)) if one["id"] == at.call.params["command_id"]), None)
    if found is None:
        raise Refusal(10063)
    return found


def patch_command(at: At) -> Json:
    old = _one(at)
    made = {**old, **at.body}
    at.world.commands = [made if one is old else one for one in at.world.commands]
    return made


def delete_command(at: At) -> None:
    at.world.commands.remove(_one(at))


def _routes() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
        made |= {
            f"GET {scope}/commands": list_commands,
            f"PUT {scope}/commands": put_commands,
            f"POST {scope}/commands": post_command,
            f"GET {scope}/commands/{{command_id}}": _one,
            f"PATCH {scope}/commands/{{command_id}}": patch_command,
            f"DELETE {scope}/commands/{{command_id}}": delete_command,
        }
    return made


ROUTES: dict[str, Handler] = {
    "GET /gateway": gateway,
    "GET /gateway/bot": gateway_bot,
    "GET /users/@me": me,
    "GET /users/@me/guilds": my_guilds,
    "GET /oauth2/applications/@me": application,
    "GET /applications/@me": application,
    **_routes(),
}
