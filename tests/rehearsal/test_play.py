"""The guide's worked example, played: as it is, at other times by other people, and with a restart after every step."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bot.rehearsal.cast import CORE_TEAM, RESPONDERS, Company, Person, SeedRole, SeedRoom
from bot.rehearsal.plays import api_outage
from bot.rehearsal.plays.api_outage import IT_LASTED, LOG, Parts
from bot.rehearsal.plays.script import Fill, Say, Script, Step, Type
from bot.rehearsal.plays.stagehand import PlayError, perform
from bot.rehearsal.transcript import Event, printed

MARK = re.compile(r"(?<=[│·] )[0-9a-f]{8}$", re.MULTILINE)

HARBOUR = Company(
    name="Harbour Radio",
    people=(
        Person("noor", "Noor", "member"),
        Person("tomek", "Tomek", "responder", (RESPONDERS,)),
        Person("ines", "Ines", "on call, primary", (RESPONDERS,)),
        Person("kofi", "Kofi", "on call, secondary", (RESPONDERS,)),
        Person("maud", "Maud", "owns the server", (CORE_TEAM,), owner=True),
    ),
    roles=(SeedRole(CORE_TEAM, 0x336699), SeedRole(RESPONDERS, 0x993366)),
    rooms=(
        SeedRoom("general", "Quay"),
        SeedRoom("support", "Quay"),
        SeedRoom("updates", "Incidents"),
        SeedRoom("operations", "Incidents", only=RESPONDERS),
    ),
    on_call=("ines", "kofi"),
)
SHIFTED = api_outage.script(
    begins=datetime(2026, 3, 28, 23, 40, tzinfo=UTC),
    title="Live stream of the *north* pier",
    parts=Parts(reporter="noor", declarer="tomek", primary="ines", secondary="kofi"),
    company=HARBOUR,
)
SCRIPTS = [pytest.param(api_outage.script(), id="as it is"), pytest.param(SHIFTED, id="shifted")]


_played: dict[str, tuple[Event, ...]] = {}


async def played(script: Script) -> tuple[Event, ...]:
    """What comes of a script; played once for all tests of this file."""
    if script.title not in _played:
        _played[script.title] = await perform(script)
    return _played[script.title]


def told(script: Script, events: tuple[Event, ...]) -> str:
    """The transcript without the references that Vigil draws at random."""
    return MARK.sub("········", "\n".join(printed(script, events)))


def typed(step: Step) -> list[str]:
    """All that a person types in a step."""
    match step.act:
        case Say(words=words):
            return [words]
        case Type(options=options):
            return list(options.values())
        case Fill(fields=fields):
            return list(fields.values())
    return []


@pytest.mark.parametrize("script", SCRIPTS)
async def test_the_guides_log_is_entered_by_people_and_seen_by_them_at_its_times(script):
    events = await played(script)

    names = {one.key: one.name for one in script.company.people}
    reader = names[script.reader]
    room_lines = [
        line
        for event in events
        if event.sees is not None and reader in event.sees and event.who == "Vigil" and event.kind == "said"
        for line in event.lines
    ]
    by_people = [(step.minute, text) for step in script.steps for text in typed(step)]
    positions = []
    for minute, words in LOG:
        line = f"📝 {script.at(minute):%H:%M} {words}"
        positions.append(next(index for index, one in enumerate(room_lines) if one.startswith(line)))
        entered = max(5, minute)  # nothing can be entered before it is declared, at 10:20
        assert any(at == entered and words in text for at, text in by_people), f"somebody enters {words!r}"
    assert positions == sorted(positions)

    (export,) = [text for event in events if event.to == script.reader for name, text in event.files if ".md" in name]
    rows = [line for line in export.splitlines() if line.startswith("| 20")]
    found = [next(i for i, row in enumerate(rows) if words in row) for _, words in LOG]
    assert found == sorted(found)
    declared = next(i for i, row in enumerate(rows) if "Incident declared" in row)
    assert found[0] < declared, "10:15 precedes the declaration at 10:20"
    assert [row[2:18] for row in rows] == sorted(row[2:18] for row in rows)


@pytest.mark.parametrize("script", SCRIPTS)
async def test_the_duration_is_computed_and_the_outsider_sees_the_public_posts_only(script):
    events = await played(script)

    assert not [text for step in script.steps for text in typed(step) if "45 min" in text], "nobody types it"
    final = [one for one in events if one.place == "#updates" and one.kind == "said"][-1]
    assert final.at == script.at(45)
    assert any(f"It lasted {IT_LASTED}, from {script.at(0):%H:%M} to {script.at(45):%H:%M}." in x for x in final.lines)

    outsider = next(one for one in script.company.people if not one.roles)
    seen = {one.place for one in events if one.to is None and (one.sees is None or outsider.name in one.sees)}
    assert seen == {"#support", "#updates", "#general"}
    for one in events:
        if one.place == "#general":
            assert one.kind == "act" or one.to is not None, "what Vigil answers in #general is private"


async def test_pages_and_reminders_ring_for_those_who_are_asked():
    script = api_outage.script()
    events = await played(script)
    vigil = [one for one in events if one.who == "Vigil" and one.pings]
    assert [(f"{one.at:%H:%M}", one.pings) for one in vigil] == [
        ("10:20", ("Alice",)),  # the page
        ("10:23", ("Alice",)),  # the lead is offered
        ("10:45", ("Alice",)),  # the promised update is due
        ("11:00", ("Alice",)),  # what comes next, privately
    ]
    heads_up = [one for one in events if one.kind == "said" and any("update is due 10:45" in x for x in one.lines)]
    assert [f"{one.at:%H:%M}" for one in heads_up] == ["10:42"]
    withdrawn = [one for one in events if one.kind == "withdrawn"]
    assert len(withdrawn) == 2, "the heads-up and the reminder go away when they are answered"


async def test_a_restart_after_every_step_changes_nothing_that_anybody_sees():
    script = api_outage.script()
    restarts = []

    async def again(stage):
        await stage.launch()
        restarts.append(stage.restarts)

    whole = told(script, await played(script))
    broken = told(script, await perform(script, between=again))

    assert restarts == list(range(1, len(script.steps) + 1))
    assert broken == whole


async def test_a_play_that_cannot_go_on_says_who_could_not_do_what():
    script = api_outage.script()
    stuck = Script(
        title=script.title,
        company=script.company,
        begins=script.begins,
        steps=(Step(0, Type("erin", "operations", "incident list")),),
        reader="alice",
        log=(),
    )
    with pytest.raises(PlayError, match=r"10:15: erin could not do .* Erin sees no room 'operations'"):
        await perform(stuck)


async def test_a_log_that_lacks_a_line_fails_the_play():
    script = api_outage.script()
    short = Script(
        title=script.title,
        company=script.company,
        begins=script.begins,
        steps=script.steps[:3],
        reader="alice",
        log=script.log,
    )
    with pytest.raises(PlayError, match="lacks 2026-01-14 10:15 'Reports of API timeouts'"):
        await perform(short)


def test_the_command_prints_the_transcript_and_names_the_plays_that_there_are():
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "rehearse", "--play", "api-outage"], capture_output=True, text=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Terra Atlas API, 10:15 to 11:00 UTC")
    assert "🔔 rings for Alice" in shown.stdout
    unknown = subprocess.run(
        [sys.executable, "-m", "bot", "rehearse", "--play", "opera"], capture_output=True, text=True, check=False
    )
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == "There is no play called 'opera'. There is: api-outage.\n"
