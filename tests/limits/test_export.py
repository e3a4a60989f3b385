"""The exported log holds whatever people typed, and is still one table and one JSON document."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime

import pytest

from bot.incidents.cards import export
from bot.incidents.log import LogView
from bot.incidents.rules import Entry
from bot.incidents.store import IncidentView
from tests.limits.samples import HOSTILE, Maker

MORE = (
    "a \\| b",
    "a \\\\| b | c",
    "ends with \\",
    "a\rb\nc\r\nd\x85e\u2028f",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "https://example.org/a_b|c*d?x=[1]",
    "`code` **bold** _it_ ~~no~~ # no heading",
    "&lt;script&gt;",
)
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def a_line(text: str) -> LogView:
    """A note with these words."""
    return dataclasses.replace(
        Maker(0).line(), kind=Entry.NOTE, text=text, params={}, occurred_at=AT, actor=123456789012345678
    )


def exported(text: str) -> tuple[str, str]:
    """Both files of an incident with this title, one line with these words, and a person of this name."""
    incident = Maker(1).make(IncidentView, "incident", "test")
    incident.texts["title"] = text
    names = {123456789012345678: text[:100]}
    lines = [a_line(text), a_line("The last line")]
    return export.markdown(incident, lines, names), export.as_json(incident, lines, names)


def unescaped(mark: str, text: str) -> int:
    """How often `mark` stands in the text without a backslash that holds for it."""
    return len(re.findall(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}", text))


@pytest.mark.parametrize("text", [*HOSTILE, *MORE], ids=lambda one: repr(one[:20]))
def test_it_is_one_table_of_three_columns(text: str) -> None:
    page, _ = exported(text)
    lines = page.split("\n")
    head = lines.index("| Time (UTC) | Event | By |")
    assert lines[0].startswith("# ") and not lines[1]
    rows = lines[head + 2 :]
    assert rows[-1] == "" and len(rows) == 3, "two rows, whatever stands in them"
    for row in rows[:2]:
        assert unescaped("|", row) == 4, row[:200]
        assert row.startswith("| 2026-03-02 10:00 | ") and row.endswith(" |")
        assert "<" not in row, "no HTML"
        assert unescaped("[", row) == unescaped("`", row) == unescaped("*", row) == 0
    assert not re.search("[\u202a-\u202e\x00-\x09\x0b-\x1f\x85\u2028\u2029]", page)


@pytest.mark.parametrize("text", [*HOSTILE, *MORE], ids=lambda one: repr(one[:20]))
def test_json_gives_back_exactly_what_was_typed(text: str) -> None:
    _, page = exported(text)
    found = json.loads(page)
    assert found["log"][0]["text"] == text
    assert found["title"] == text
    assert found["log"][0]["occurred_at"] == "2026-03-02T10:00:00+00:00"
    assert found["people"]["123456789012345678"] == text[:100]


def test_an_address_stays_one() -> None:
    page, _ = exported("see https://example.org/a_b?x=1 for more_of_it")
    assert "https://example.org/a%5Fb?x=1 for more\\_of\\_it" in page
