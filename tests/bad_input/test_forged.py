"""What no button or form of Vigil's ever sends, and a forged client may: it gets a sentence, and opens nothing."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.actors import _dispatch_actor_interaction as dispatch
from simcord.enums import InteractionType

from bot.policy.words import Standing
from bot.servers import store as servers
from bot.servers.models import RosterEntry
from tests.bad_input.pressing import refusal
from tests.visibility.attacker import payload_of, presses, submits
from tests.world import World, said

FORMS = (
    *("incident.severity_form", "incident.lead_form", "incident.declare_form", "incident.log_form"),
    *("incident.title_form", "incident.cancel_form", "incident.report_form", "update.form", "resolve.form"),
    *("oncall.rotation_form", "update.correct_form", "incident.impact_form"),
)
SELECTS = ("incident.tick", "incident.page", "incident.add_message", "roster.people", "roster.take_off")
BROKEN: tuple[Any, ...] = ([None], ["text"], [{"component": None}], [{"components": [7]}], {"a": 1}, 7, None)
OUT_OF_RANGE: dict[str, dict[str, str | list[str]]] = {
    "incident.severity_form": {"severity": ["SEV-9"], "reason": "Why not"},
    "incident.lead_form": {"to": ["9" * 40], "notes": "n"},
    "incident.declare_form": {"title": "Down again", "severity": ["SEV-1"], "kind": ["party"]},
    "update.form": {"status": ["exploded"], "known": "Fine"},
    "oncall.rotation_form": {"people": ["12"], "weekday": ["9"], "hour": ["99"]},
}


async def sent(world: World, who: Any, custom_id: str, components: Any) -> Any:
    """A form whose parts are whatever the client made up."""
    data = {"custom_id": custom_id, "components": components}
    return await dispatch(who, InteractionType.MODAL_SUBMIT, world.channels["general"], data)


@pytest.fixture
async def outage(world: World) -> World:
    await world.declare(world.alice)
    return world


async def test_a_form_without_its_fields_gets_a_sentence(outage: World) -> None:
    for action in FORMS:
        shown = await submits(outage, outage.alice, f"v1:{action}:1", {})
        refusal(shown, kept=False)
    assert (await outage.incident()).severity == "SEV-1"


async def test_a_select_without_a_choice_gets_a_sentence(outage: World) -> None:
    for action in SELECTS:
        for values in ((), ("no number",), ("9" * 40,)):
            shown = await presses(outage, outage.alice, f"v1:{action}:1", values=values, kind=3)
            if shown.followups:  # beside the card that was pressed
                assert [one.ephemeral for one in shown.followups] == [True]
            else:
                refusal(shown, kept=False)
                assert said(shown), action


async def test_a_form_in_pieces_gets_a_sentence(outage: World) -> None:
    for components in BROKEN:
        shown = await sent(outage, outage.alice, "v1:incident.log_form:1", components)
        assert said(shown), components
        refusal(shown, kept=False)


async def test_a_choice_that_was_not_offered_changes_nothing(outage: World) -> None:
    for action, typed in OUT_OF_RANGE.items():
        refusal(await submits(outage, outage.dave, f"v1:{action}:1", typed), kept=False)
    assert (await outage.incident()).severity == "SEV-1"
    assert outage.room().name.startswith("inc-0001")


async def test_what_a_declaration_takes_along_is_read_with_care(world: World) -> None:
    typed: dict[str, str | list[str]] = {"title": "Down again", "severity": ["SEV-1"], "kind": ["outage"]}
    for arg in ("a_b_c_d", "1_2_3", f"{'9' * 19}_999999999999_1_0", "0__1_0_0"):
        refusal(await submits(world, world.alice, f"v1:incident.declare_form:new:{arg}", typed), kept=False)
    assert world.room() is None


async def test_a_subject_longer_than_any_of_ours(world: World) -> None:
    shown = await submits(world, world.alice, f"v1:incident.log_form:{'x' * 78}", {"entry": "Looking at it"})
    refusal(shown, kept=False)


@pytest.mark.parametrize("standing", [Standing.LEAD, Standing.PARTICIPANT, Standing.MANAGER, Standing.ON_CALL])
async def test_nobody_is_enrolled_into_what_is_no_group(world: World, standing: Standing) -> None:
    """The core team may edit the roster; a forged group would have opened every private case to them."""
    await world.declare(world.sam, "Zanzibar keys leaked", kind="security")
    ref = (await world.incident()).ref
    before = await world.count(RosterEntry)
    custom_id = f"v1:roster.people:{world.guild.id}:{standing}"
    values = (str(world.dave.id),)
    refusal(await presses(world, world.dave, custom_id, values=values, kind=5), kept=False)
    assert await world.count(RosterEntry) == before

    async with world.app.uow() as tx:
        await servers.enrol(tx, world.guild.id, world.dave.id, standing)
    shown = await world.dave.slash(world.channels["general"], "incident show", incident=ref)
    assert "Zanzibar" not in said(shown), "an entry that is there all the same gives no right"


async def test_a_tick_that_is_refused_leaves_the_card_as_it_is(outage: World) -> None:
    """The refusal would else stand in the card, for everybody to read and with nothing left to tick."""
    room = outage.room()
    card, before = outage.find(room, "First things first"), outage.words(room)
    shown = await dispatch(
        outage.alice,
        InteractionType.MESSAGE_COMPONENT,
        room,
        {"custom_id": "v1:incident.tick:1", "component_type": 3, "values": ["no such line"]},
        extra={"message": payload_of(outage, card)},
        source_message_id=card.id,
    )
    assert outage.words(room) == before
    assert [one.ephemeral for one in shown.followups] == [True]
