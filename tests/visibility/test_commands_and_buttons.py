"""Whoever is not in a private case gets the answer of what does not exist: by command, button, form and picker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from discord import app_commands

from bot.incidents.service.coordinate import MESSAGE_DRAFT
from bot.servers import words
from tests.visibility.attacker import (
    NOBODYS_ID,
    NOBODYS_REF,
    REFERENCE,
    SECRETS,
    Hidden,
    all_of,
    arrange_hidden,
    outsiders,
    presses,
    submits,
    without,
)
from tests.world import World, said

# What a command needs besides the incident. A new command without a row here fails the first test.
TYPED: dict[str, dict[str, Any]] = {
    "incident log": {"entry": "Looking at it"},
    "incident acknowledge": {},
    "incident join": {},
    "incident add": {"who": "erin"},
    "incident tagout": {},
    "incident done": {"what": "duty:assess"},
    "incident page": {"who": "erin"},
    "incident severity": {"severity": "SEV-0", "reason": "More"},
    "incident kind": {"kind": "outage"},
    "incident status": {"status": "identified"},
    "incident impact": {},
    "incident title": {"title": "Something else"},
    "incident lead": {"who": "erin", "notes": "n"},
    "incident cancel": {},
    "incident reopen": {},
    "incident show": {},
    "incident export": {},
    "incident resolve": {},
    "incident correct": {},
    "update": {},
}
OTHER = {
    "incident declare": {"title": "Zanzibar keys leaked", "severity": "SEV-1", "kind": "outage"},
    "incident list": {},
    "incident due": {},
    "incident report": {},
    "incident duplicate": {"of": "inc-0001"},
    "oncall who": {},
    "oncall schedule": {},
    "oncall rotation": {},
    "oncall roster": {},
    "oncall zone": {"zone": "Berlin"},
    "setup": {},
}

SEVERITY: dict[str, str | list[str]] = {"severity": ["SEV-0"], "reason": "More"}
UPDATE: dict[str, str | list[str]] = {
    "status": ["identified"],
    "known": "Fine",
    "affected": "",
    "advice": "",
    "next": "",
}
# Action → the table of its subject, and what a select or form of it sends.
BY_INCIDENT = "incident"
ROUTES: dict[str, tuple[str, Any]] = {
    **{
        f"incident.{name}": (BY_INCIDENT, None)
        for name in (
            *("acknowledge", "decline", "join", "tag_out", "take_lead", "reopen", "new_room", "done"),
            *("log", "severity", "impact", "lead"),
        )
    },
    "incident.page": (BY_INCIDENT, ("4242",)),
    "incident.tick": (BY_INCIDENT, ("down",)),
    "incident.log_form": (BY_INCIDENT, {"entry": "Looking", "at": ""}),
    "incident.severity_form": (BY_INCIDENT, SEVERITY),
    "incident.impact_form": (BY_INCIDENT, {"down": "All"}),
    "incident.title_form": (BY_INCIDENT, {"title": "Something else"}),
    "incident.cancel_form": (BY_INCIDENT, {"reason": "None"}),
    "incident.lead_form": (BY_INCIDENT, {"to": ["4242"], "notes": ""}),
    "incident.lead_accept": ("handoff", None),
    "incident.lead_decline": ("handoff", None),
    "report.declare": ("report", None),
    "report.dismiss": ("report", None),
    "effect.retry": ("effect", None),
    "draft.again": ("draft", None),
    "incident.add_message": ("draft", ("1",)),
    "update.open": (BY_INCIDENT, None),
    "update.publish": (BY_INCIDENT, None),
    "update.first": (BY_INCIDENT, None),
    "update.no_change": (BY_INCIDENT, None),
    "update.correct": (BY_INCIDENT, None),
    "update.form": (BY_INCIDENT, UPDATE),
    "update.confirm_gap": ("update", None),
    "update.correct_form": ("update", {"known": "Better"}),
    "resolve.open": (BY_INCIDENT, None),
    "resolve.write": (BY_INCIDENT, None),
    "resolve.publish": (BY_INCIDENT, None),
    "resolve.tick": (BY_INCIDENT, ("smoke_test",)),
    "resolve.form": (BY_INCIDENT, {"cause": "c", "fix": "f", "impact": "", "data": ""}),
}
# Actions that name no incident: the subject is the server, the person's own draft, or nothing.
WITHOUT_SUBJECT = (
    "incident.declare_form",
    "incident.declare_again",
    "incident.declare_anyway",
    "incident.practice",
    "incident.report_form",
    "oncall.",
    "setup.",
    "roster.",
)

# The secondary and the core team stand outside as alice does; a few tries show that their rights open nothing more.
LIKE_ALICE = ("carol", "dave")
SOME = (
    *("incident show", "incident join", "incident acknowledge", "incident lead", "incident export"),
    *("incident.acknowledge", "incident.join", "incident.take_lead", "update.open", "effect.retry", "report.declare"),
)


def commands(world: World) -> Iterator[app_commands.Command[Any, ..., Any]]:
    """Every slash command of the bot as it runs."""
    for one in world.app.client.tree.walk_commands():
        if isinstance(one, app_commands.Command):
            yield one


def routes(world: World) -> dict[str, Any]:
    """Every action that the router knows."""
    return dict(world.app.client._on_component.__self__.routes)  # type: ignore[attr-defined]


@pytest.fixture
async def hidden(world: World) -> Hidden:
    return await arrange_hidden(world)


def test_every_command_is_tried_here(world: World) -> None:
    missing = {one.qualified_name for one in commands(world)} - set(TYPED) - set(OTHER)
    assert not missing, f"add to TYPED (with an option `incident`) or OTHER what an attacker would type: {missing}"


def test_every_button_and_form_is_tried_here(world: World) -> None:
    missing = {one for one in routes(world) if one not in ROUTES and not one.startswith(WITHOUT_SUBJECT)}
    assert not missing, f"add to ROUTES whose row their subject is and what they send: {missing}"


async def test_commands_answer_as_for_what_does_not_exist(world: World, hidden: Hidden) -> None:
    general = world.channels["general"]
    for name, who in (await outsiders(world)).items():
        for command, typed in TYPED.items():
            if name in LIKE_ALICE and command not in SOME:
                continue
            given = {key: world.people.get(value, value) for key, value in typed.items()}
            asked = []
            for ref in (hidden.ref, NOBODYS_REF):
                shown = await who.slash(general, command, incident=ref, **given)
                asked.append(without(all_of(shown), ref))
            assert asked[0] == asked[1], f"/{command} by {name}"
            assert not SECRETS.search(asked[0]), f"/{command} by {name}: {asked[0]}"
            assert not REFERENCE.search(asked[0])
    assert (await world.incident(hidden.incident)).severity == "SEV-1"


async def test_commands_without_an_incident_show_nothing_of_it(world: World, hidden: Hidden) -> None:
    general = world.channels["general"]
    for name, who in (await outsiders(world)).items():
        for command in ("incident list", "incident due", "oncall roster", "oncall who", "oncall schedule"):
            shown = all_of(await who.slash(general, command))
            assert not SECRETS.search(shown) and not REFERENCE.search(shown), f"/{command} by {name}: {shown}"
        if name in ("alice", "erin"):
            empty = said(await who.slash(general, "incident list"))
            assert "No incident is open" in empty


async def test_a_similar_title_of_a_private_case_is_no_hint(world: World, hidden: Hidden) -> None:
    shown = await world.alice.slash(
        world.channels["general"], "incident declare", title="Zanzibar keys leaked", severity="SEV-1", kind="outage"
    )
    assert "Declared: **inc-0001" in said(shown), "and the numbers have no gap"


async def test_a_private_case_is_no_target_of_a_duplicate(world: World, hidden: Hidden) -> None:
    room = await world.declare(world.alice, "Website is down")
    asked = [
        without(all_of(await world.alice.slash(room, "incident duplicate", of=ref)), ref)
        for ref in (hidden.ref, NOBODYS_REF)
    ]
    assert asked[0] == asked[1] and "cancelled" not in asked[0]


async def test_pickers_offer_nothing_of_it(world: World, hidden: Hidden) -> None:
    general = world.channels["general"]
    tried = 0
    typed_in = ("", "case", "zanz", "leak", "%", "_", hidden.ref)
    for name, who in (await outsiders(world)).items():
        for command in commands(world):
            for option in command.parameters:
                if not option.autocomplete or option.name == "zone":
                    continue
                for text in typed_in if name == "alice" else typed_in[:2]:
                    given = {"incident": hidden.ref} if option.name == "what" else {}
                    found = await who.autocomplete(general, command.qualified_name, option.name, text, **given)
                    assert found == [], f"/{command.qualified_name} {option.name} by {name}: {found}"
                    tried += 1
    assert tried > 50


async def test_forged_buttons_and_forms_answer_as_for_what_does_not_exist(world: World, hidden: Hidden) -> None:
    for name, who in (await outsiders(world)).items():
        for action, (table, sent) in ROUTES.items():
            if name in LIKE_ALICE and action not in SOME:
                continue
            asked = []
            for row in (getattr(hidden, table), NOBODYS_ID):
                arg = ":assess" if action == "incident.done" else ""
                custom_id = f"v1:{action}:{row}{arg}"
                if isinstance(sent, dict):
                    shown = await submits(world, who, custom_id, sent)
                elif sent:
                    shown = await presses(world, who, custom_id, values=sent, kind=3)
                else:
                    shown = await presses(world, who, custom_id)
                asked.append(without(all_of(shown), f":{row}"))
            assert asked[0] == asked[1], f"{action} by {name}"
            assert not SECRETS.search(asked[0]) and not REFERENCE.search(asked[0]), f"{action} by {name}: {asked[0]}"


async def test_a_stuck_message_of_a_private_report_is_not_touched_by_others(world: World, hidden: Hidden) -> None:
    for name, who in (await outsiders(world)).items():
        asked = [
            without(all_of(await presses(world, who, f"v1:effect.retry:{row}")), f":{row}")
            for row in (hidden.report_effect, NOBODYS_ID)
        ]
        assert asked[0] == asked[1], name


async def test_a_message_is_not_put_into_a_log_that_one_may_not_see(world: World, hidden: Hidden) -> None:
    async with world.app.uow() as tx:
        kept = await words.save_draft(
            tx,
            guild_id=world.guild.id,
            user_id=world.dave.id,
            purpose=MESSAGE_DRAFT,
            subject="1",
            data={"text": "Mine", "author_id": 1, "channel_id": 2, "message_id": 3},
        )
    asked = [
        without(all_of(await presses(world, world.dave, f"v1:incident.add_message:{kept}", values=(str(row),), kind=3)))
        for row in (hidden.incident, NOBODYS_ID)
    ]
    assert asked[0] == asked[1]
    message = await world.erin.send(world.channels["general"], "The site is slow")
    shown = all_of(await world.alice.context_menu(world.channels["general"], "Add to incident log", message))
    assert "No incident is open that you can see" in shown


async def test_the_same_buttons_in_direct_messages(world: World, hidden: Hidden) -> None:
    """Pages and reports stand there with buttons, so a forged one may come from there as well."""
    from simcord.actors import _dispatch_actor_interaction as dispatch
    from simcord.enums import InteractionType

    user = world.dave.user
    await user.send_dm("hello")
    channel = user.dm_channel
    for action, (table, sent) in ROUTES.items():
        if isinstance(sent, dict):
            continue
        asked = []
        for row in (getattr(hidden, table), NOBODYS_ID):
            arg = ":assess" if action == "incident.done" else ""
            data = {"custom_id": f"v1:{action}:{row}{arg}", "component_type": 3 if sent else 2}
            if sent:
                data["values"] = list(sent)
            shown = await dispatch(user, InteractionType.MESSAGE_COMPONENT, channel, data)
            asked.append(without(all_of(shown), f":{row}"))
        assert asked[0] == asked[1], action
        assert not SECRETS.search(asked[0])


async def test_a_responder_outside_the_room_finds_what_responders_may_and_a_member_nothing(world: World) -> None:
    room = await world.declare(world.alice)
    general = world.channels["general"]
    assert not world.sees(world.dave, room) and not world.sees(world.erin, room)
    assert "inc-0001" in said(await world.dave.slash(general, "incident list"))
    for command, typed in TYPED.items():
        given = {key: world.people.get(value, value) for key, value in typed.items()}
        asked = [
            without(all_of(await world.erin.slash(general, command, incident=ref, **given)), ref)
            for ref in ("inc-0001", "inc-0777")
        ]
        assert asked[0] == asked[1], f"/{command}"
    assert await world.erin.autocomplete(general, "incident show", "incident", "") == []
