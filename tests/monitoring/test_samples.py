"""Samples: what is kept of a minute, who writes it, and what rows show when they are read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.db import connections
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from foundation.database.threads import in_database_thread
from foundation.metrics.families import FIRST
from foundation.metrics.processes import VARIABLE
from monitoring.keeping.retention import forget_old_samples
from monitoring.models import Sample
from monitoring.samples.figures import FIGURES, figures_of
from monitoring.samples.reading import increase, latest, missing, number, quantile, series
from monitoring.samples.taking import host, write
from tests.cast import Person, new_user
from tests.doors.test_metrics import TOKEN
from tests.monitoring.samples import START, a_sample, after
from tests.servers.service import Service
from tests.waiting import until


def test_a_sample_keeps_sums_of_what_is_told() -> None:
    registry = CollectorRegistry()
    requests = Counter("playground_http_requests", "-", ("door", "method", "status"), registry=registry)
    for door, status, times in (("api", "200", 5), ("page", "503", 2), ("page", "404", 1), ("watch", "500", 9)):
        requests.labels(door, "GET", status).inc(times)
    own = Histogram("playground_http_overhead_seconds", "-", ("door",), buckets=(0.1, 0.5, 1), registry=registry)
    for seconds in (0.05, 0.4, 0.7, 3):
        own.labels("api").observe(seconds)
    own.labels("watch").observe(9)
    executions = Counter("playground_executions", "-", ("provider", "model", "status"), registry=registry)
    for provider, model, status in (("a", "1", "completed"), ("a", "2", "completed"), ("b", "1", "failed")):
        executions.labels(provider, model, status).inc()
    first = Histogram("playground_time_to_first_token_seconds", "-", ("provider",), buckets=FIRST, registry=registry)
    first.labels("a").observe(0.3)
    first.labels("b").observe(99)
    breaker = Gauge("playground_provider_breaker", "-", ("provider", "state"), registry=registry)
    for state, value in (("closed", 0), ("open", 1), ("half_open", 0)):
        breaker.labels("a", state).set(value)
    figures = figures_of(registry.collect())
    assert (figures["requests"], figures["requests_failed"]) == (8, 2)
    assert (figures["requests_timed"], figures["requests_quick"]) == (4, 2)
    assert figures["executions_completed"] == {"a": 2}
    assert figures["executions_failed"] == {"b": 1}
    assert figures["first_token"] == [0, 0, 1, 1, 1, 1, 1, 1, 2]
    assert (figures["breaker_open"], figures["breaker_half_open"]) == ({"a": 1}, {"a": 0})
    assert (figures["provider_failures"], figures["pool_waiting"]) == ({}, 0)
    assert "queue_waiting" not in figures
    assert "disk_free" not in figures
    assert set(figures) <= set(FIGURES)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_that_come_at_once_writes_the_minute() -> None:
    def come(number: int) -> bool:
        try:
            return write(START, {"requests": number})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(come, range(8))) == [False] * 7 + [True]
    assert [row.host for row in Sample.objects.filter(minute=START)] == [host()]


@pytest.mark.django_db
def test_a_counter_that_fell_was_begun_anew() -> None:
    for minutes, value in ((-12, 1), (-1, 100), (0, 110), (1, 4), (2, 9), (5, 9)):
        a_sample(minutes, requests=value, cost_usd=value / 10)
    assert increase("requests", since=START, until=after(10)) == 10 + 4 + 5
    assert increase("requests", since=after(1), until=after(2)) == 4
    assert increase("cost_usd", since=START, until=after(10)) == pytest.approx(1.9)
    assert increase("requests", since=after(20), until=after(30)) is None
    assert increase("tokens", since=START, until=after(10)) is None


@pytest.mark.django_db
def test_each_host_has_its_own_counts_and_all_tell_the_same_of_the_installation() -> None:
    for minutes in (0, 1):
        a_sample(minutes, host="one", requests=10 + minutes, queue_waiting=3, streams=2, disk_free=70)
        a_sample(minutes, host="two", requests=500 + minutes * 4, queue_waiting=5, streams=1, disk_free=20)
    now = latest(now=after(1.5))
    assert now is not None
    assert (now.minute, now.hosts) == (after(1), 2)
    assert now.figures == {"queue_waiting": 5, "streams": 3, "disk_free": 20}
    assert increase("requests", since=START, until=after(5)) == 1 + 4
    assert latest(now=after(6)) is None


@pytest.mark.django_db
def test_figures_of_providers_are_told_apart() -> None:
    a_sample(0, executions_failed={"a": 1}, breaker_open={"a": 0, "b": 1})
    a_sample(1, executions_failed={"a": 3, "b": 2}, breaker_open={"a": 1, "b": 0})
    gained = increase("executions_failed", since=START, until=after(2))
    assert gained == {"a": 2, "b": 2}
    assert number(gained) == 4
    (step,) = series("breaker_open", since=START, until=after(2), step=timedelta(minutes=2))
    assert step.value == {"a": 1, "b": 1}


@pytest.mark.django_db
def test_a_series_has_a_step_for_every_time_and_nothing_made_up_between() -> None:
    for minutes, waiting, requests in ((0, 1, 10), (1, 7, 12), (4, 2, 20)):
        a_sample(minutes, queue_waiting=waiting, requests=requests)
    waits = series("queue_waiting", since=START, until=after(5))
    assert [(point.at, point.value) for point in waits] == [
        (after(0), 1), (after(1), 7), (after(2), None), (after(3), None), (after(4), 2)
    ]  # fmt: skip
    two = timedelta(minutes=2)
    assert [point.value for point in series("queue_waiting", since=START, until=after(5), step=two)] == [7, None, 2]
    assert [point.value for point in series("requests", since=START, until=after(5), step=two)] == [2, None, 8]
    assert missing(since=START, until=after(6)) == [after(2), after(3), after(5)]
    assert missing(since=after(0.5), until=after(2.5)) == []
    with pytest.raises(KeyError):
        series("weather", since=START, until=after(5))


@pytest.mark.django_db
def test_shares_are_of_what_came_in_the_window() -> None:
    a_sample(0, first_token=[0, 0, 0, 0, 0, 0, 0, 0, 5])
    a_sample(1, first_token=[10, 18, 19, 19, 19, 19, 19, 20, 25])
    a_sample(2, first_token=[1, 1, 1, 1, 1, 1, 1, 1, 1])
    assert quantile("first_token", 0.5, since=START, until=after(2)) == 0.1
    assert quantile("first_token", 0.95, since=START, until=after(2)) == 0.5
    assert quantile("first_token", 1, since=START, until=after(2)) == 30
    assert quantile("first_token", 0.5, since=START, until=after(2), least=21) is None
    assert quantile("first_token", 0.95, since=after(2), until=after(3)) == 0.1
    assert quantile("first_token", 0.95, since=after(5), until=after(9)) is None


@pytest.mark.django_db
def test_samples_go_after_five_weeks() -> None:
    a_sample(0, requests=1)
    a_sample(1, requests=1)
    assert forget_old_samples(now=after(0.5) + timedelta(days=35)) == 1
    assert [row.minute for row in Sample.objects.filter(host="one")] == [after(1)]


async def test_a_web_process_takes_the_sample_of_its_minute(service: Service, tmp_path: Path) -> None:
    author = Person(service.url, await in_database_thread(new_user))
    web = service.start_web(METRICS_TOKEN=TOKEN, **{VARIABLE: str(tmp_path)})
    await author.at(web.url).execute("openai/tokens-32")
    rows = Sample.objects.filter(host=host().partition(":")[0], figures__executions_completed__openai__gte=1)
    sample = await until(lambda: in_database_thread(rows.first), seconds=90)
    assert {figure.name for figure in FIGURES.values()} == set(sample.figures)
    assert sample.figures["webs_alive"] >= 1
    assert sample.figures["disk_size"] > sample.figures["disk_free"] > 0
    assert len(orjson.dumps(sample.figures)) < 2500
