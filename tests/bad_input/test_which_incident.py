"""An incident that is unknown, closed, or not for this person: one sentence, the same for unknown and unseen."""

from __future__ import annotations

from typing import Any

import pytest
from discord import app_commands

from bot.incidents.models import Incident
from tests.bad_input.pressing import busy_store, edits_again, refusal, sends, standing
from tests.world import World, labels, said

# Every command that takes an incident, with what it needs besides.
COMMANDS: dict[str, dict[str, Any]] = {
    "incident log": {"entry": "Restarted the workers"},
    "incident acknowledge": {},
    "incident join": {},
    "incident add": {"who": "carol"},
    "incident tagout": {},
    "incident page": {"who": "carol"},
    "incident severity": {"severity": "SEV-2", "reason": "Half of it is back"},
    "incident kind": {"kind": "general"},
    "incident status": {"status": "identified"},
    "incident impact": {},
    "incident title": {"title": "Payments time out"},
    "incident lead": {"who": "carol", "notes": "Fix is in review"},
    "incident cancel": {"reason": "A test alert"},
    "incident duplicate": {"of": "inc-0002"},
    "incident reopen": {},
    "incident show": {},
    "incident export": {},
    "incident resolve": {},
    "incident correct": {},
    "incident done": {"what": "down"},
    "update": {},
}
OPEN_TO_CLOSED = {
    "incident log",
    "incident done",
    "incident reopen",
    "incident show",
    "incident export",
    "incident correct",
}


def takers(command: Any) -> list[str]:
    """Full names of this command's leaves that take an incident."""
    if isinstance(command, app_commands.Group):
        return [name for one in command.commands for name in takers(one)]
    options = getattr(command, "parameters", ())
    return [command.qualified_name] if any(one.name == "incident" for one in options) else []


async def test_every_command_that_takes_an_incident_is_tried_here(world: World) -> None:
    found = [name for command in world.app.client.tree.get_commands() for name in takers(command)]
    assert sorted(found) == sorted(COMMANDS)


async def ask(world: World, who: Any, command: str, **more: Any) -> Any:
    """Somebody asks from outside any room."""
    options = {key: world.people.get(value, value) for key, value in COMMANDS[command].items()}
    return await who.slash(world.channels["general"], command, **options, **more)


async def snapshot(world: World) -> tuple[Any, ...]:
    """What must not change by something that is refused."""
    rows = [await world.incident(number) for number in range(1, await world.count(Incident) + 1)]
    logs = [len(await world.log(row.id)) for row in rows]
    return tuple((row.status, row.severity, row.kind, row.lead_id, row.version) for row in rows), tuple(logs)


@pytest.mark.parametrize("command", COMMANDS)
async def test_unknown_and_unseen_get_the_same_words(world: World, command: str) -> None:
    await world.declare(world.sam, "Tokens leak", kind="security")
    await world.declare(world.dave, "Docs are down", severity="SEV-2")
    ref = (await world.incident()).ref
    before = await snapshot(world)
    unseen = await ask(world, world.alice, command, incident=ref)
    unknown = await ask(world, world.alice, command, incident="case-ffff")
    refusal(unseen, "There is no open or past incident by that name that you can see", "/incident list", kept=False)
    assert said(unseen) == said(unknown)
    assert labels(unseen.response) == labels(unknown.response)
    assert await snapshot(world) == before


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in OPEN_TO_CLOSED])
async def test_a_closed_one_says_what_is_still_possible(world: World, command: str) -> None:
    room = await world.declare(world.alice)
    await world.alice.slash(room, "incident cancel")
    await world.declare(world.dave, "Docs are down", severity="SEV-2")
    before = await snapshot(world)
    result = await ask(world, world.alice, command, incident="inc-0001")
    if result.modal is not None:
        result = await sends(world, world.alice, result, down="The API")
    refusal(result, "inc-0001 is already cancelled", "/incident reopen", kept=False)
    assert await snapshot(world) == before


@pytest.mark.parametrize("name", ["#INC-0001", " inc-0001 ", "Inc-0001"])
async def test_a_reference_is_read_as_people_write_it(world: World, name: str) -> None:
    await world.declare(world.alice)
    shown = await ask(world, world.alice, "incident log", incident=name)
    assert "In the log of inc-0001" in said(shown)
    form = await world.alice.slash(world.channels["general"], "incident log", incident=name)
    done = await sends(world, world.alice, form, entry="Failover done")
    assert "In the log of inc-0001" in said(done)


@pytest.mark.parametrize("name", ["the one with the API", "1", "@everyone", "inc-0001; drop table", "🔥" * 50])
@pytest.mark.parametrize("command", ["incident log", "incident show", "incident impact", "update"])
async def test_what_can_be_no_reference_is_unknown(world: World, command: str, name: str) -> None:
    await world.declare(world.alice)
    result = await ask(world, world.alice, command, incident=name)
    assert result.modal is None
    refusal(result, "There is no open or past incident by that name", kept=False)


async def test_what_was_typed_for_an_unknown_one_is_sent_to_the_right_one(world: World) -> None:
    await world.declare(world.alice)
    refused = await ask(world, world.alice, "incident log", incident="inc-0777")
    refusal(refused, "There is no open or past incident by that name")
    form = await edits_again(world.alice, refused)
    assert standing(form)["entry"] == "Restarted the workers"
    done = await sends(world, world.alice, form, incident="inc-0001")
    assert "In the log of inc-0001" in said(done)


async def test_the_form_asks_which_among_those_that_one_may_see_only(world: World) -> None:
    await world.declare(world.sam, "Tokens leak", kind="security")
    await world.declare(world.alice, "API times out")
    form = await world.alice.slash(world.channels["general"], "incident log")
    options = form.modal["components"][0]["component"]["options"]
    assert [one["value"] for one in options] == ["inc-0001"]
    done = await sends(world, world.alice, form, incident="inc-0001", entry="Failover done")
    assert "In the log of inc-0001" in said(done)


async def test_outside_a_room_with_nothing_open_one_sentence_says_so(world: World) -> None:
    result = await world.alice.slash(world.channels["general"], "incident log")
    refusal(result, "This is not an incident’s room", kept=False)
    result = await world.alice.slash(world.channels["general"], "incident log", entry="Failover done")
    refusal(result, "This is not an incident’s room")
    form = await edits_again(world.alice, result)
    assert standing(form)["entry"] == "Failover done", "the words are there, even if nothing is"


async def test_a_blank_form_of_a_busy_store_still_finds_its_incident(world: World) -> None:
    room = await world.declare(world.alice)
    for channel, options in ((room, {}), (world.channels["general"], {"incident": "INC-0001"})):
        with busy_store():
            shown = await world.alice.slash(channel, "update", **options)
        assert shown.modal is not None and standing(shown)["known"] == ""
        preview = await sends(world, world.alice, shown, status="identified", known="The pool is full.")
        assert "This would go to" in said(preview)
    published = await world.alice.click(preview.response, label="Publish")
    assert "Published" in said(published)


async def test_a_form_of_a_busy_store_sent_outside_the_room_keeps_its_words(world: World) -> None:
    await world.declare(world.alice)
    with busy_store():
        shown = await world.alice.slash(world.channels["general"], "update")
    refused = await sends(world, world.alice, shown, status="identified", known="The pool is full.")
    refusal(refused, "This is not an incident’s room")
    words = await world.alice.click(refused.response, label="Edit again")
    assert "The pool is full" in said(words), "no room in that form for one more question, so the words are shown"


@pytest.mark.parametrize("label", ["Log", "Change severity", "Impact", "Hand over lead"])
async def test_a_busy_store_opens_blank_forms_from_the_card(world: World, label: str) -> None:
    room = await world.declare(world.alice)
    with busy_store():
        shown = await world.alice.click(world.card(room), label=label)
    assert shown.modal is not None


async def test_a_busy_store_never_drops_a_start_that_was_typed(world: World) -> None:
    with busy_store():
        refused = await world.alice.slash(
            world.channels["general"], "incident declare", title="API times out", started="20 min ago"
        )
        blank = await world.alice.slash(world.channels["general"], "incident declare", title="API times out")
    assert blank.modal is not None and standing(blank)["title"] == "API times out"
    refusal(refused, "nothing was declared yet", "try again")
    assert standing(await edits_again(world.alice, refused))["started"] == "20 min ago"
