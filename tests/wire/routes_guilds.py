"""Routes of servers: the server, its roles and members, and making channels in it."""

from __future__ import annotations

from typing import Any

from tests.wire.actors import Json, Member, Role
from tests.wire.bits import ALL, NONE, THREADS, Overwrite, P, in_guild
from tests.wire.calls import Answer
from tests.wire.form import Form
from tests.wire.places import Channel, Guild
from tests.wire.refusals import Refusal
from tests.wire.rest import At, Handler

CHANNEL_FIELDS = {
    *("name", "type", "topic", "parent_id", "permission_overwrites", "position", "rate_limit_per_user", "nsfw"),
    *("default_auto_archive_duration", "default_thread_rate_limit_per_user"),
}
ROLE_FIELDS = {"name", "permissions", "color", "colors", "hoist", "mentionable", "icon", "unicode_emoji"}
IN_CATEGORY, IN_GUILD, ROLES = 50, 500, 250


def guild_of(at: At) -> Guild:
    """The server of the path. Raises Refusal where the bot is not in it, or it is down."""
    guild = at.world.guilds.get(at.id("guild_id"))
    if guild is None or at.world.bot.id not in guild.members:
        raise Refusal(10004)
    if not guild.available:
        raise Refusal(0, status=503, message="Guild is unavailable")
    return guild


def _need(at: At, guild: Guild, needed: P) -> Member:
    member = guild.members[at.world.bot.id]
    if in_guild(guild, member) & needed != needed:
        raise Refusal(50013)
    return member


def get_guild(at: At) -> Json:
    guild = guild_of(at)
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return guild.payload() | (counts if at.call.query.get("with_counts") in ("1", "true") else {})


def get_channels(at: At) -> list[Json]:
    """What the bot may view; the rest is left out."""
    guild = guild_of(at)
    return [one.payload() for one in guild.plain_channels if one.can_see(at.world.bot)]


def get_active_threads(at: At) -> Json:
    guild = guild_of(at)
    threads = [one for one in guild.channels.values() if one.type in THREADS and not one.archived]
    return {"threads": [one.payload() for one in threads if one.can_see(at.world.bot)], "members": []}


# Channels ---------------------------------------------------------------------------------------------------------


def check_channel(form: Form, body: Json, kind: int) -> None:
    """Lengths and counts of a channel's fields."""
    if "name" in body:
        form.text("name", body["name"], 100, 1)
    form.text("topic", body.get("topic"), 4096 if kind == 15 else 1024)
    form.number("rate_limit_per_user", body.get("rate_limit_per_user"), 0, 21600)
    for n, one in enumerate(form.listed("permission_overwrites", body.get("permission_overwrites"), 1000)):
        at = f"permission_overwrites.{n}"
        if form.known(at, one, {"id", "type", "allow", "deny"}, {"id"}):
            form.snowflake(f"{at}.id", one.get("id"))
            for side in ("allow", "deny"):
                if not str(one.get(side) or 0).isdigit():
                    form.wrong(f"{at}.{side}", "must be a number in a string")


def read_overwrites(guild: Guild, body: Any, known: set[int]) -> dict[int, Overwrite]:
    """Overwrites of a body. Raises Refusal (50035) for a role that is not the server's, or an unknown person."""
    form = Form()
    made: dict[int, Overwrite] = {}
    for n, one in enumerate(body or []):
        target, member = int(one["id"]), int(one.get("type") or 0) == 1
        if target not in (known if member else guild.roles):
            form.wrong(f"permission_overwrites.{n}.id", f"no such {'person' if member else 'role'}: {target}")
        allow, deny = P(int(one.get("allow") or 0) & int(ALL)), P(int(one.get("deny") or 0) & int(ALL))
        made[target] = Overwrite(target, member, allow, deny)
    form.done()
    return made


def check_held(held: P, overwrites: dict[int, Overwrite], before: dict[int, Overwrite] | None = None) -> None:
    """The bot may allow and deny only what it holds, MANAGE_ROLES only as administrator. Raises Refusal (50013)."""
    if held & P.ADMINISTRATOR:
        return
    touched = NONE
    for target, one in overwrites.items():
        old = (before or {}).get(target) or Overwrite(target, one.member)
        touched |= (one.allow ^ old.allow) | (one.deny ^ old.deny)
    if touched & ~held or touched & P.MANAGE_ROLES:
        raise Refusal(50013)


def check_parent(guild: Guild, parent_id: Any, held_needed: P, at: At) -> Channel | None:
    """The category of a body. Raises Refusal where it is none, hidden, not manageable or full."""
    if parent_id is None:
        return None
    parent = guild.channels.get(int(parent_id))
    form = Form()
    if parent is None or parent.type != 4:
        form.wrong("parent_id", "the category does not exist")
        form.done()
    assert parent is not None
    held = parent.permissions(at.world.bot)
    if not held & P.VIEW_CHANNEL:
        raise Refusal(50001)
    if held & held_needed != held_needed:
        raise Refusal(50013)
    return parent


def check_room(guild: Guild, parent: Channel | None) -> None:
    """A category holds fifty. Raises Refusal (50035)."""
    if parent and sum(one.parent_id == parent.id for one in guild.channels.values()) >= IN_CATEGORY:
        form = Form()
        form.wrong("parent_id", f"Maximum number of channels in category reached ({IN_CATEGORY})")
        form.done()


def post_channel(at: At) -> Answer:
    guild, body = guild_of(at), at.body
    form = Form()
    form.known("", body, CHANNEL_FIELDS, {"name"})
    kind = body.get("type") or 0
    check_channel(form, body, kind)
    if kind not in (0, 2, 4, 5):
        form.wrong("type", f"cannot make a channel of type {kind}")
    form.done()
    _need(at, guild, P.MANAGE_CHANNELS)
    parent = check_parent(guild, body.get("parent_id"), P.MANAGE_CHANNELS, at)
    if len(guild.plain_channels) >= IN_GUILD:
        raise Refusal(30013)
    check_room(guild, parent)
    made = Channel(at.world.snowflake(), kind, guild, normal_name(body["name"], kind), body.get("topic") or None)
    made.parent_id, made.slowmode = parent.id if parent else None, body.get("rate_limit_per_user") or 0
    made.position = body.get("position") or 0
    if body.get("permission_overwrites") is not None:
        made.overwrites = read_overwrites(guild, body["permission_overwrites"], set(at.world.users))
        check_held(in_guild(guild, guild.members[at.world.bot.id]), made.overwrites)
    elif parent:
        made.overwrites = dict(parent.overwrites)
    at.world.add_channel(made)
    return Answer(201, made.payload())


def normal_name(name: str, kind: int) -> str:
    """Text channels have lower-case names without spaces."""
    return name if kind in (2, 4) else "-".join(name.lower().split())


# Roles and members ------------------------------------------------------------------------------------------------


def get_roles(at: At) -> list[Json]:
    return [role.payload() for role in guild_of(at).roles.values()]


def _role_body(at: At, guild: Guild, role: Role) -> None:
    form = Form()
    if form.known("", at.body, ROLE_FIELDS) and "name" in at.body:
        form.text("name", at.body["name"], 100, 1)
    form.done()
    if at.body.get("permissions") is not None:
        wanted = P(int(at.body["permissions"]) & int(ALL))
        if wanted & ~guild.permissions(at.world.bot):
            raise Refusal(50013)
        role.permissions = wanted
    role.name = at.body.get("name", role.name)
    role.mentionable = bool(at.body.get("mentionable", role.mentionable))
    role.hoist = bool(at.body.get("hoist", role.hoist))
    role.colour = at.body.get("color", role.colour) or 0


def post_role(at: At) -> Json:
    guild = guild_of(at)
    _need(at, guild, P.MANAGE_ROLES)
    if len(guild.roles) >= ROLES:
        raise Refusal(30005)
    draft = Role(0, "new role")
    _role_body(at, guild, draft)
    made = at.world.role(guild, draft.name, draft.permissions, mentionable=draft.mentionable)
    made.colour, made.hoist = draft.colour, draft.hoist
    return made.payload()


def _role(at: At) -> tuple[Guild, Role]:
    """A role that the bot may handle: below its own highest."""
    guild = guild_of(at)
    role = guild.roles.get(at.id("role_id"))
    if role is None:
        raise Refusal(10011)
    member = _need(at, guild, P.MANAGE_ROLES)
    if role.position >= guild.top(member):
        raise Refusal(50013)
    return guild, role


def patch_role(at: At) -> Json:
    guild, role = _role(at)
    _role_body(at, guild, role)
    return role.payload()


def delete_role(at: At) -> None:
    guild, role = _role(at)
    if role.managed or role.id == guild.id:
        raise Refusal(50028)
    at.world.delete_role(guild, role)


def _member(at: At, guild: Guild) -> Member:
    user_id = at.id("user_id")
    if user_id not in guild.members:
        raise Refusal(10007 if user_id in at.world.users else 10013)
    return guild.members[user_id]


def get_member(at: At) -> Json:
    return _member(at, guild_of(at)).payload()


def put_member_role(at: At) -> None:
    guild, role = _role(at)
    member = _member(at, guild)
    if role.managed or role.id == guild.id:
        raise Refusal(50013)
    roles = [guild.roles[one] for one in member.roles if one in guild.roles and one != role.id]
    at.world.set_roles(guild, member.user, [*roles, role] if at.call.method == "PUT" else roles)


def get_user(at: At) -> Json:
    user = at.world.users.get(at.id("user_id"))
    if user is None:
        raise Refusal(10013)
    return user.payload()


ROUTES: dict[str, Handler] = {
    "GET /guilds/{guild_id}": get_guild,
    "GET /guilds/{guild_id}/channels": get_channels,
    "POST /guilds/{guild_id}/channels": post_channel,
    "GET /guilds/{guild_id}/threads/active": get_active_threads,
    "GET /guilds/{guild_id}/roles": get_roles,
    "POST /guilds/{guild_id}/roles": post_role,
    "PATCH /guilds/{guild_id}/roles/{role_id}": patch_role,
    "DELETE /guilds/{guild_id}/roles/{role_id}": delete_role,
    "GET /guilds/{guild_id}/members/{user_id}": get_member,
    "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}": put_member_role,
    "DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}": put_member_role,
    "GET /users/{user_id}": get_user,
}
