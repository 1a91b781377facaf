"""Providers that fail: each way is a typed error, what came is kept, nothing is asked twice without need."""

from __future__ import annotations

import asyncio
import signal
import uuid

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Event, Person, text_of
from tests.playground.conftest import Ledger, MakeProvider
from tests.servers.service import Service
from tests.waiting import until

FAULTS = {
    "fault-500": ("provider_error", 502, 3),
    "fault-529": ("provider_error", 502, 3),
    "fault-429-spend-cap": ("provider_quota", 503, 1),
    "fault-401": ("provider_authentication", 502, 1),
    "fault-404-model": ("model_not_found", 404, 1),
    "fault-400-context": ("context_window_exceeded", 400, 1),
    "fault-400": ("provider_refused", 502, 1),
    "fault-html": ("malformed_response", 502, None),
    "fault-empty": ("malformed_response", 502, None),
    "fault-garbage": ("malformed_response", 502, None),
    "fault-redirect": ("provider_error", 502, None),
    "fault-flood": ("output_too_large", 502, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_a_typed_error(author: Person, provider: str, ledger: Ledger, fault: str):
    code, status, calls = FAULTS[fault]
    model = f"{fault}@{uuid.uuid4().hex[:8]}"
    events = await author.events(f"{provider}/{model}")
    end = events[-1]
    assert end.kind == "failed"
    assert end.data["error"]["code"] == code
    assert end.data["error"]["message"]
    assert "sk-canary-1234" not in str(events)
    assert end.data["usage"]["estimated_cost"] >= 0
    if calls is not None:
        assert len(await ledger.calls(model)) == calls
    plain = await author.execute(f"{provider}/{fault}")
    assert plain.headers["Content-Type"] == "application/problem+json"
    # Asked in one piece, endless text is no JSON; and by now the breaker may have opened.
    if plain.body["code"] != "provider_unavailable" and fault != "fault-flood":
        assert (plain.status, plain.body["code"]) == (status, code)
    assert uuid.UUID(plain.body["execution_id"])


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
@pytest.mark.parametrize("fault", ["fault-504", "fault-524"])
async def test_a_gateway_that_waited_in_vain_is_asked_once_and_closes_nothing(
    author: Person, make_provider: MakeProvider, ledger: Ledger, wire: str, fault: str
):
    slug = await in_database_thread(make_provider, wire)
    model = f"{fault}@{uuid.uuid4().hex[:8]}"
    for asked in range(1, 7):
        answer = await author.execute(f"{slug}/{model}")
        assert (answer.status, answer.body["code"]) == (504, "timeout_first_byte")
        assert len(await ledger.calls(model)) == asked


async def test_f04_a_cut_stream_keeps_its_words(author: Person, provider: str, ledger: Ledger):
    model = f"fault-cut-at-5@{uuid.uuid4().hex[:8]}"
    events = await author.events(f"{provider}/{model}")
    end = events[-1].data
    assert end["error"]["code"] == "stream_cut"
    assert end["response"] == text_of(events) != ""
    assert end["usage"]["completion_tokens"] > 0
    assert end["metadata"]["usage_source"] == "estimated"
    # Words were shown: it must not be asked again.
    assert len(await ledger.calls(model)) == 1


async def test_f02_two_failures_and_then_an_answer(author: Person, provider: str):
    events = await author.events(f"{provider}/fault-503-twice@{uuid.uuid4().hex[:8]}")
    assert [event.kind for event in events].count("retry") == 2
    assert events[-1].kind == "completed"
    assert events[-1].data["metadata"]["attempts"] == 3


async def test_f32_an_error_in_a_200_is_a_failed_attempt(author: Person, provider: str):
    events = await author.events(f"{provider}/fault-error-in-200")
    assert "retry" in [event.kind for event in events]
    assert events[-1].data["error"]["code"] in ("provider_error", "rate_limited")


async def test_f01_retry_after_is_waited_for(author: Person, provider: str):
    events = await author.events(f"{provider}/fault-429-after-2", parameters={"timeout": 3})
    assert [event.kind for event in events].count("retry") == 1
    assert events[-1].data["error"]["code"] == "rate_limited"
    assert "Try again after" in events[-1].data["error"]["message"]


async def test_f01_an_absurd_retry_after_fails_at_once(author: Person, provider: str, ledger: Ledger):
    model = f"fault-429-absurd@{uuid.uuid4().hex[:8]}"
    events = await author.events(f"{provider}/{model}", parameters={"timeout": 30})
    assert events[-1].data["error"]["code"] == "rate_limited"
    assert len(await ledger.calls(model)) == 1


@pytest.mark.parametrize(
    ("fault", "partial"), [("fault-hang", False), ("fault-silent-at-5", True), ("fault-drip", False)]
)
async def test_f05_the_deadline_ends_a_run(author: Person, provider: str, fault: str, partial: bool):
    events = await author.events(f"{provider}/{fault}", parameters={"timeout": 1.5})
    assert events[-1].data["error"]["code"] == "timeout_total"
    assert bool(events[-1].data["response"]) == partial
    assert events[-1].data["execution_time"] < 4


async def test_a_fallback_model_answers(author: Person, make_provider):
    failing, working = await in_database_thread(make_provider), await in_database_thread(make_provider, "anthropic")
    events = await author.events(
        f"{failing}/fault-401", "hello", parameters={"fallback_models": [f"{failing}/fault-html", f"{working}/echo"]}
    )
    fallbacks = [event.data for event in events if event.kind == "fallback"]
    assert [(step["from"], step["to"]) for step in fallbacks] == [
        (f"{failing}/fault-401", f"{failing}/fault-html"),
        (f"{failing}/fault-html", f"{working}/echo"),
    ]
    end = events[-1].data
    assert end["response"] == "hello"
    assert end["model_id"] == f"{working}/echo"
    assert end["metadata"]["fallback_from"] == f"{failing}/fault-401"
    assert end["metadata"]["provider"] == working


async def test_a_fallbacks_answer_is_cached_as_its_own(author: Person, provider: str, ledger: Ledger):
    mark = uuid.uuid4().hex[:8]
    broken, working = f"{provider}/fault-401@{mark}", f"{provider}/echo@{mark}"
    asked = {"temperature": 0, "fallback_models": [working]}
    answer = await author.execute(broken, "hello", parameters=asked)
    assert (answer.status, answer.body["model_id"]) == (200, working)
    alone = await author.execute(broken, "hello", parameters={"temperature": 0})
    assert (alone.status, alone.body["code"]) == (502, "provider_authentication")

    async def is_cached() -> bool:
        again = await author.execute(working, "hello", parameters={"temperature": 0})
        return bool(again.body["metadata"]["cached"])

    await until(is_cached)


async def test_f34_what_answered_is_recorded(author: Person, provider: str):
    end = (await author.events(f"{provider}/fault-other-model"))[-1].data
    assert end["status"] == "completed"
    assert end["metadata"]["answered_model"]


@pytest.mark.parametrize("fault", ["fault-usage-missing", "fault-usage-negative", "fault-usage-strings"])
async def test_f33_a_count_that_makes_no_sense_is_estimated(author: Person, provider: str, fault: str):
    end = (await author.events(f"{provider}/{fault}"))[-1].data
    assert end["status"] == "completed"
    assert end["usage"]["completion_tokens"] > 0
    assert end["usage"]["prompt_tokens"] > 0
    assert end["metadata"]["usage_source"] == "estimated"


async def test_f15_a_killed_process_leaves_no_run_behind(
    author: Person, provider: str, service: Service, ledger: Ledger
):
    model = f"tokens-2000-every-30ms@{uuid.uuid4().hex[:8]}"
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    seen: list[Event] = []
    async with author.streaming(f"{provider}/{model}") as stream:
        async for event in stream:
            seen.append(event)
            if len(seen) == 6:
                break
        execution_id = seen[0].data["execution_id"]
        async with other.following(execution_id, after=seen[-1].id) as resumed:
            await asyncio.to_thread(service.restart, signal.SIGKILL)
            rest = [event async for event in resumed]
    numbers = [event.id for event in seen + rest]
    assert numbers == list(range(1, len(numbers) + 1))
    assert rest[-1].kind == "failed"
    row = (await author.get(f"/api/executions/{execution_id}")).body
    assert row == rest[-1].data
    assert row["error"]["code"] == "interrupted"
    assert row["response"].startswith(text_of(seen))
    assert row["response"] == text_of(seen + rest)
    unfinished = PromptExecution.objects.unfinished()
    assert await in_database_thread(unfinished.count) == 0
    assert len(await ledger.calls(model)) == 1


async def test_f26_a_stop_ends_runs_with_their_words(author: Person, provider: str, service: Service):
    seen: list[Event] = []
    async with author.streaming(f"{provider}/tokens-2000-every-30ms") as stream:
        async for event in stream:
            seen.append(event)
            if len(seen) == 5:
                break
    await asyncio.to_thread(service.restart, signal.SIGTERM)

    async def ended() -> dict | None:
        row = (await author.get(f"/api/executions/{seen[0].data['execution_id']}")).body
        return row if row["status"] != "running" else None

    row = await until(ended)
    assert row["error"]["code"] == "interrupted"
    assert row["response"].startswith(text_of(seen))
