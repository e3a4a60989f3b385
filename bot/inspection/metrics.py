"""Figures for Prometheus. No label tells a server, a person, an incident or anything that is private.

Counters and histograms grow as things happen; gauges are read from the store and the gateway when the page is asked
for, and are left out when the store does not answer. Imported only where the web side is on.
"""

from __future__ import annotations

import platform
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from bot.inspection.numbers import OTHER, Numbers
from bot.kernel.observer import Observer

ACK_S = (0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Discord waits three seconds."""
EFFECT_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
LATE_S = (0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3600.0)
KEPT_UNTOLD = 2_000
"""Ends of effects between two looks, and interactions without an answer, that are remembered; the oldest go first."""
DISCORD_EPOCH_MS = 1_420_070_400_000
disable_created_metrics()  # type: ignore[no-untyped-call] # a second line for each counter that nobody reads


@dataclass(frozen=True)
class Seen:
    """A process when it is looked at. `store`: None where it does not answer. Spans are seconds."""

    duty: str
    shards_connected: int
    shards_wanted: int
    latency_s: float | None
    schema: str
    store: Numbers | None
    backup_at: datetime | None = None


class Metrics(Observer):
    """Counts what it is told, in a registry of its own. `now`: the clock, as aware UTC; `version`: of Vigil."""

    def __init__(self, now: Callable[[], datetime], *, version: str, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._now, self._version = now, version
        self._seen: Seen | None = None
        self._heard_at: datetime | None = None
        self._waiting: OrderedDict[int, str] = OrderedDict()
        self._ended: deque[tuple[str, str, str, float]] = deque(maxlen=KEPT_UNTOLD)
        own = self.registry
        self._came = Counter("vigil_interactions", "Interactions that came from Discord.", ["type"], registry=own)
        self._acknowledged = Histogram(
            "vigil_interaction_ack_seconds",
            "From the instant at which Discord made an interaction until it took the first answer.",
            ["type"],
            buckets=ACK_S,
            registry=own,
        )
        self._outcomes = Counter(
            "vigil_effects",
            "Attempts at effects that ended: done, dropped (it no longer mattered), failed, again (to be tried again).",
            ["kind", "outcome"],
            registry=own,
        )
        self._took = Histogram(
            "vigil_effect_seconds",
            "From the recording of an effect until it was done.",
            ["kind"],
            buckets=EFFECT_S,
            registry=own,
        )
        self._late = Histogram(
            "vigil_deadline_lateness_seconds",
            "From the instant at which a deadline was due until what follows from it was recorded.",
            buckets=LATE_S,
            registry=own,
        )
        self._answers = Counter(
            "vigil_discord_answers",
            "Calls to Discord by how they were answered: 2xx, 3xx, 4xx, 429, 5xx, none.",
            ["answer"],
            registry=own,
        )
        self._limited = Counter(
            "vigil_discord_rate_limited",
            "429 answers of Discord by whose limit it was: user, global, shared, unknown.",
            ["scope"],
            registry=own,
        )
        ProcessCollector(registry=own)
        own.register(self)

    # Told as things happen ---------------------------------------------------------------------------------------

    def interaction(self, interaction_id: int, kind: str) -> None:
        """Count it, and remember of which kind it is until it is answered."""
        self._came.labels(kind).inc()
        self._waiting[interaction_id] = kind
        if len(self._waiting) > KEPT_UNTOLD:
            self._waiting.popitem(last=False)

    def acknowledged(self, interaction_id: int) -> None:
        """By Discord's time of its id and this machine's clock, so that what kept it from being heard is in it."""
        kind = self._waiting.pop(interaction_id, None)
        if kind is not None:
            made_at_s = ((interaction_id >> 22) + DISCORD_EPOCH_MS) / 1000
            self._acknowledged.labels(kind).observe(max(self._now().timestamp() - made_at_s, 0.0))

    def effect(self, kind: str, subject: str, outcome: str, after_s: float) -> None:
        """Kept until the page is asked for: only the store knows which kinds may be told."""
        self._ended.append((kind, subject, outcome, after_s))

    def deadline(self, late_s: float) -> None:
        """Count it."""
        self._late.observe(late_s)

    def discord(self, status: int | None, scope: str | None) -> None:
        """Count it."""
        self._answers.labels("none" if status is None else "429" if status == 429 else f"{status // 100}xx").inc()
        if status == 429:
            self._limited.labels(scope if scope in ("user", "global", "shared") else "unknown").inc()

    def gateway_event(self) -> None:
        """Remember when."""
        self._heard_at = self._now()

    # Looked at ---------------------------------------------------------------------------------------------------

    def subjects(self) -> frozenset[str]:
        """What the effects belong to whose end is not counted yet."""
        return frozenset(subject for _, subject, _, _ in self._ended)

    def page(self, seen: Seen, accepts: str = "") -> tuple[bytes, str]:
        """All figures as text, and its content type. `accepts`: what the asker can read, as HTTP has it."""
        if seen.store is not None:
            self._count(seen.store.shown)
        self._seen = seen
        write, content_type = choose_encoder(accepts)
        return write(self.registry), content_type

    def _count(self, shown: Collection[str]) -> None:
        while self._ended:
            kind, subject, outcome, after_s = self._ended.popleft()
            told = kind if subject in shown else OTHER
            self._outcomes.labels(told, outcome).inc()
            if outcome == "done":
                self._took.labels(told).observe(after_s)

    def collect(self) -> Iterator[Metric]:
        """The gauges, for the registry."""
        yield InfoMetricFamily(
            "vigil_build",
            "This version.",
            {
                "version": self._version,
                "python": platform.python_version(),
                "schema": self._seen.schema if self._seen else "",
            },
        )
        if self._seen is not None:
            yield from self._of_the_process(self._seen)
            if self._seen.store is not None:
                yield from _of_the_store(self._seen.store)

    def _of_the_process(self, seen: Seen) -> Iterator[Metric]:
        yield _gauge("vigil_database_up", "1: the database answers.", float(seen.store is not None))
        duty = GaugeMetricFamily("vigil_process_duty", "1 at what this process does.", labels=["duty"])
        duty.add_metric([seen.duty], 1.0)
        yield duty
        yield _gauge("vigil_gateway_shards_connected", "Shards with a connection to Discord.", seen.shards_connected)
        yield _gauge("vigil_gateway_shards_wanted", "Shards that this process is to connect.", seen.shards_wanted)
        if seen.latency_s is not None:
            yield _gauge("vigil_gateway_latency_seconds", "Heartbeat of the slowest shard.", seen.latency_s)
        if self._heard_at is not None:
            name, words = "vigil_gateway_last_event_timestamp_seconds", "When the gateway last told something."
            yield _gauge(name, words, self._heard_at.timestamp())
        if seen.backup_at is not None:
            name, words = "vigil_backup_timestamp_seconds", "When the newest backup was made."
            yield _gauge(name, words, seen.backup_at.timestamp())


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _of_the_store(store: Numbers) -> Iterator[Metric]:
    effects, deadlines = store.effects, store.deadlines
    queue = GaugeMetricFamily("vigil_effects_queue", "Effects by where they stand.", labels=["state"])
    for state in ("ready", "waiting", "running", "failed"):
        queue.add_metric([state], getattr(effects, state))
    yield queue
    name, words = "vigil_effects_oldest_wait_seconds", "How long the oldest effect whose time has come is not done."
    yield _gauge(name, words, _age(store.at, effects.waits_since))
    due = GaugeMetricFamily("vigil_deadlines", "Deadlines that may be shown: open, or overdue.", labels=["state"])
    due.add_metric(["open"], deadlines.open)
    due.add_metric(["overdue"], deadlines.overdue)
    yield due
    name, words = "vigil_deadlines_unfired_seconds", "How long the time of a deadline has come that did not fire yet."
    yield _gauge(name, words, _age(store.at, deadlines.unfired_since))
    incidents = GaugeMetricFamily("vigil_incidents_open", "Open incidents, private ones left out.", labels=["severity"])
    for severity, count in sorted(store.open_incidents.items()):
        incidents.add_metric([severity], count)
    yield incidents


def _age(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
