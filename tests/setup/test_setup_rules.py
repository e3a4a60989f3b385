"""The plan of a set-up, and the permissions, as rules."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from bot.kernel.checks import check, check_modal
from bot.setup import words
from bot.setup.cards import places_form, proposal, roles_form
from bot.setup.permissions import ADMINISTRATOR, ALL, MANAGE_ROLES, NEEDS, VIEW_CHANNEL, invite_link, missing, wanted
from bot.setup.rules import LEAVE, MAKE, PLACES, TEAMS, Choices, Current, Does, Thing, Trouble, plan
from bot.setup.seen import CATEGORY, TEXT, Right, Seen, SeenChannel, SeenRole, server_of
from tests.setup.samples import BOT, GUILD, OWN_ROLE, seen

VIEW = VIEW_CHANNEL
CLOSED = (Right(GUILD, 0, VIEW), Right(BOT, wanted(), 0))


def does(thing: Thing, now: Current, there: Seen, choices: Choices | None = None) -> Does:
    return plan(now, there, choices or Choices()).step(thing).does


def test_an_empty_server_gets_what_it_needs_and_no_team_role() -> None:
    found = plan(Current(), seen(), Choices())
    assert [step.does for step in found.steps[:4]] == [Does.MAKE] * 4
    assert all(found.step(thing).does is Does.LEAVE for thing in TEAMS)
    assert found.changes and not found.blocked


def test_what_is_there_by_name_is_used() -> None:
    there = seen(
        channels=[
            SeenChannel(1, "incidents", CATEGORY),
            SeenChannel(2, "Updates", TEXT),
            SeenChannel(3, "operations", TEXT, rights=CLOSED),
        ],
        roles=[SeenRole(4, "responders", 1), SeenRole(5, "Mods", 1)],
    )
    found = plan(Current(), there, Choices())
    assert {step.thing: step.id for step in found.steps if step.does is Does.USE} == {
        Thing.CATEGORY: 1,
        Thing.UPDATES: 2,
        Thing.OPERATIONS: 3,
        Thing.RESPONDER: 4,
        Thing.MODERATOR: 5,
    }


def test_open_operations_are_neither_taken_nor_accepted() -> None:
    there = seen(channels=[SeenChannel(3, "operations", TEXT)])
    step = plan(Current(), there, Choices()).step(Thing.OPERATIONS)
    assert (step.does, step.name) == (Does.MAKE, "incident-operations")
    chosen = plan(Current(), there, Choices({Thing.OPERATIONS: 3}))
    assert [one.trouble for one in chosen.blocked] == [Trouble.OPEN]


def test_what_is_set_up_stays_and_what_is_gone_is_made_again() -> None:
    there = seen(channels=[SeenChannel(1, "x", CATEGORY), SeenChannel(2, "y", TEXT)])
    now = Current({Thing.CATEGORY: 1, Thing.UPDATES: 2, Thing.OPERATIONS: 9}, version=3)
    assert does(Thing.CATEGORY, now, there) is Does.KEEP
    assert does(Thing.UPDATES, now, there) is Does.KEEP
    assert does(Thing.OPERATIONS, now, there) is Does.AGAIN


def test_a_hidden_channel_is_not_taken_for_gone() -> None:
    there = replace(seen(), hidden=frozenset({9}))
    found = plan(Current({Thing.OPERATIONS: 9}, version=1), there, Choices())
    assert found.step(Thing.OPERATIONS).does is Does.KEEP
    assert [one.trouble for one in found.blocked] == [Trouble.HIDDEN]


def test_a_role_that_everyone_has_or_that_is_a_bots_is_refused() -> None:
    there = seen(roles=[SeenRole(7, "Dyno", 1, managed=True, bot_id=77)])
    for role, trouble in ((GUILD, Trouble.EVERYONE), (7, Trouble.MANAGED), (404, Trouble.GONE)):
        found = plan(Current(), there, Choices({Thing.RESPONDER: role}))
        assert [one.trouble for one in found.blocked] == [trouble]


def test_one_channel_cannot_be_public_and_private() -> None:
    there = seen(channels=[SeenChannel(3, "team", TEXT, rights=CLOSED)])
    found = plan(Current(), there, Choices({Thing.UPDATES: 3, Thing.OPERATIONS: 3}))
    assert [one.trouble for one in found.blocked] == [Trouble.SAME]


def test_updates_that_not_everyone_reads_are_worth_knowing() -> None:
    there = seen(channels=[SeenChannel(3, "team", TEXT, rights=CLOSED)])
    found = plan(Current(), there, Choices({Thing.UPDATES: 3}))
    assert Trouble.CLOSED in {one.trouble for one in found.findings} and not found.blocked


def test_a_role_above_the_bots_is_worth_knowing_but_blocks_nothing() -> None:
    there = seen(roles=[SeenRole(7, "Responders", 99)])
    found = plan(Current(), there, Choices())
    assert Trouble.TOO_HIGH in {one.trouble for one in found.findings} and not found.blocked


def test_a_missing_permission_blocks_only_what_needs_it() -> None:
    weak = seen(bot_may=wanted() & ~MANAGE_ROLES)
    assert [one.names for one in plan(Current(), weak, Choices()).blocked] == [("Manage Roles",)]
    here = seen(
        channels=[
            SeenChannel(1, "a", CATEGORY),
            SeenChannel(2, "b", TEXT),
            SeenChannel(3, "c", TEXT, rights=CLOSED),
        ],
        roles=[SeenRole(4, "d", 1)],
        bot_may=wanted() & ~MANAGE_ROLES,
    )
    now = Current({Thing.CATEGORY: 1, Thing.UPDATES: 2, Thing.OPERATIONS: 3, Thing.RESPONDER: 4}, version=1)
    found = plan(now, here, Choices())
    assert not found.blocked and not found.changes


def test_going_without_a_role_and_making_one_are_choices() -> None:
    there = seen(roles=[SeenRole(5, "Security", 1)])
    now = Current({Thing.SECURITY: 5}, version=1)
    assert does(Thing.SECURITY, now, there, Choices({Thing.SECURITY: LEAVE})) is Does.LEAVE
    assert plan(now, there, Choices({Thing.SECURITY: LEAVE})).changes
    assert does(Thing.COMMS, now, there, Choices({Thing.COMMS: MAKE})) is Does.MAKE


@given(
    st.dictionaries(st.sampled_from(list(Thing)), st.one_of(st.integers(1, 9), st.just(MAKE), st.just(LEAVE))),
    st.dictionaries(st.sampled_from(list(Thing)), st.integers(1, 9)),
)
def test_choices_survive_a_draft_and_every_plan_can_be_shown(
    wishes: dict[Thing, int | str], ids: dict[Thing, int]
) -> None:
    choices = Choices(wishes, "Europe/Berlin")
    assert Choices.from_draft(choices.draft()) == choices
    name = "@everyone **x** " * 6
    there = seen(
        channels=[SeenChannel(n, name, CATEGORY if n % 2 else TEXT) for n in range(1, 5)],
        roles=[SeenRole(n, name, n, permissions=ADMINISTRATOR) for n in range(5, 8)],
    )
    found = plan(Current(ids, version=1), there, choices)
    assert {step.thing for step in found.steps} == set(Thing)
    payload = proposal(found, GUILD).payload()
    assert not check(payload)
    assert all(field["value"] for embed in payload["embeds"] for field in embed["fields"])
    assert "@everyone" not in str(payload)


def test_nothing_is_left_to_do_after_the_plan_was_done() -> None:
    made = plan(Current(), seen(), Choices())
    ids = {step.thing: 100 + n for n, step in enumerate(made.steps) if step.does.makes}
    there = seen(
        channels=[
            SeenChannel(ids[one], "x", CATEGORY if one is Thing.CATEGORY else TEXT, rights=CLOSED) for one in PLACES
        ],
        roles=[SeenRole(ids[Thing.RESPONDER], "Responders", 1)],
    )
    assert not plan(Current(ids, version=1), there, Choices()).changes


def test_rights_in_a_channel_follow_discords_order() -> None:
    channel = SeenChannel(
        3,
        "x",
        TEXT,
        rights=(Right(GUILD, 0, VIEW), Right(OWN_ROLE, VIEW, 0), Right(BOT, 0, 1 << 11)),
    )
    held = seen().held_in(channel)
    assert held & VIEW and not held & (1 << 11)
    hidden = SeenChannel(3, "x", TEXT, rights=(Right(OWN_ROLE, VIEW, 0), Right(BOT, 0, VIEW)))
    assert seen().held_in(hidden) == 0


def test_forms_show_what_is_chosen() -> None:
    shown = places_form({Thing.UPDATES: 7}, "Europe/Berlin", GUILD).payload()
    assert [one["component"]["custom_id"] for one in shown["components"]] == [
        "category",
        "updates",
        "operations",
        "zone",
    ]
    assert shown["components"][1]["component"]["default_values"] == [{"id": "7", "type": "channel"}]
    roles = roles_form({}, GUILD).payload()
    assert len(roles["components"]) == 5
    assert not check_modal(shown) and not check_modal(roles)


def test_the_invite_asks_for_exactly_what_is_listed_and_never_for_administrator() -> None:
    query = parse_qs(urlsplit(invite_link(42)).query)
    bits = int(query["permissions"][0])
    assert query["client_id"] == ["42"] and query["scope"] == ["bot applications.commands"]
    assert bits == sum({need.permission.bit for need in NEEDS})
    assert not bits & ADMINISTRATOR
    assert missing(0) == ALL and missing(ADMINISTRATOR) == () and missing(bits) == ()


def test_every_trouble_and_refusal_is_a_sentence_with_a_remedy() -> None:
    for thing in (*Thing, None):
        for code in (50013, 50001, 30013, 30005, 10003, 10007, 10011, 1):
            said = words.refusal("setup.make", thing, code)
            assert said.startswith("Vigil could not ") and said.endswith(".") and "!" not in said


def test_discords_json_is_read() -> None:
    found = server_of(
        {
            "id": "1",
            "owner_id": "2",
            "name": "S",
            "roles": [{"id": "5", "name": "r", "permissions": "8", "position": 3}],
        },
        [
            {
                "id": "7",
                "name": "c",
                "type": 0,
                "permission_overwrites": [{"id": "1", "type": 0, "allow": "0", "deny": "1024"}],
            }
        ],
        {"roles": ["5"]},
        own_id=9,
    )
    assert found.own_roles == {1, 5} and found.channels[7].rights[0].deny == VIEW
    assert not found.open_to_everyone(found.channels[7])
