"""The figures that rules may watch: what each means, its unit, and its value of a minute.

A value is by subject: a provider, a destination, an error, or one number under an empty name. None says that it could
not be told; no subject at all says that there was nothing to measure, which is no alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from monitoring.models import ErrorGroup
from monitoring.samples.figures import Figures, Value
from monitoring.samples.reading import increase, latest, number, quantile, series

Values = Mapping[str, float]

FEWEST_FAILED: Final = 3
"""Requests of an hour: one that failed in a quiet night is an error to look at, and no objective that is missed."""
FEWEST_MEASURED: Final = 20
"""Executions of which a percentile says something."""
MOST_ERRORS: Final = 20
"""New ones that are told apart at a time."""
BEGUN_WITHIN: Final = timedelta(minutes=10)
"""How far back samples are looked for that tell since when the service runs."""
WORKERS_COME_WITHIN: Final = timedelta(minutes=3)
"""Of the service's own beginning."""
NEW_FOR: Final = timedelta(hours=1)
ERRORS_ALLOWED: Final = 0.001
SLOW_ALLOWED: Final = 0.01
"""Shares of requests, as `deploy/observability/rules.yml` has them."""


@dataclass(frozen=True)
class Minute:
    """What measures are taken of: the newest figures, and where windows end."""

    until: datetime
    figures: Figures

    def gained(self, name: str, minutes: int) -> Value | None:
        """What a counter gained in the last so many minutes."""
        return increase(name, since=self.until - timedelta(minutes=minutes), until=self.until)

    def share(self, part: str, whole: str, minutes: int) -> float | None:
        """Of one counter in another; 0 where the other gained nothing, None where nothing can be told."""
        some, all_ = number(self.gained(part, minutes)), number(self.gained(whole, minutes))
        if some is None or all_ is None:
            return None
        return some / all_ if all_ else 0.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of rules."""

    name: str
    meaning: str
    unit: str
    """As it stands behind the number; empty for a count."""
    of: Callable[[Minute], Values | None]
    by: str = ""
    """What its subjects are: `provider`, `destination`, `error`; empty for one number."""


def minute_of(now: datetime) -> Minute | None:
    """None where no sample is young enough to tell of now."""
    found = latest(now=now)
    return None if found is None else Minute(found.minute + timedelta(minutes=1), found.figures)


def _latest(name: str) -> Callable[[Minute], Values | None]:
    def measured(minute: Minute) -> Values | None:
        value = minute.figures.get(name)
        if isinstance(value, dict):
            return value
        return None if value is None or isinstance(value, list) else {"": float(value)}

    return measured


def _gained(name: str, minutes: int) -> Callable[[Minute], Values | None]:
    def measured(minute: Minute) -> Values | None:
        value = minute.gained(name, minutes)
        if isinstance(value, dict):
            return value
        return None if value is None or isinstance(value, list) else {"": float(value)}

    return measured


def _percentile(name: str, share: float, minutes: int) -> Callable[[Minute], Values | None]:
    def measured(minute: Minute) -> Values | None:
        since = minute.until - timedelta(minutes=minutes)
        value = quantile(name, share, since=since, until=minute.until, least=FEWEST_MEASURED)
        return {} if value is None else {"": value}

    return measured


def _workers(minute: Minute) -> Values | None:
    """How many live; not to be told yet where the service itself has only just begun: they come after it."""
    values = _latest("workers_alive")(minute)
    if values is None or any(values.values()):
        return values
    points = series("workers_alive", since=minute.until - BEGUN_WITHIN, until=minute.until)
    known = [point for point in points if point.value is not None]
    is_new = all(point.at > minute.until - WORKERS_COME_WITHIN and not point.value for point in known)
    return None if is_new else values


def _disk(minute: Minute) -> Values | None:
    free, size = number(minute.figures.get("disk_free")), number(minute.figures.get("disk_size"))
    return None if free is None or not size else {"": 100 * free / size}


def _failed(minute: Minute) -> Values | None:
    failed = number(minute.gained("requests_failed", 60))
    rates = [minute.share("requests_failed", "requests", minutes) for minutes in (60, 5)]
    return _burn(rates, allowed=ERRORS_ALLOWED, is_enough=failed is not None and failed >= FEWEST_FAILED)


def _slow(minute: Minute) -> Values | None:
    timed, quick = (number(minute.gained(name, 60)) for name in ("requests_timed", "requests_quick"))
    quick_shares = [minute.share("requests_quick", "requests_timed", minutes) for minutes in (60, 5)]
    answered = [number(minute.gained("requests_timed", minutes)) for minutes in (60, 5)]
    rates = [
        None if share is None else 1 - share if count else 0.0
        for share, count in zip(quick_shares, answered, strict=True)
    ]
    is_enough = timed is not None and quick is not None and timed - quick >= FEWEST_FAILED
    return _burn(rates, allowed=SLOW_ALLOWED, is_enough=is_enough)


def _burn(rates: list[float | None], *, allowed: float, is_enough: bool) -> Values | None:
    """How many times faster than allowed, over the long window and the short one: the lower of the two (The Site
    Reliability Workbook, "Alerting on SLOs").
    """
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return None
    return {"": min(known) / allowed if is_enough else 0.0}


def _errors(minute: Minute) -> Values:
    """Groups that were first seen, or came back, within the hour, and of which nobody decided anything."""
    since = minute.until - NEW_FOR
    groups = ErrorGroup.objects.filter(resolved_at=None, muted_at=None)
    new = groups.filter(first_seen__gte=since) | groups.filter(returned_at__gte=since)
    return {str(id_): float(count) for id_, count in new.order_by("-id").values_list("id", "count")[:MOST_ERRORS]}


MEASURES: Final[Mapping[str, Measure]] = {
    measure.name: measure
    for measure in (
        Measure("workers_alive", "Workers that live", "", _workers),
        Measure("webs_alive", "Web processes that live", "", _latest("webs_alive")),
        Measure("queue_oldest", "How long the oldest message waits for a worker", "s", _latest("queue_oldest")),
        Measure("queue_waiting", "Messages that wait for a worker", "", _latest("queue_waiting")),
        Measure("outbox_oldest", "Age of the oldest event to deliver", "s", _latest("outbox_oldest"), "destination"),
        Measure("outbox_parked", "Deliveries that were given up", "", _latest("outbox_parked")),
        Measure("breaker_open", "Whether a provider's breaker is open: 1 or 0", "", _latest("breaker_open"),
                "provider"),
        Measure("models_resting", "Models whose breakers are open", "", _latest("models_resting"), "provider"),
        Measure("calls_waiting", "Calls that wait for a place", "", _latest("calls_waiting"), "provider"),
        Measure("provider_failures", "Failed calls in 5 minutes", "", _gained("provider_failures", 5), "provider"),
        Measure("executions_failed", "Failed executions in 15 minutes", "", _gained("executions_failed", 15),
                "provider"),
        Measure("first_token_p95", "First token within, 95 % in 5 minutes", "s", _percentile("first_token", 0.95, 5)),
        Measure("failed_burn", "Answers 500 and 503 against 0.1 % allowed, in 1 h and 5 min", "times", _failed),
        Measure("slow_burn", "Answers with over 0.5 s of own time against 1 % allowed, in 1 h and 5 min", "times",
                _slow),
        Measure("disk_free", "Room on the data folder's disk", "%", _disk),
        Measure("pool_waiting", "Threads that wait for a database connection", "", _latest("pool_waiting")),
        Measure("loop_lag_p99", "Event loops late by, 99 % in 5 minutes", "s", _percentile("loop_lag", 0.99, 5)),
        Measure("samples_oldest", "How long the oldest test with waiting samples runs", "s", _latest("samples_oldest")),
        Measure("untold_parts", "Parts of samples that could not be told, in 10 minutes", "",
                _gained("scrape_errors", 10)),
        Measure("new_errors", "Times of an error that is new or back within the hour", "", _errors, "error"),
    )
}  # fmt: skip
