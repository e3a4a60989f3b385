"""A private case leaves no trace where others look: channels, direct messages, audit log, process log, operator."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from bot.effects import Refused
from bot.observability import logs
from tests.visibility.attacker import (
    REFERENCE,
    SECRETS,
    all_of,
    arrange_hidden,
    everything_said,
    outsiders,
    presses,
)
from tests.world import World, said


@contextmanager
def written_log() -> Iterator[io.StringIO]:
    """Everything that the process would write to its log, at the most talkative level."""
    root, before, level, config = logging.getLogger(), logging.getLogger().handlers[:], 0, structlog.get_config()
    level, error_stream, written = root.level, sys.stderr, io.StringIO()
    sys.stderr = written
    try:
        logs.configure("debug", "json")
        yield written
    finally:
        sys.stderr = error_stream
        root.handlers[:] = before
        root.setLevel(level)
        structlog.configure(**config)


async def test_nobody_outside_reads_a_word_of_it_anywhere_for_days(world: World) -> None:
    await outsiders(world)
    await arrange_hidden(world)
    await world.passes(minutes=10)
    for name in ("alice", "carol", "dave", "erin", "mona"):
        read = everything_said(world, world.people[name])
        assert not SECRETS.search(read) and not REFERENCE.search(read), name
    await world.passes(days=3)
    for name in ("alice", "erin", "mona"):  # the secondary and the core team were called by then
        read = everything_said(world, world.people[name])
        assert not SECRETS.search(read) and not REFERENCE.search(read), name
    assert world.seen(world.channels["operations"]) == [], "not even that something is overdue"


async def test_channels_and_audit_log_say_nothing(world: World) -> None:
    """The owner, administrators and whoever may read the audit log see these, whatever Vigil does."""
    hidden = await arrange_hidden(world)
    for _ in range(2):
        room = next(one for name, one in world.guild.channels.items() if name == hidden.ref)
        await world.sam.slash(room, "incident add", who=world.vera)
        await world.sam.slash(room, "incident cancel", reason="Serengeti was a drill")
        await world.passes(days=1, minutes=2)
        await world.sam.slash(room, "incident reopen")
    for name, channel in world.guild.channels.items():
        assert not SECRETS.search(f"{name} {getattr(channel, 'topic', '')}"), name
    entries = world.guild.audit_log()
    assert entries, "something was done that Discord notes"
    for entry in entries:
        assert not SECRETS.search(f"{entry.reason} {getattr(entry, 'changes', '')}"), entry
        assert (entry.reason or "") in (hidden.ref, hidden.quarrel_ref, "archive of incidents", ""), entry.reason


async def test_the_log_of_the_process_holds_nothing_that_people_said(world: World) -> None:
    with written_log() as written:
        hidden = await arrange_hidden(world)
        room = world.room(hidden.ref)
        await world.sam.slash(room, "incident log", entry="Serengeti again", at="Zanzibar o'clock")
        await world.sam.slash(room, "incident title", title="Zanzibar keys leaked twice")
        await world.erin.slash(world.channels["general"], "incident show", incident="Zanzibar keys")
        await presses(world, world.erin, f"v1:incident.acknowledge:{hidden.incident}")
        await presses(world, world.erin, "v9:Kilimanjaro")
        await world.passes(hours=5)
        structlog.get_logger().debug("the log is on")
    text = written.getvalue()
    assert "the log is on" in text
    assert not SECRETS.search(text), SECRETS.findall(text)


async def test_a_fault_of_ours_writes_no_words_either(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What Discord refuses, and what breaks while words are at hand, ends in the log with its kind and place alone."""
    hidden = await arrange_hidden(world)
    port = world.app.port

    async def refused(channel_id: int, payload: dict[str, Any], *, nonce: str) -> Any:
        raise Refused(50035, "Invalid Form Body in content", status=400)

    async def broken(channel_id: int, payload: dict[str, Any], *, nonce: str) -> Any:
        raise KeyError("message_id")

    room = world.room(hidden.ref)
    with written_log() as written:
        for failing in (refused, broken):
            monkeypatch.setattr(port, "send", failing)
            await world.sam.slash(room, "incident log", entry=f"Serengeti {failing.__name__}")
        monkeypatch.undo()
        await world.passes(minutes=30)
    caplog.clear()
    text = written.getvalue()
    assert "effect.refused" in text and "effect.fault" in text
    assert not SECRETS.search(text), SECRETS.findall(text)


async def test_what_an_operator_is_shown_has_no_private_duty(world: World) -> None:
    await arrange_hidden(world)
    assert await world.app.upcoming(world.guild.id) == []
    assert await world.app.upcoming() == []
    await world.declare(world.alice, "Website is down")
    shown = await world.app.upcoming(world.guild.id)
    assert shown and all("security" not in one.reason and "community" not in one.reason for one in shown)


async def test_going_private_takes_everything_back(world: World) -> None:
    """An outage that turns out to be an attack: what stood in operations and in lists is gone at once."""
    room = await world.declare(world.alice, "Zanzibar keys are slow", severity="SEV-1")
    await world.alice.click(world.find(room, "First things first"), label="We're on it")
    await world.passes(hours=4)
    operations = world.channels["operations"]
    assert "Zanzibar" in "\n".join(world.words(operations)), "the board, the overdue update, the end of the paging"
    old = (await world.incident()).ref
    await world.alice.slash(room, "incident kind", kind="security")
    await world.passes(seconds=30)
    assert not SECRETS.search("\n".join(world.words(operations))), world.words(operations)
    assert not world.sees(world.alice, room), "the old room is closed"
    assert world.sees(world.alice, world.room("case-"))
    general = world.channels["general"]
    for ref in (old, (await world.incident()).ref):
        shown = said(await world.erin.slash(general, "incident show", incident=ref))
        unknown = said(await world.erin.slash(general, "incident show", incident="inc-0777"))
        assert shown == unknown
    await world.passes(days=1)
    assert not SECRETS.search("\n".join(world.words(operations)))
    assert await world.unfinished() == []


async def test_going_private_while_the_board_is_slow_to_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await world.declare(world.alice, "Zanzibar keys are slow")
    port, delete, tries = world.app.port, world.app.port.delete, []

    async def at_first_refused(channel_id: int, message_id: int) -> None:
        tries.append(message_id)
        if len(tries) == 1:
            from bot.effects import Retry

            raise Retry("not now")
        await delete(channel_id, message_id)

    monkeypatch.setattr(port, "delete", at_first_refused)
    await world.alice.slash(room, "incident kind", kind="security")
    await world.passes(minutes=5)
    assert not SECRETS.search("\n".join(world.words(world.channels["operations"])))
    assert len(tries) >= 2


async def test_a_report_that_became_private_is_not_named_in_operations(world: World) -> None:
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="Pages are slow")
    card = world.find(world.channels["operations"], "Pages are slow")
    await world.alice.click(card, label="Declare")
    room = world.room()
    await world.alice.slash(room, "incident kind", kind="security")
    await world.passes(minutes=1)
    read = "\n".join(world.words(world.channels["operations"]))
    ref = (await world.incident()).ref
    assert ref not in read and not REFERENCE.search(read)


async def test_a_wider_incident_is_no_duplicate_of_a_private_one(world: World) -> None:
    """Its room would name the case, and its people would be let into it, by one press of somebody who is in both."""
    await world.declare(world.sam, "Zanzibar keys leaked", kind="security")
    ref = (await world.incident()).ref
    await world.declare(world.alice, "Website is down")
    room = world.room("inc-")
    await world.sam.slash(world.channels["general"], "incident join", incident="inc-0001")
    shown = await world.sam.slash(room, "incident duplicate", of=ref)
    assert "private" in said(shown) and "/incident kind" in said(shown)
    assert not REFERENCE.search("\n".join(world.words(room)))
    assert (await world.incident(2)).closed_at is None
    assert not world.sees(world.alice, world.room("case-"))


async def test_a_declared_case_tells_who_else_can_see_it(world: World) -> None:
    await world.declare(world.sam, "Zanzibar keys leaked", kind="security")
    assert "The owner and administrators of the server can see every room" in said(world.answer)


async def test_whom_a_case_brings_in_is_named_one_by_one(world: World) -> None:
    await world.declare(world.sam, "Zanzibar keys leaked", kind="security")
    room = world.room("case-")
    refused = await world.sam.slash(room, "incident add", who=world.roles["Core"])
    assert not world.sees(world.dave, room), said(refused)
    await world.sam.slash(room, "incident add", who=world.dave)
    assert world.sees(world.dave, room)
    assert "Zanzibar" in all_of(await world.dave.slash(world.channels["general"], "incident list"))


async def test_an_outsider_keeps_no_key_after_a_button_was_shown_to_them(world: World) -> None:
    """Buttons of an open incident outlive its going private; they must not open it."""
    room = await world.declare(world.alice, "Website is down")
    board = world.find(world.channels["operations"], "Website is down")
    custom_ids = [one["custom_id"] for row in board.components for one in _children(row)]
    assert custom_ids
    await world.alice.slash(room, "incident kind", kind="security")
    for custom_id in custom_ids:
        asked = all_of(await presses(world, world.dave, custom_id))
        assert "no open or past incident" in asked, custom_id
    assert not world.sees(world.dave, world.room("case-"))


def _children(row: Any) -> list[dict[str, Any]]:
    return list(row["components"]) if isinstance(row, dict) else [one.to_dict() for one in row.children]


async def test_what_can_be_counted_has_no_gap_where_a_private_case_is(world: World) -> None:
    await world.declare(world.alice, "API times out")
    await world.declare(world.sam, "Tokens leak", kind="security")
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="weakness", text="I can read other people's mail")
    await world.declare(world.dave, "Login page is blank")
    shown = await world.erin.slash(world.channels["general"], "incident report")
    await world.fills(world.erin, shown, about="system", text="The docs do not load")
    carried = sorted(
        child.custom_id
        for message in world.seen(world.channels["operations"])
        for row in message.components
        for child in row.children
        if child.custom_id.startswith(("v1:incident.join:", "v1:report.declare:"))
    )
    assert carried == ["v1:incident.join:1", "v1:incident.join:2", "v1:report.declare:1"]
