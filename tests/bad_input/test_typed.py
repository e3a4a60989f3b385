"""What was typed is never typed twice: refused commands and forms come back filled in, also after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incidents import log
from bot.incidents.models import Incident
from tests.bad_input.pressing import edits_again, pressed, refusal, sends, standing
from tests.world import World, labels, said, words_of

LONG = "Restarted the workers one by one and watched the queue drain. " * 20


async def test_a_log_line_with_an_unreadable_time_comes_back_filled_in(world: World) -> None:
    room = await world.declare(world.alice)
    before = len(await world.log())
    refused = await world.alice.slash(room, "incident log", entry=LONG, at="tomorrow-ish")
    refusal(refused, "I could not read “tomorrow-ish” as a time", "Try `14:30`")
    assert len(await world.log()) == before
    form = await edits_again(world.alice, refused)
    assert standing(form) == {"entry": LONG, "at": "tomorrow-ish"}
    done = await sends(world, world.alice, form, at="10 min ago")
    assert "In the log of inc-0001" in said(done)
    assert LONG.strip()[:40] in world.words(room)[-1]
    gone = await world.alice.click(refused.response, label="Edit again")
    refusal(gone, "That draft is gone", kept=False)


async def test_a_draft_outlives_a_restart(world: World) -> None:
    room = await world.declare(world.alice)
    refused = await world.alice.slash(room, "incident log", entry="Failover done", at="tomorrow-ish")
    await world.restart()
    form = await edits_again(world.alice, refused)
    assert standing(form) == {"entry": "Failover done", "at": "tomorrow-ish"}


async def test_a_draft_is_its_writers_alone(world: World) -> None:
    room = await world.declare(world.alice)
    refused = await world.alice.slash(room, "incident log", entry="Only mine", at="tomorrow-ish")
    again = refused.response.components[0]["components"][0]["custom_id"]
    stolen = await pressed(world, world.bob, room, again)
    assert stolen.modal is None
    refusal(stolen, "That draft is gone", kept=False)


async def test_the_time_asked_for_on_the_wrong_side_of_now_is_said(world: World) -> None:
    room = await world.declare(world.alice)
    ahead = await world.alice.slash(room, "incident log", entry="Rolled back", at="in 20 min")
    refusal(ahead, "still ahead", "needs a time that has passed")
    form = await world.alice.slash(room, "update")
    past = await world.fills(world.alice, form, status="identified", known="The pool is full.", next="20 min ago")
    refusal(past, "has passed", "needs a time that is ahead")
    unread = await sends(world, world.alice, await edits_again(world.alice, past), next="soon-ish")
    refusal(unread, "I could not read “soon-ish” as a time")
    again = await edits_again(world.alice, unread)
    assert standing(again)["known"] == "The pool is full."
    preview = await sends(world, world.alice, again, next="in 20 min")
    assert "This would go to" in said(preview)


@pytest.mark.parametrize("form", [False, True], ids=["option", "before a form"])
async def test_a_start_that_cannot_be_read_is_asked_again_and_nothing_else_is_lost(world: World, form: bool) -> None:
    typed: dict[str, Any] = {
        "title": "API times out",
        "affected": "everyone",
        "started": "a while after lunch, I think",
    }
    if not form:
        typed |= {"severity": "SEV-2", "kind": "outage"}
    refused = await world.alice.slash(world.channels["general"], "incident declare", lead=world.bob, **typed)
    refusal(refused, "I could not read “a while after lunch, I think” as a time")
    assert await world.count(Incident) == 0
    again = await edits_again(world.alice, refused)
    assert standing(again)["started"] == "a while after lunch, I think"
    assert "everyone" in standing(again)["summary"]
    await sends(world, world.alice, again, severity="SEV-2", kind="outage", started="20 min ago")
    found = await world.incident()
    assert (found.declared_at - found.started_at).total_seconds() == 20 * 60
    assert found.lead_id == world.bob.id


async def test_a_start_in_the_future_is_refused_before_the_form_opens(world: World) -> None:
    refused = await world.alice.slash(world.channels["general"], "incident declare", title="API", started="in 2 h")
    refusal(refused, "still ahead")
    assert refused.modal is None


async def test_a_long_start_and_a_lead_go_along_with_the_form(world: World) -> None:
    await world.passes(hours=1)
    shown = await world.alice.slash(
        world.channels["general"],
        "incident declare",
        title="API times out",
        started="yesterday 20:20 America/Argentina/Buenos_Aires",
        lead=world.carol,
        room=True,
    )
    await world.passes(minutes=10)
    await sends(world, world.alice, shown, severity="SEV-3", kind="outage")
    found = await world.incident()
    assert found.started_at.isoformat() == "2025-12-30T23:20:00+00:00"
    assert found.lead_id == world.carol.id and found.place == "channel"


async def test_minutes_ago_are_counted_from_the_command_not_from_the_form(world: World) -> None:
    typed_at = world.env.now()
    shown = await world.alice.slash(world.channels["general"], "incident declare", title="API", started="20 min ago")
    await world.passes(minutes=10)
    await sends(world, world.alice, shown, title="API times out", severity="SEV-2", kind="outage")
    found = await world.incident()
    assert (typed_at - found.started_at).total_seconds() == pytest.approx(20 * 60, abs=2)


async def test_a_reason_for_a_severity_survives_its_refusal(world: World) -> None:
    await world.declare(world.alice)
    elsewhere = world.channels["general"]
    refused = await world.alice.slash(elsewhere, "incident severity", severity="SEV-2", reason="Half of it is back")
    refusal(refused, "not an incident’s room")
    form = await edits_again(world.alice, refused)
    assert standing(form)["severity"] == ["SEV-2"] and standing(form)["reason"] == "Half of it is back"
    done = await sends(world, world.alice, form, incident="inc-0001")
    assert "SEV-1 → SEV-2" in said(done)


async def test_notes_for_the_next_lead_survive_a_refusal(world: World) -> None:
    room = await world.declare(world.alice)
    refused = await world.alice.slash(room, "incident lead", who=world.alice, notes="Fix is in review")
    refusal(refused, "You lead this incident already")
    form = await edits_again(world.alice, refused)
    assert standing(form)["notes"] == "Fix is in review"
    done = await sends(world, world.alice, form, to=[world.bob])
    assert "You lead until they accept" in said(done)
    assert "Fix is in review" in world.find(room, "offers you the lead").content


async def test_a_title_and_a_reason_to_cancel_come_back_too(world: World) -> None:
    room = await world.declare(world.alice)
    refused = await world.alice.slash(room, "incident title", title="?!")
    form = await edits_again(world.alice, refused)
    assert standing(form) == {"title": "?!"}
    assert "has its new title" in said(await sends(world, world.alice, form, title="Payments time out"))
    assert "Payments time out" in words_of(world.card(room))
    refused = await world.alice.slash(world.channels["general"], "incident cancel", reason="A test alert")
    form = await edits_again(world.alice, refused)
    done = await sends(world, world.alice, form, incident="inc-0001")
    assert "is cancelled" in said(done)


async def test_who_may_not_declare_sends_the_same_words_as_a_report(world: World) -> None:
    refused = await world.erin.slash(
        world.channels["general"], "incident declare", title="Docs do not load", summary="Since noon"
    )
    assert refused.modal is None, "nobody fills in a form that will be refused"
    refusal(refused, "/incident report", kept=False)
    assert labels(refused.response) == ["Report it instead"]
    form = await world.erin.click(refused.response, label="Report it instead")
    assert standing(form)["text"] == "Docs do not load\nSince noon"
    done = await sends(world, world.erin, form, about="system")
    assert "Thank you for telling us" in said(done)


async def test_more_than_a_form_can_hold_is_kept_whole(world: World) -> None:
    entry = "".join(f"{number:05d} " for number in range(980))
    assert len(entry) > 5000
    room = await world.declare(world.alice)
    refused = await world.alice.slash(room, "incident log", entry=entry, at="tomorrow-ish")
    form = await edits_again(world.alice, refused)
    assert len(standing(form)["entry"]) <= 4000
    twice = await sends(world, world.alice, form, at="still not a time")
    await sends(world, world.alice, await edits_again(world.alice, twice), at="")
    exported = await world.alice.slash(room, "incident export")
    assert exported.response.attachments
    async with world.app.uow.read() as tx:
        assert (await log.entries(tx, 1))[-1].text == entry.strip()
