"""T10, T26: `/metrics` tells its scrapers what happened, in figures that hold, and nobody else anything."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from django.db.models import Count, Sum
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from foundation.database.threads import in_database_thread
from foundation.metrics.processes import VARIABLE
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser
from tests.servers.service import Service, Web
from tests.waiting import until

TOKEN = "t" * 16 + "8c1a5b0e9d7f4a32"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Where these processes keep what they count."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


@pytest.fixture
def watched(service: Service, shared: Path) -> Web:
    """A web process that is scraped."""
    return service.start_web(METRICS_TOKEN=TOKEN, **{VARIABLE: str(shared)})


async def answer_of(url: str, *, token: str = TOKEN, **headers: str) -> tuple[int, str, str]:
    """Status, content type and text."""
    given = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/metrics", headers=given, allow_redirects=False) as response,
    ):
        return response.status, response.headers["Content-Type"], await response.text()


async def figures_of(url: str, *, accept: str = "") -> Figures:
    """Every sample of a scrape, by its name and labels."""
    status, _, text = await answer_of(url, **({"Accept": accept} if accept else {}))
    assert status == 200, text
    parse: Callable[[str], Any] = openmetrics if accept else plain
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def total(figures: Figures, name: str, **labels: str) -> float:
    """Of all samples of this name that have these labels."""
    return sum(
        value for (each, those), value in figures.items() if each == name and labels.items() <= dict(those).items()
    )


async def test_t26_nobody_reads_metrics_where_no_scraper_is_named(service: Service, author: Person) -> None:
    for token in ("", author.token, TOKEN):
        status, kind, text = await answer_of(service.url, token=token)
        assert (status, kind) == (401, "application/problem+json")
        assert "METRICS_TOKEN" in text


async def test_t26_a_scraper_shows_its_token_and_a_person_has_none(watched: Web, author: Person) -> None:
    for token in ("", author.token, TOKEN[:-1], TOKEN + "x", "ü"):
        assert (await answer_of(watched.url, token=token))[0] == 401
    assert (await answer_of(watched.url))[0] == 200
    assert (await author.at(watched.url).post("/metrics")).status == 401
    assert (await Browser(watched.url).get("/metrics/")).status == 302


async def test_t26_an_address_that_is_named_is_let_in_as_proxies_tell_it(service: Service) -> None:
    here = service.start_web(METRICS_ALLOW="10.0.0.0/8, 127.0.0.1")
    assert (await answer_of(here.url, token=""))[0] == 200
    behind = service.start_web(METRICS_ALLOW="10.0.0.0/8", TRUSTED_PROXIES="127.0.0.1")
    assert (await answer_of(behind.url, token="", **{"X-Forwarded-For": "10.1.2.3"}))[0] == 200
    assert (await answer_of(behind.url, token="", **{"X-Forwarded-For": "11.1.2.3"}))[0] == 401
    assert (await answer_of(behind.url, token="", **{"X-Forwarded-For": "10.1.2.3, 11.1.2.3"}))[0] == 401
    elsewhere = service.start_web(METRICS_ALLOW="10.0.0.0/8")
    assert (await answer_of(elsewhere.url, token="", **{"X-Forwarded-For": "10.1.2.3"}))[0] == 401


async def test_what_is_counted_is_what_the_database_has(watched: Web, author: Person) -> None:
    there = author.at(watched.url)
    for model in (
        "openai/tokens-32",
        "openai/tokens-32",
        "anthropic/tokens-32",
        "openai/gpt-4o-mini",
        "openai/fault-400",
    ):
        await there.execute(model)
    await there.events("openai/tokens-32")
    for accept in ("", OPENMETRICS):
        figures = await figures_of(watched.url, accept=accept)
        rows = await in_database_thread(_rows)
        assert rows
        for provider, model, status, number, prompt, completion, cost in rows:
            # A name that no provider has vouched for is nobody's label.
            known = {"provider": provider, "model": model if status == "completed" else "other"}
            assert total(figures, "playground_executions_total", **known, status=status) == number
            if status == "completed":
                assert total(figures, "playground_tokens_total", **known, kind="prompt") == prompt
                assert total(figures, "playground_tokens_total", **known, kind="completion") == completion
                assert total(figures, "playground_cost_usd_total", **known) == pytest.approx(float(cost))
    assert total(figures, "playground_http_requests_total", door="execution", method="POST") == 6
    assert total(figures, "playground_http_overhead_seconds_count", door="execution") == 6
    assert total(figures, "playground_cost_usd_total", model="openai/gpt-4o-mini") > 0
    assert total(figures, "playground_execution_duration_seconds_count", provider="openai") == 4
    # One of them streamed.
    assert total(figures, "playground_time_to_first_token_seconds_count", provider="openai") == 1
    assert total(figures, "playground_processes_alive", role="web") >= 1
    assert total(figures, "playground_queue_messages", state="waiting") >= 0
    assert total(figures, "playground_scrape_errors_total") == 0


def _rows() -> list[tuple[Any, ...]]:
    grouped = PromptExecution.objects.values_list("model_id", "status").annotate(
        Count("id"), Sum("prompt_tokens"), Sum("completion_tokens"), Sum("estimated_cost")
    )
    return [(row[0].partition("/")[0], *row) for row in grouped]


async def test_what_the_provider_took_is_not_our_own_time(watched: Web, author: Person) -> None:
    assert (await author.at(watched.url).execute("openai/tokens-100-every-30ms")).status == 200
    figures = await figures_of(watched.url)
    lasted = total(figures, "playground_http_request_duration_seconds_sum", door="execution")
    own = total(figures, "playground_http_overhead_seconds_sum", door="execution")
    assert lasted > 2.9
    assert own < lasted - 2.9


async def test_two_processes_are_told_together_and_a_dead_one_counts_no_more_what_is_open(
    service: Service, watched: Web, shared: Path, author: Person
) -> None:
    other = service.start_web(METRICS_TOKEN=TOKEN, **{VARIABLE: str(shared)})
    assert (await author.at(watched.url).execute("openai/tokens-32")).status == 200
    async with author.at(other.url).streaming("openai/tokens-100-every-30ms") as stream:
        await anext(aiter(stream))
        figures = await figures_of(watched.url)
        assert total(figures, "playground_open_streams", kind="sse") == 1
        assert total(figures, "playground_provider_calls_in_flight", provider="openai") == 1
        async for _ in stream:
            pass

    async def is_over() -> Figures | None:
        figures = await figures_of(watched.url)
        return None if total(figures, "playground_open_streams", kind="sse") else figures

    figures = await until(is_over)
    assert total(figures, "playground_executions_total", status="completed") == 2

    async with author.at(other.url).streaming("openai/tokens-100-every-30ms") as stream:
        await anext(aiter(stream))
        other.restart(signal.SIGKILL)
    figures = await figures_of(watched.url)
    assert total(figures, "playground_open_streams", kind="sse") == 0
    assert total(figures, "playground_provider_calls_in_flight", provider="openai") == 0
    assert total(figures, "playground_executions_total", status="completed") == 2


async def test_t10_nothing_that_anybody_wrote_stands_in_metrics(watched: Web, author: Person) -> None:
    there = author.at(watched.url)
    await there.execute("openai/tokens-32", "canary-prompt")
    await there.execute("openai/fault-404-model@canary")
    await there.execute("canary-provider/canary-model")
    await there.get("/api/canary-path?canary=1")
    await there.call("CANARY", "/canary-page")
    _, _, text = await answer_of(watched.url)
    assert "canary" not in text.lower()
    assert str(author.user.id) not in text  # type: ignore[union-attr]


async def test_a_part_that_is_away_leaves_the_others(watched: Web, service: Service) -> None:
    dead = service.start_web(METRICS_TOKEN=TOKEN, REDIS_URL="redis://127.0.0.1:1/0")
    figures = await figures_of(dead.url)
    assert total(figures, "playground_scrape_errors_total", part="queues") >= 1
    assert not [name for name, _ in figures if name == "playground_queue_messages"]
    assert [name for name, _ in figures if name == "playground_outbox_undelivered"]
