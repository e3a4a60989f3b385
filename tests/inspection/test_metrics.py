"""The figures: right by the minute, without a word or a count of what is private."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from bot.incidents.service.effects import PAGE, ROOM_CREATE
from bot.inspection import health
from bot.inspection.metrics import KEPT_UNTOLD, Metrics, Seen
from bot.inspection.numbers import numbers
from tests.visibility.attacker import REFERENCE, SECRETS, arrange_hidden, outsiders
from tests.world import World

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ALONE = Seen("serving", 1, 1, None, "0001", None)
ALLOWED_LABELS = {"type", "kind", "outcome", "state", "severity", "answer", "scope", "duty", "le"}
BUILD_LABELS = {"version", "python", "schema"}


def interaction_id(at: datetime) -> int:
    """An id as Discord makes it at this instant."""
    return (int(at.timestamp() * 1000) - 1_420_070_400_000) << 22


class Figures:
    """A page that was read: `figures("name", label="value")` is a value, None where there is none."""

    def __init__(self, page: bytes) -> None:
        self.text = page.decode()
        self.families = list(text_string_to_metric_families(self.text))
        self.samples = [sample for family in self.families for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float | None:
        found = [one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()]
        return sum(found) if found else None

    def values(self, label: str) -> set[str]:
        """All that stands under a label."""
        return {one.labels[label] for one in self.samples if label in one.labels}


def alone() -> Metrics:
    return Metrics(lambda: NOW, version="1.2.3")


def read(metrics: Metrics, seen: Seen = ALONE) -> Figures:
    body, content_type = metrics.page(seen)
    assert content_type.startswith("text/plain")
    return Figures(body)


def watched(world: World) -> Metrics:
    """Figures of the bot that runs in this world from now on."""
    metrics = Metrics(world.app.uow.clock.now, version="1.2.3")
    world.app.runner.observer = world.app.deadlines.observer = metrics
    return metrics


async def shown(world: World, metrics: Metrics) -> Figures:
    body, _ = await health.page(world.app, metrics)
    return Figures(body)


def test_an_answer_is_timed_from_the_instant_at_which_discord_made_the_interaction() -> None:
    metrics = alone()
    late, early = interaction_id(NOW - timedelta(seconds=1.2)), interaction_id(NOW + timedelta(seconds=5))
    metrics.interaction(late, "command")
    metrics.interaction(early, "component")  # this clock is slow: a span is never negative
    metrics.interaction(interaction_id(NOW) + 1, "form")
    metrics.acknowledged(late)
    metrics.acknowledged(late)
    metrics.acknowledged(early)
    figures = read(metrics)

    assert figures("vigil_interaction_ack_seconds_bucket", type="command", le="1.0") == 0
    assert figures("vigil_interaction_ack_seconds_bucket", type="command", le="1.5") == 1
    assert figures("vigil_interaction_ack_seconds_sum", type="component") == 0
    assert figures("vigil_interactions_total") == 3 and figures("vigil_interaction_ack_seconds_count") == 2


def test_calls_and_limits_are_counted_by_how_they_ended() -> None:
    metrics = alone()
    for status, scope in ((200, None), (204, None), (404, None), (503, None), (None, None)):
        metrics.discord(status, scope)
    metrics.discord(429, "shared")
    metrics.discord(429, "somebody's own words")
    figures = read(metrics)

    counted = {one: figures("vigil_discord_answers_total", answer=one) for one in ("2xx", "4xx", "429", "5xx", "none")}
    assert counted == {"2xx": 2, "4xx": 1, "429": 2, "5xx": 1, "none": 1}
    assert figures.values("scope") == {"shared", "unknown"}


def test_without_a_store_its_gauges_are_left_out_and_nothing_is_lost() -> None:
    metrics = alone()
    metrics.effect("page.send", "incident:1", "done", 0.3)
    figures = read(metrics)

    assert figures("vigil_database_up") == 0
    assert figures("vigil_effects_queue") is None and figures("vigil_incidents_open") is None
    assert metrics.subjects() == {"incident:1"}, "counted when the store can be asked what may be told"
    assert figures("vigil_build_info", version="1.2.3", schema="0001") == 1


def test_what_nobody_asks_for_does_not_grow() -> None:
    metrics = alone()
    for number in range(KEPT_UNTOLD + 5):
        metrics.effect("page", f"incident:{number}", "done", 0.1)
        metrics.interaction(number, "command")
    metrics.acknowledged(0)  # forgotten
    metrics.acknowledged(5)
    assert len(metrics.subjects()) == KEPT_UNTOLD
    assert read(metrics)("vigil_interaction_ack_seconds_count") == 1


async def test_a_private_case_shows_in_no_label_and_no_count(world: World) -> None:
    await outsiders(world)
    metrics = watched(world)
    await arrange_hidden(world)
    await world.passes(minutes=10)
    hidden = await shown(world, metrics)

    assert hidden.values("kind") == {"other"}
    assert hidden("vigil_incidents_open") is None
    assert hidden("vigil_deadlines", state="open") == hidden("vigil_deadlines", state="overdue") == 0
    assert not SECRETS.search(hidden.text) and not REFERENCE.search(hidden.text)
    assert hidden("vigil_effects_total", kind="other", outcome="done") > 3, "it was counted as what it may be"


async def test_an_incident_shows_as_kinds_spans_and_depths(world: World) -> None:
    metrics = watched(world)
    await world.declare(world.alice, "API times out")
    figures = await shown(world, metrics)

    assert figures("vigil_incidents_open", severity="SEV-1") == 1
    assert figures("vigil_effect_seconds_count", kind=PAGE) == 1
    assert figures("vigil_effects_total", kind=ROOM_CREATE, outcome="done") == 1
    assert figures("vigil_effects_queue", state="failed") == 0 and figures("vigil_effects_oldest_wait_seconds") == 0
    assert figures("vigil_deadlines", state="open") > 0 and figures("vigil_deadlines_unfired_seconds") == 0

    await world.passes(minutes=40)  # nobody acts
    later = await shown(world, metrics)
    assert later("vigil_deadline_lateness_seconds_count") > 0 and later("vigil_deadlines", state="overdue") > 0
    assert later("vigil_deadline_lateness_seconds_bucket", le="0.05") == later("vigil_deadline_lateness_seconds_count")
    labels = {label for one in later.samples if one.name != "vigil_build_info" for label in one.labels}
    assert labels <= ALLOWED_LABELS
    told = " ".join(value for label in labels for value in later.values(label))
    assert not re.search(r"API|alice|bob|\d{5,}|inc-\d", told, re.IGNORECASE)


async def test_every_figure_is_described_for_operators(world: World) -> None:
    metrics = watched(world)
    metrics.gateway_event()
    await world.declare(world.alice, "API times out")
    body, _ = metrics.page(
        Seen("serving", 1, 1, 0.04, "0001", await numbers(world.app.uow, metrics.subjects()), backup_at=NOW)
    )
    ours = {one.name for one in Figures(body).families if one.name.startswith("vigil_")}
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()

    assert {name for name in ours if f"`{name}" not in page} == set()
