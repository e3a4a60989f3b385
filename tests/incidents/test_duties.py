"""What is owed besides updates: said in time, answered by a button, met by the act itself."""

from __future__ import annotations

from sqlalchemy import select

from bot.deadlines.models import Deadline
from bot.incidents.rules import Entry
from tests.world import World, labels, said, words_of


async def owed(world: World) -> dict[str, str]:
    """State of each duty of the first incident."""
    async with world.app.uow.read() as tx:
        rows = await tx.session.scalars(select(Deadline).where(Deadline.kind.startswith("duty.")))
        return {row.kind.removeprefix("duty."): row.state for row in rows}


async def test_a_sev3_is_given_silently_and_waits_two_business_days(world: World) -> None:
    await world.declare(world.alice, severity="SEV-3")
    assert f"Given to {world.bob.mention}, without a push" in said(world.answer)
    (given,) = world.direct_messages(world.bob)
    assert "yours to look at" in words_of(given) and given.flags.suppress_notifications
    await world.passes(days=1, minutes=1)
    heads_up = world.direct_messages(world.alice)[-1]
    assert (
        "still waits" in words_of(heads_up)
        and heads_up.flags.suppress_notifications
        and labels(heads_up) == ["Acknowledge"]
    )
    await world.passes(days=3)  # a Friday, and the weekend
    assert "Due now" in world.direct(world.alice)[-1]
    await world.bob.user.click(given, label="Acknowledge")
    assert (await owed(world))["acknowledge"] == "met"


async def test_an_acknowledged_sev3_is_not_spoken_of_again(world: World) -> None:
    await world.declare(world.alice, severity="SEV-3")
    await world.bob.user.click(world.direct_messages(world.bob)[0], label="Acknowledge")
    await world.passes(days=5)
    assert "someone says" not in "\n".join(world.direct(world.alice))
    asked = world.direct_messages(world.alice)[-1]
    assert "Is it a SEV-1 by now?" in words_of(asked) and labels(asked) == ["Change severity", "No, it stays"]


async def test_a_duty_is_done_by_the_button_that_asks(world: World) -> None:
    room = await world.declare(world.alice, kind="comms", title="An article is wrong")
    await world.passes(hours=1, minutes=1)
    asked = world.find(room, "valid")
    assert world.alice.id in {one.id for one in asked.mentions} and labels(asked) == ["Done"]
    done = await world.alice.click(asked, label="Done")
    assert "Done, and in the log" in said(done)
    assert (await owed(world))["criticism_valid"] == "met"
    again = await world.bob.click(asked, label="Done")
    assert "is done already" in said(again)
    assert (await world.log()).count(Entry.DUTY_DONE) == 1
    await world.alice.slash(room, "incident severity", severity="SEV-0", reason="It spreads")
    assert (await owed(world))["criticism_valid"] == "met", "what is done is not asked for again"


async def test_ticking_the_brief_meets_the_duty_behind_it(world: World) -> None:
    room = await world.declare(world.alice)
    await world.alice.select(world.find(room, "First things first"), values=["tell_affected"])
    assert (await owed(world))["affected_told"] == "met"
    await world.passes(minutes=31)
    assert "affected people told" not in "\n".join(world.words(room))


async def test_what_is_due_with_the_update_does_not_ring_twice(world: World) -> None:
    room = await world.declare(world.alice)
    await world.bob.click(world.find(room, "you are paged"), label="Acknowledge")
    await world.passes(minutes=30, seconds=5)
    rang = [one for one in world.seen(room) if world.alice.id in {user.id for user in one.mentions}]
    assert len(rang) == 1, "one push at the due time"
    assert world.find(room, "affected people told").flags.suppress_notifications


async def test_the_command_lists_what_is_open_and_takes_it(world: World) -> None:
    room = await world.declare(world.alice)
    found = await world.alice.autocomplete(room, "incident done", "what", "affected")
    assert [one["value"] for one in found] == ["duty:affected_told", "line:who", "line:logs", "line:tell_affected"]
    done = await world.alice.slash(room, "incident done", what="line:down")
    assert "Find out what is down" in said(done)
    assert "☑ Find out what is down" in words_of(world.find(room, "First things first"))
    nothing = await world.alice.slash(room, "incident done", what="the coffee machine")
    assert "not on the checklist" in said(nothing)
    outside = await world.erin.autocomplete(world.channels["general"], "incident done", "what", "")
    assert outside == []


async def test_the_reviews_dates_are_told_and_answered_after_the_end(world: World) -> None:
    room = await world.declare(world.alice)
    form = await world.alice.click(
        (await world.alice.click(world.card(room), label="Resolve")).response, label="Go on without all checks"
    )
    preview = await world.fills(world.alice, form, cause="Too few connections.")
    await world.alice.click(preview.response, label="Publish and resolve")
    await world.passes(hours=48, minutes=1)
    asked = world.direct_messages(world.alice)[-1]
    assert "review scheduled" in words_of(asked)
    done = await world.alice.user.click(asked, label="Done")
    assert "Done, and in the log of inc-0001" in said(done)


async def test_the_secondary_who_logs_has_acknowledged(world: World) -> None:
    room = await world.declare(world.alice)
    await world.carol.slash(room, "incident log", entry="Looking at the database")
    assert (await world.incident()).acknowledged_by == world.carol.id


async def test_two_incidents_of_one_lead_ring_once(world: World) -> None:
    first = await world.declare(world.alice, "API times out")
    await world.passes(minutes=6)
    await world.declare(world.alice, "Login page is blank")
    second = world.room("inc-0002")
    await world.passes(minutes=31)

    def rang(room: object) -> list[str]:
        return [words_of(one) for one in world.seen(room) if world.alice.id in {user.id for user in one.mentions}]

    (told,) = [one for one in rang(first) if "is due now" in one] or [one for one in rang(first) if "was due" in one]
    assert f"Also due to you within ten minutes: {second.mention}" in told
    assert "Login page" not in told, "who reads this room may not know of the other"
    silent = world.find(second, "The public update for")
    assert silent.flags.suppress_notifications and rang(second) == []
    button = next(label for label in labels(world.find(first, "The public update for")) if "inc-0002" in label)
    shown = await world.alice.click(world.find(first, "The public update for"), label=button)
    assert shown.modal is not None
    await world.passes(minutes=10)
    assert second.mention in rang(first)[-1] and rang(second) == [], "and so it goes on, while both are owed"
    await world.alice.click(world.find(first, "The public update for"), label="No change, next in 30 min")
    await world.passes(minutes=25)
    assert "was due" in rang(second)[-1], "alone again, it rings by itself"


async def test_a_private_incident_is_named_in_no_other_room(world: World) -> None:
    await world.declare(world.alice, "API times out")
    room = world.room()
    await world.declare(world.alice, "Tokens leak", kind="security", severity="SEV-0")
    ref = (await world.incident(2)).ref
    await world.passes(hours=2)
    assert ref not in "\n".join(world.words(room)) and "Tokens" not in "\n".join(world.words(room))


async def test_what_is_due_at_once_rings_with_the_page_alone(world: World) -> None:
    await world.declare(world.sam, "Tokens leak", kind="security", severity="SEV-0")
    await world.passes(seconds=30)
    room = world.room("case-")
    assert (await owed(world))["fix"] == "fired", "owed from the first instant, and shown on the card"
    assert "**fix**" in words_of(world.card(room)) and "Due now" not in "\n".join(world.words(room))
