"""The figures of a sample: their names, units and meanings, and how each is made of what `/metrics` tells.

Counters are kept as they are, and a histogram as the counts of its buckets: what happened in a window is their
difference (`monitoring.samples.reading`). A figure whose part could not be told is missing, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from prometheus_client import Metric
from prometheus_client.samples import Sample as Told

from foundation.metrics.families import ANSWER, FIRST, LAG

Labels = Mapping[str, str]
Value = float | dict[str, float] | list[float]
Figures = dict[str, Value]


class Kind(StrEnum):
    """How rows are put together."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Scope(StrEnum):
    """Whose it is: every host tells the same of the installation, and each its own of itself."""

    INSTALLATION = "installation"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a sample, and the samples of `/metrics` that it is the sum of."""

    name: str
    unit: str
    """As it stands behind a number; empty for a count."""
    meaning: str
    kind: Kind
    scope: Scope
    told_as: str
    """The name of the sample, without `playground_`."""
    wanted: Callable[[Labels], bool] = lambda labels: True
    by: str = ""
    """The label by which it is told apart: `provider`, `destination`; empty for one number."""
    buckets: tuple[float, ...] = ()
    """Upper ends of a histogram's, without the last that has none."""
    part: str = ""
    """Of the installation's standing that tells it, and may fail; empty for what processes count themselves."""


def _own(labels: Labels) -> bool:
    return labels["door"] != "watch"


def _failed(labels: Labels) -> bool:
    return _own(labels) and labels["status"] in ("500", "503")


def _quick(labels: Labels) -> bool:
    return _own(labels) and labels["le"] == "0.5"


def _with(**wanted: str) -> Callable[[Labels], bool]:
    return lambda labels: wanted.items() <= labels.items()


def _counter(name: str, meaning: str, told_as: str, unit: str = "", **rest: object) -> Figure:
    return Figure(name, unit, meaning, Kind.COUNTER, Scope.HOST, told_as, **rest)  # type: ignore[arg-type]


def _gauge(name: str, meaning: str, told_as: str, unit: str = "", *, part: str = "", **rest: object) -> Figure:
    scope = Scope.INSTALLATION if part not in ("", "storage") else Scope.HOST
    return Figure(name, unit, meaning, Kind.GAUGE, scope, told_as, part=part, **rest)  # type: ignore[arg-type]


def _histogram(name: str, meaning: str, told_as: str, buckets: tuple[float, ...]) -> Figure:
    return Figure(name, "s", meaning, Kind.HISTOGRAM, Scope.HOST, told_as, buckets=buckets)


FIGURES: Final[Mapping[str, Figure]] = {
    figure.name: figure
    for figure in (
        _counter("requests", "Requests that were answered", "http_requests_total", wanted=_own),
        _counter("requests_failed", "Of them, answered 500 or 503", "http_requests_total", wanted=_failed),
        _counter("requests_timed", "Requests whose own time is known", "http_overhead_seconds_count", wanted=_own),
        _counter("requests_quick", "Of them, with at most 0.5 s of own", "http_overhead_seconds_bucket", wanted=_quick),
        *(
            _counter(
                f"executions_{status}", f"Executions that ended {status}", "executions_total",
                wanted=_with(status=status), by="provider",
            )
            for status in ("completed", "failed", "cancelled")
        ),
        _counter("cache_hits", "Executions that were answered from the cache", "execution_cache_hits_total"),
        _counter("provider_failures", "Calls of providers that failed", "provider_failures_total", by="provider"),
        _counter("tokens", "Tokens that executions used", "tokens_total"),
        _counter("cost_usd", "What executions cost", "cost_usd_total", "USD"),
        _counter("scrape_errors", "Parts of samples and scrapes that could not be told", "scrape_errors_total"),
        _histogram("first_token", "From an execution's start to its first token", "time_to_first_token_seconds", FIRST),
        _histogram("duration", "From an execution's start to its end", "execution_duration_seconds", ANSWER),
        _histogram("loop_lag", "How late event loops come", "event_loop_lag_seconds", LAG),
        _gauge("calls_in_flight", "Calls of a provider now", "provider_calls_in_flight", by="provider"),
        _gauge("calls_waiting", "Calls that wait for a place", "provider_calls_waiting", by="provider"),
        _gauge("streams", "Answers that are followed word by word", "open_streams"),
        _gauge("pool_waiting", "Threads that wait for a database connection", "database_pool_waiting"),
        _gauge("disk_free", "Room on the data folder's disk", "disk_free_bytes", "bytes", part="storage"),
        _gauge("disk_size", "The data folder's disk", "disk_size_bytes", "bytes", part="storage"),
        _gauge("queue_waiting", "Messages that wait for a worker", "queue_messages", part="queues",
               wanted=_with(state="waiting")),
        _gauge("queue_taken", "Messages that workers have taken", "queue_messages", part="queues",
               wanted=_with(state="taken")),
        _gauge("queue_oldest", "How long the oldest message waits", "queue_oldest_age_seconds", "s", part="queues"),
        _gauge("webs_alive", "Web processes that live", "processes_alive", part="processes", wanted=_with(role="web")),
        _gauge("workers_alive", "Workers that live", "processes_alive", part="processes", wanted=_with(role="worker")),
        _gauge("breaker_open", "1 while a provider's breaker is open", "provider_breaker", part="breakers",
               by="provider", wanted=_with(state="open")),
        _gauge("breaker_half_open", "1 while a provider is tried again", "provider_breaker", part="breakers",
               by="provider", wanted=_with(state="half_open")),
        _gauge("models_resting", "Models whose breakers are open", "provider_models_resting", part="breakers",
               by="provider"),
        _gauge("outbox_undelivered", "Events still to be delivered", "outbox_undelivered", part="outbox",
               by="destination"),
        _gauge("outbox_oldest", "How old the oldest event to deliver is", "outbox_oldest_age_seconds", "s",
               part="outbox", by="destination"),
        _gauge("outbox_parked", "Deliveries that were given up", "outbox_parked", part="outbox"),
        _gauge("samples_waiting", "Samples of running tests that wait", "evaluation_samples_waiting",
               part="evaluation"),
        _gauge("samples_oldest", "How long the oldest test with samples that wait runs",
               "evaluation_oldest_age_seconds", "s", part="evaluation"),
    )
}  # fmt: skip


def figures_of(families: Iterable[Metric]) -> Figures:
    """What a sample keeps of a scrape. What nobody counted yet is 0; what a part did not tell is missing."""
    told: dict[str, list[Told]] = {}
    for family in families:
        for sample in family.samples:
            told.setdefault(sample.name.removeprefix("playground_"), []).append(sample)
    return {
        figure.name: _value(figure, told) for figure in FIGURES.values() if not figure.part or figure.told_as in told
    }


def _value(figure: Figure, told: Mapping[str, list[Told]]) -> Value:
    if figure.buckets:
        return _buckets(figure, told.get(f"{figure.told_as}_bucket", []))
    wanted = [sample for sample in told.get(figure.told_as, []) if figure.wanted(sample.labels)]
    if not figure.by:
        return _short(sum(sample.value for sample in wanted))
    sums: dict[str, float] = {}
    for sample in wanted:
        key = sample.labels[figure.by]
        sums[key] = sums.get(key, 0) + sample.value
    return {key: _short(value) for key, value in sorted(sums.items())}


def _buckets(figure: Figure, samples: Iterable[Told]) -> list[float]:
    """How many came up to each end, the last of all."""
    ends = [*figure.buckets, float("inf")]
    counts = dict.fromkeys(ends, 0.0)
    for sample in samples:
        counts[float(sample.labels["le"])] += sample.value
    return [_short(counts[end]) for end in ends]


def _short(value: float) -> float:
    """As few digits as say it."""
    return int(value) if value == int(value) else round(value, 3)
