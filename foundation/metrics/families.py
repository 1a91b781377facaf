"""Every figure that processes count: its name, its unit, its labels. What is of the whole installation is computed
when it is asked for (`foundation.metrics.standing`).

Labels hold names of the service's own, of providers and of models: never ids of people, never what anybody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric

# Before the first figure is made: it decides where they are kept.
from foundation.metrics import processes as processes

REGISTRY: Final = CollectorRegistry()

ANSWER: Final = (0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
FIRST: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
OWN: Final = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10)
LAG: Final = (0.005, 0.02, 0.1, 0.5, 2)


def _counter(name: str, what: str, *labels: str) -> Counter:
    return Counter(f"playground_{name}", what, labels, registry=REGISTRY)


def _histogram(name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"playground_{name}", what, labels, buckets=buckets, registry=REGISTRY)


def _gauge(name: str, what: str, *labels: str, least: bool = False) -> Gauge:
    """Of living processes: their sum, or the least of them."""
    mode = "livemin" if least else "livesum"
    return Gauge(f"playground_{name}", what, labels, registry=REGISTRY, multiprocess_mode=mode)  # type: ignore[arg-type]


EXECUTIONS = _counter("executions", "Executions that ended.", "provider", "model", "origin", "status")
CACHE_HITS = _counter("execution_cache_hits", "Executions that an earlier equal answer was given to.", "provider")
EXECUTION_SECONDS = _histogram(
    "execution_duration_seconds", "From an execution's start to its end; completed ones.", ANSWER, "provider"
)
FIRST_TOKEN_SECONDS = _histogram(
    "time_to_first_token_seconds", "From an execution's start to the first of its answer.", FIRST, "provider"
)
TOKENS = _counter("tokens", "Tokens that executions used.", "provider", "model", "kind")
COST = _counter("cost_usd", "What executions cost, in USD.", "provider", "model")
PROVIDER_FAILURES = _counter("provider_failures", "Calls of providers that failed.", "provider", "code")
CALLS_IN_FLIGHT = _gauge("provider_calls_in_flight", "Places that are in use: calls of a provider now.", "provider")
CALLS_WAITING = _gauge("provider_calls_waiting", "Calls that wait for a place at a provider.", "provider")

HTTP_REQUESTS = _counter("http_requests", "Requests that were answered.", "door", "method", "status")
HTTP_SECONDS = _histogram("http_request_duration_seconds", "From a request to its answer's end.", ANSWER, "door")
HTTP_OVERHEAD_SECONDS = _histogram(
    "http_overhead_seconds", "From a request to its answer's head, without the time that providers took.", OWN, "door"
)
OPEN_STREAMS = _gauge("open_streams", "Answers that are followed word by word now, by their kind.", "kind")

POOL_CONNECTIONS = _gauge("database_pool_connections", "Connections of the database pools.", "state")
POOL_WAITING = _gauge("database_pool_waiting", "Who waits for a connection of a database pool.")
LOOP_LAG_SECONDS = _histogram("event_loop_lag_seconds", "How late the event loop comes, twice a second.", LAG)
PULSE_AT = _gauge(
    "pulse_last_success_timestamp_seconds", "When the process that is latest last did a duty.", "duty", least=True
)
SCRAPE_ERRORS = _counter("scrape_errors", "Parts of scrapes that could not be told.", "part")


class Collector(Protocol):
    """Who tells families of figures."""

    def collect(self) -> Iterable[Metric]:
        """As they are now."""


def counted() -> Collector:
    """What all processes that share a folder have counted; without one, this process."""
    folder = processes.folder()
    return REGISTRY if folder is None else processes.AllProcesses(folder)
