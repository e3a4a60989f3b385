"""Two people press at the same moment, or Discord delivers one press twice: one act, and a calm word for the other."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incidents import log as logs
from bot.incidents.models import Incident, Report
from bot.incidents.rules import Entry
from bot.policy.words import Standing
from bot.servers import store as servers
from bot.updates.models import PublicUpdate
from tests.bad_input.pressing import at_once, delivered_twice, pressed, refusal, too_late
from tests.world import World, labels, said, words_of


async def published(world: World, who: Any, room: Any) -> Any:
    """The private preview of an update, ready to be published."""
    form = await who.slash(room, "update")
    return (await world.fills(who, form, status="identified", known="The pool is full.")).response


async def final(world: World, who: Any, room: Any) -> Any:
    """The private preview of a final update, ready to be published."""
    checks = await who.click(world.card(room), label="Resolve")
    form = await who.click(checks.response, label="Go on without all checks")
    return (await world.fills(who, form, cause="Too few connections.")).response


async def test_two_acknowledge(world: World) -> None:
    room = await world.declare(world.alice)
    page = world.find(room, "you are paged")
    answers = await at_once(
        world,
        lambda: world.bob.click(page, label="Acknowledge"),
        lambda: world.carol.click(page, label="Acknowledge"),
    )
    assert sorted("nobody else is paged" in said(one) for one in answers) == [False, True]
    for one in answers:
        refusal(one, kept=False)
    assert (await world.log()).count(Entry.ACKNOWLEDGED) == 1


async def test_two_declare_one_report(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="The docs do not load")
    card = world.find(world.channels["operations"], "The docs do not load")
    answers = await at_once(
        world, lambda: world.alice.click(card, label="Declare"), lambda: world.carol.click(card, label="Declare")
    )
    assert await world.count(Incident) == 1 and await world.count(Report) == 1
    assert sorted("Declared" in said(one) for one in answers) == [False, True]
    assert sum("settled already" in refusal(one, kept=False) for one in answers) == 1
    assert len(world.direct(world.erin)) == 1


async def test_a_report_is_declared_and_dismissed(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="The docs do not load")
    card = world.find(world.channels["operations"], "The docs do not load")
    answers = await at_once(
        world,
        lambda: world.alice.click(card, label="Declare"),
        lambda: world.carol.click(card, label="Not an incident"),
    )
    assert sum("settled already" in said(one) for one in answers) == 1
    assert len(world.direct(world.erin)) == 1, "one answer, not two that disagree"


async def test_two_publish_what_they_wrote(world: World) -> None:
    room = await world.declare(world.alice)
    mine, hers = await published(world, world.alice, room), await published(world, world.carol, room)
    answers = await at_once(
        world, lambda: world.alice.click(mine, label="Publish"), lambda: world.carol.click(hers, label="Publish")
    )
    for one in answers:
        refusal(one, "Published", kept=False)
    posts = world.words(world.channels["updates"])
    assert len(posts) == 2 == await world.count(PublicUpdate)


async def test_one_publishes_twice(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await published(world, world.alice, room)
    answers = await at_once(
        world, lambda: world.alice.click(preview, label="Publish"), lambda: world.alice.click(preview, label="Publish")
    )
    assert sorted("Published" in said(one) for one in answers) == [False, True]
    assert sum("no draft of yours" in refusal(one, kept=False) for one in answers) == 1
    assert len(world.words(world.channels["updates"])) == 1


async def test_two_publish_and_resolve(world: World) -> None:
    room = await world.declare(world.alice)
    mine, hers = await final(world, world.alice, room), await final(world, world.carol, room)
    answers = await at_once(
        world,
        lambda: world.alice.click(mine, label="Publish and resolve"),
        lambda: world.carol.click(hers, label="Publish and resolve"),
    )
    assert sorted("is resolved after" in said(one) for one in answers) == [False, True]
    assert sum("is already resolved" in refusal(one, kept=False) for one in answers) == 1
    assert len(world.words(world.channels["updates"])) == 1
    assert (await world.log()).count(Entry.RESOLVED) == 1


async def test_the_offered_lead_is_accepted_and_declined_at_once(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.click(world.card(room), label="Hand over lead")
    await world.fills(world.alice, shown, to=[world.bob], notes="Fix is in review")
    offer = world.find(room, "offers you the lead")
    answers = await at_once(
        world,
        lambda: world.bob.click(offer, label="I take the lead"),
        lambda: world.bob.click(offer, label="Not now"),
        lambda: world.bob.click(offer, label="I take the lead"),
    )
    late = ["settled already" in refusal(one, kept=False) for one in answers]
    assert sum(late) == 2
    assert (await world.log()).count(Entry.LEAD) == (1 if late[1] else 0), "whoever was first, it holds"


async def test_two_take_a_vacant_lead(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.click(world.card(room), label="Tag out")
    asked = world.find(room, "Lead: open, asking")
    answers = await at_once(
        world,
        lambda: world.bob.click(asked, label="Take the lead"),
        lambda: world.carol.click(asked, label="Take the lead"),
    )
    assert sum("You lead inc-0001 now" in said(one) for one in answers) == 1
    assert sum("leads this incident" in refusal(one, kept=False) for one in answers) == 1
    assert (await world.incident()).lead_id in (world.bob.id, world.carol.id)


async def test_two_agree_to_a_longer_gap(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    form = await world.alice.slash(room, "update")
    shown = await world.fills(world.alice, form, status="identified", known="The pool is full.", next="in 8 hours")
    await world.alice.click(shown.response, label="Announce a longer gap")
    asks = world.find(room, "gap")
    label = next(one for one in labels(asks) if one not in ("Publish", "Edit"))
    answers = await at_once(
        world, lambda: world.bob.click(asks, label=label), lambda: world.carol.click(asks, label=label)
    )
    assert sum("settled already" in refusal(one, kept=False) for one in answers) == 1
    assert len(world.words(world.channels["updates"])) == 1
    own = await world.alice.click(asks, label=label)
    refusal(own, kept=False)


async def test_two_change_the_severity(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    mine = await world.alice.click(world.card(room), label="Change severity")
    hers = await world.carol.click(world.card(room), label="Change severity")
    answers = await at_once(
        world,
        lambda: world.fills(world.alice, mine, severity="SEV-1", reason="Half of it is down"),
        lambda: world.fills(world.carol, hers, severity="SEV-1", reason="It is worse"),
    )
    assert sorted("SEV-2 → SEV-1" in said(one) for one in answers) == [False, True]
    (loser,) = [one for one in answers if "already" in said(one)]
    refusal(loser, "It is SEV-1 already")
    assert (await world.log()).count(Entry.SEVERITY) == 1
    assert labels(loser.response) == ["Edit again"], "the reason is kept"


async def test_one_closes_while_another_works(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.carol.click(world.card(room), label="Impact")
    answers = await at_once(
        world,
        lambda: world.alice.slash(room, "incident cancel", reason="A test alert"),
        lambda: world.fills(world.carol, shown, down="The API", who="Everyone"),
    )
    assert "is cancelled" in said(answers[0])
    if "on its card" not in said(answers[1]):
        refusal(answers[1], "already cancelled")
    assert (await world.incident()).closed_at is not None


async def test_two_declare_the_same_thing(world: World) -> None:
    place = world.channels["general"]
    given = {"severity": "SEV-1", "kind": "outage"}
    answers = await at_once(
        world,
        lambda: world.alice.slash(place, "incident declare", title="API times out", **given),
        lambda: world.carol.slash(place, "incident declare", title="API times out", **given),
    )
    assert sum("Declared" in said(one) for one in answers) == 1
    assert sum("sounds like something that is open" in said(one) for one in answers) == 1
    assert await world.count(Incident) == 1


async def test_the_first_update_is_tapped_by_two(world: World) -> None:
    room = await world.declare(world.alice)
    brief = world.find(room, "First things first")
    label = "We're on it"
    answers = await at_once(
        world, lambda: world.alice.click(brief, label=label), lambda: world.carol.click(brief, label=label)
    )
    assert sum("Published" in said(one) for one in answers) == 1
    assert sum("A first update is out already" in said(one) for one in answers) == 1
    assert len(world.words(world.channels["updates"])) == 1


# Delivered twice ---------------------------------------------------------------------------------------------------


async def test_a_command_delivered_twice_happens_once(world: World) -> None:
    with delivered_twice(world):
        room = await world.declare(world.alice)
        assert "Declared" in said(world.answer)
        await world.alice.slash(room, "incident log", entry="Restarted the workers")
        await world.alice.slash(room, "incident severity", severity="SEV-2", reason="Half of it is back")
    assert await world.count(Incident) == 1
    log = await world.log()
    assert log.count(Entry.NOTE) == 1 and log.count(Entry.SEVERITY) == 1
    assert len([one for one in world.words(room) if "Restarted the workers" in one]) == 1


async def test_a_press_delivered_twice_happens_once(world: World) -> None:
    room = await world.declare(world.alice)
    with delivered_twice(world):
        done = await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
        assert "You have it; nobody else is paged" in said(done)
        await world.alice.click(world.find(room, "First things first"), label="We're on it")
    assert (await world.log()).count(Entry.ACKNOWLEDGED) == 1
    assert len(world.words(world.channels["updates"])) == 1


@pytest.mark.parametrize("label", ["Log", "Change severity", "Post update"])
async def test_a_form_asked_for_twice_opens_once(world: World, label: str) -> None:
    room = await world.declare(world.alice)
    with delivered_twice(world):
        shown = await world.alice.click(world.card(room), label=label)
    assert shown.modal is not None and shown.response is None


async def test_a_form_delivered_twice_is_taken_once(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.click(world.card(room), label="Log")
    with delivered_twice(world):
        done = await world.fills(world.alice, shown, entry="Failover done")
        assert "In the log of inc-0001" in said(done)
        shown = await world.alice.slash(world.channels["general"], "incident declare")
        done = await world.fills(world.alice, shown, title="Docs are down", severity="SEV-2", kind="outage")
        assert "Declared" in said(done)
    async with world.app.uow.read() as tx:
        assert [one.text for one in await logs.entries(tx, 1)].count("Failover done") == 1
    assert await world.count(Incident) == 2


async def test_a_refused_form_delivered_twice_keeps_one_draft(world: World) -> None:
    room = await world.declare(world.alice)
    shown = await world.alice.click(world.card(room), label="Log")
    with delivered_twice(world):
        refused = await world.fills(world.alice, shown, entry="Failover done", at="tomorrow-ish")
    refusal(refused, "I could not read")


# Too late ----------------------------------------------------------------------------------------------------------


async def test_what_came_too_late_is_not_done_at_all(world: World) -> None:
    room = await world.declare(world.alice)
    page = world.find(room, "you are paged")
    shown = await world.alice.click(world.card(room), label="Log")
    before, seen = await world.log(), len(world.seen(room))
    with too_late(world):
        await world.bob.click(page, label="Acknowledge")
        await world.fills(world.alice, shown, entry="Failover done")
        await world.alice.slash(room, "incident severity", severity="SEV-2", reason="Half of it is back")
        await world.alice.click(world.card(room), label="Change severity")
        await world.alice.slash(room, "update")
        await world.alice.slash(world.channels["general"], "incident declare", title="Docs are down")
        await pressed(world, world.alice, room, "v9:from.another:1")
    assert await world.log() == before and len(world.seen(room)) == seen
    assert await world.count(Incident) == 1
    done = await world.bob.click(page, label="Acknowledge")
    assert "You have it" in said(done), "pressed again, it works"


async def test_an_answer_that_discord_does_not_take_undoes_nothing(world: World) -> None:
    room = await world.declare(world.alice)
    world.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=404, code=10015)
    await world.alice.slash(room, "incident log", entry="Failover done")
    assert (await world.log()).count(Entry.NOTE) == 1
    assert "Failover done" in "\n".join(world.words(room))


async def test_somebody_who_joins_the_roster_at_once_with_another(world: World) -> None:
    async with world.app.uow() as tx:
        await servers.enrol(tx, world.guild.id, world.erin.id, Standing.RESPONDER)
    await world.declare(world.alice)
    board = world.find(world.channels["operations"], "API times out")
    answers = await at_once(
        world, lambda: world.erin.click(board, label="Join"), lambda: world.erin.click(board, label="Join")
    )
    for one in answers:
        refusal(one, "You are in inc-0001", kept=False)
    assert (await world.log()).count(Entry.JOINED) == 1
    assert "Due next" in words_of(world.card(world.room()))
