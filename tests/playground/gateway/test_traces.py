"""Calls made elsewhere come in by OTLP, as the official exporter sends them, and become history once."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from analytics.anomalies.rolling_up import HOUR, hour_of, roll_up
from analytics.bills.ledger import groups_of
from analytics.models import UsageHour
from playground.models import PromptExecution
from quotas.ledger.setting import set_limits
from quotas.models import SubjectKind
from sessions_app.models import PlaygroundSession
from tests.cast import Answer, Person
from tests.doors.browser import browser_of
from tests.history.stored import user_of
from tests.quotas.test_ledger_upkeep import made_whole

PROTOBUF = "application/x-protobuf"
TRACE, SPAN = "5b8aa5a2d2c872e8321cf37308d69df2", "051581bf3cb55c13"
MESSAGES = [
    {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Oslo?"}]},
]
ANSWER = [{"role": "assistant", "parts": [{"type": "text", "content": "Rain."}], "finish_reason": "stop"}]
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.request.temperature": 0.25,
    "gen_ai.request.max_tokens": 64,
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 500,
    "gen_ai.input.messages": json.dumps(MESSAGES),
    "gen_ai.output.messages": json.dumps(ANSWER),
}


def spans(*attributes: Mapping[str, Any], service: str = "shop") -> list[ReadableSpan]:
    """Spans as the SDK makes them."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("test")
    for each in attributes:
        with tracer.start_as_current_span("chat", attributes=dict(each)):
            pass
    return list(memory.get_finished_spans())


async def export(person: Person, listed: list[ReadableSpan], **options: Any) -> SpanExportResult:
    """Sent by the official exporter."""
    exporter = OTLPSpanExporter(f"{person.url}/v1/traces", headers=person.headers, timeout=20, **options)
    return await asyncio.to_thread(exporter.export, listed)


def as_json(attributes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """One span by hand, in the JSON encoding."""
    now = time.time_ns()
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat",
        "startTimeUnixNano": str(now - 2_000_000_000),
        "endTimeUnixNano": str(now - 500_000_000),
        "attributes": [{"key": name, "value": value_of(value)} for name, value in attributes.items()],
        **more,
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


def value_of(value: Any) -> dict[str, Any]:
    """A value as the JSON encoding has it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": value_of(each)} for key, each in value.items()]}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [value_of(each) for each in value]}}
    return {"stringValue": value}


async def sent(person: Person, body: Any, **more: Any) -> Answer:
    """POST /v1/traces."""
    return await person.post("/v1/traces", body, **more)


@sync_to_async
def kept(person: Person, **wanted: Any) -> list[PromptExecution]:
    """What of a person's was taken in, in its order."""
    rows = PromptExecution.objects.filter(user=person.user, origin="trace", **wanted)
    return list(rows.select_related("session").order_by("created_at", "id"))


@sync_to_async
def limit(person: Person) -> None:
    """Sets a limit of the month: what was run in it before counts."""
    limits = [{"period": "month", "executions": 100}]
    set_limits(kind=SubjectKind.USER, subject_id=str(user_of(person).id), limits=limits, by=None)


async def used(person: Person) -> int:
    """Executions that count against a person's limits, once those from before have been added."""
    user = await sync_to_async(user_of)(person)
    executions, _, _ = await made_whole("user", user.id, "month")
    return executions


@sync_to_async
def calls_of_the_hour(person: Person, row: PromptExecution) -> int:
    """What the baselines of anomalies count of a person's, in the hour of a run and the next."""
    since = hour_of(row.created_at)
    roll_up(since=since, until=since + 2 * HOUR)
    return sum(UsageHour.objects.filter(user_id=user_of(person).id).values_list("calls", flat=True))


async def only(person: Person) -> PromptExecution:
    """The one that there is."""
    (row,) = await kept(person)
    return row


async def test_the_official_exporters_span_is_a_run_in_the_history(
    author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", author.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"Authorization=Bearer%20{author.token}")
    assert await asyncio.to_thread(OTLPSpanExporter().export, spans(CALL)) is SpanExportResult.SUCCESS
    row = await only(author)
    assert (row.model_id, row.status, row.session.name) == ("openai/gpt-4o-mini", "completed", "Calls of shop")
    history = (await author.get(f"/api/sessions/{row.session_id}/history")).body["results"]
    assert [(each["prompt"], each["system_prompt"], each["response"]) for each in history] == [
        ("Weather in Oslo?", "Be brief.", "Rain.")
    ]
    assert history[0]["parameters"] == {"temperature": 0.25, "max_tokens": 64}
    assert history[0]["metadata"]["otel_trace"]["service"] == "shop"
    assert history[0]["metadata"]["finish_reason"] == "stop"
    assert history[0]["metadata"]["answered_model"] == "gpt-4o-mini-2024-07-18"
    # 1,000 at $0.15 and 500 at $0.60 a million.
    assert row.metadata["price_known"] is True
    assert row.estimated_cost == Decimal("0.00045")


async def test_a_batch_that_is_sent_again_is_kept_once(author: Person) -> None:
    batch = spans(CALL, CALL, {"http.request.method": "GET"})
    await export(author, batch)
    assert await export(author, batch) is SpanExportResult.SUCCESS
    rows = await kept(author)
    assert len(rows) == 2
    session = await PlaygroundSession.objects.aget(id=rows[0].session_id)
    assert (session.execution_count, session.total_cost) == (2, Decimal(0))


async def test_json_by_hand_is_answered_in_json(author: Person) -> None:
    answer = await sent(author, as_json(CALL))
    assert (answer.status, answer.body) == (200, {})
    row = await only(author)
    assert row.metadata["otel_trace"] == {"trace_id": TRACE, "span_id": SPAN, "service": "shop"}
    assert row.execution_time == Decimal("1.5")
    again = await sent(author, as_json(CALL))
    assert again.status == 200
    assert len(await kept(author)) == 1


async def test_a_packed_body_is_unpacked(author: Person) -> None:
    from opentelemetry.exporter.otlp.proto.http import Compression

    assert await export(author, spans(CALL), compression=Compression.Gzip) is SpanExportResult.SUCCESS
    packed = gzip.compress(json.dumps(as_json(CALL)).encode())
    assert (await sent(author, None, data=packed, headers={"Content-Encoding": "gzip"})).status == 200
    assert len(await kept(author)) == 2


async def test_a_body_that_unpacks_to_very_much_is_refused(author: Person) -> None:
    bomb = gzip.compress(b" " * (64 * 2**20))
    assert len(bomb) < 100_000
    answer = await sent(author, None, data=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status == 413
    assert "32 MB" in answer.body["message"]
    large = await sent(author, None, data=b" " * (9 * 2**20))
    assert (large.status, large.body["details"][0]["reason"]) == (413, "too_large")


async def test_what_cannot_be_read_is_a_status_that_nobody_sends_again(author: Person) -> None:
    for data, headers in (
        (b"\xff\xff\xff", {"Content-Type": PROTOBUF}),
        (b"no json", {}),
        (b"[]", {}),
        (b"no gzip", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"{}")[:-4], {"Content-Encoding": "gzip"}),
        (b"[" * 100_000, {}),
    ):
        answer = await sent(author, None, data=data, headers=headers)
        assert answer.status == 400, data
    assert (await sent(author, None, data=b"x", headers={"Content-Type": "text/plain"})).status == 415
    assert (await sent(author, None, data=b"x", headers={"Content-Encoding": "br"})).status == 415
    assert (await author.get("/v1/traces")).status == 405
    assert await kept(author) == []


async def test_without_a_token_nothing_is_taken(anonymous: Person, author: Person) -> None:
    refused = await sent(anonymous, as_json(CALL))
    assert (refused.status, refused.body["details"][0]["reason"]) == (401, "not_authenticated")
    assert (await sent(Person(author.url, None, token="none"), as_json(CALL))).status == 401


async def test_a_span_that_cannot_be_told_from_others_is_refused_alone(author: Person) -> None:
    body = as_json(CALL)
    (scope,) = body["resourceSpans"][0]["scopeSpans"]
    scope["spans"].append({**scope["spans"][0], "spanId": "0" * 16})
    scope["spans"].append({**scope["spans"][0], "traceId": "xyz"})
    answer = await sent(author, body)
    assert answer.status == 200
    assert answer.body["partialSuccess"]["rejectedSpans"] == "2"
    assert "span_id" in answer.body["partialSuccess"]["errorMessage"]
    assert len(await kept(author)) == 1


async def test_a_call_of_very_much_text_is_refused_alone(author: Person) -> None:
    body = as_json(CALL)
    large = as_json(
        {**CALL, "gen_ai.input.messages": json.dumps([{"role": "user", "content": "x" * 9 * 2**20}])}, spanId="9" * 16
    )
    body["resourceSpans"] += large["resourceSpans"]
    packed = gzip.compress(json.dumps(body).encode())
    answer = await sent(author, None, data=packed, headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.body["partialSuccess"]["rejectedSpans"]) == (200, "1")
    assert "8 MB" in answer.body["partialSuccess"]["errorMessage"]
    assert len(await kept(author)) == 1


async def test_refusals_of_spans_are_told_in_protobuf_too(author: Person) -> None:
    from playground.gateway.traces import protobuf

    told = ExportTraceServiceResponse()
    told.ParseFromString(protobuf.answer(3, "Why."))
    assert (told.partial_success.rejected_spans, told.partial_success.error_message) == (3, "Why.")
    told.ParseFromString(protobuf.answer(0, ""))
    assert not told.HasField("partial_success")


async def test_another_persons_trace_is_another_call(author: Person, stranger: Person) -> None:
    await sent(author, as_json(CALL))
    await sent(stranger, as_json(CALL))
    (mine,), (theirs,) = await kept(author), await kept(stranger)
    assert mine.id != theirs.id
    assert (await stranger.get(f"/api/executions/{mine.id}")).status == 404


async def test_a_conversations_id_names_a_session_only_where_one_may_run_in_it(
    author: Person, stranger: Person
) -> None:
    session = (await author.post("/api/sessions", {"name": "Support"})).body
    meant = {**CALL, "gen_ai.conversation.id": session["id"]}
    await sent(author, as_json(meant))
    await sent(stranger, as_json(meant))
    mine, theirs = await only(author), await only(stranger)
    assert str(mine.session_id) == session["id"]
    assert str(theirs.session_id) != session["id"]
    assert theirs.notes["conversation_id"] == session["id"]


async def test_of_texts_that_were_not_sent_the_row_says_so(author: Person) -> None:
    bare = {name: value for name, value in CALL.items() if "messages" not in name}
    await sent(author, as_json(bare))
    row = await only(author)
    assert row.metadata["texts_not_sent"] == ["prompt", "answer"]
    page = await author.get(f"/api/executions/{row.id}")
    assert (page.body["prompt"], page.body["response"]) == ("", "")


async def test_of_tokens_or_prices_that_nobody_knows_the_cost_is_unknown(author: Person) -> None:
    unknown = {**CALL, "gen_ai.provider.name": "mine", "gen_ai.request.model": "own-7b"}
    uncounted = {name: value for name, value in CALL.items() if "usage" not in name}
    for place, attributes in enumerate((unknown, uncounted)):
        await sent(author, as_json(attributes, spanId=f"{place + 1:016x}"))
    for row in await kept(author):
        assert (row.metadata["price_known"], row.estimated_cost) == (False, Decimal(0))


async def test_times_that_cannot_be_are_told(author: Person) -> None:
    now, hour = time.time_ns(), 3_600 * 10**9
    for place, (began, ended) in enumerate(
        ((now + 2 * hour, now + 3 * hour), (0, 0), (now - hour, now - 2 * hour), (2**63, 2**64 - 1))
    ):
        times = {"startTimeUnixNano": str(began), "endTimeUnixNano": str(ended)}
        assert (await sent(author, as_json(CALL, spanId=f"{place + 1:016x}", **times))).status == 200
    rows = await kept(author)
    assert len(rows) == 4
    for row in rows:
        assert row.execution_time is None
        assert "none that can be" in row.notes["odd_time"]
        assert row.created_at.timestamp() <= time.time()


async def test_nonsense_in_attributes_is_kept_as_far_as_it_can_be(author: Person) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    body = as_json(
        {
            **CALL,
            "gen_ai.usage.input_tokens": -5,
            "gen_ai.usage.output_tokens": 10**30,
            "gen_ai.request.temperature": "hot",
            "gen_ai.request.model": "a\0b c" * 200,
            "gen_ai.input.messages": json.dumps([{"role": 7, "parts": [{"type": 1}, 5, None]}, "x", {"role": "user"}]),
            "gen_ai.output.messages": "[not json",
            "gen_ai.tool.definitions": deep,
            "llm.invocation_parameters": "{}}",
        }
    )
    body["resourceSpans"].append(7)
    assert (await sent(author, body)).status == 200
    row = await only(author)
    assert (row.prompt_tokens, row.completion_tokens, row.metadata["price_known"]) == (0, 0, False)
    assert row.parameters == {"max_tokens": 64}
    assert row.answer["response"] == "[not json"


async def test_an_error_is_a_failed_run(author: Person) -> None:
    status = {"code": 2, "message": "Too many requests"}
    await sent(author, as_json({**CALL, "error.type": "openai.RateLimitError"}, status=status))
    row = await only(author)
    assert (row.status, row.error_code, row.error_message) == ("failed", "rate_limited", "Too many requests")


async def test_what_was_spent_elsewhere_is_not_spent_here(author: Person, provider: Any) -> None:
    await sent(author, as_json(CALL))
    row = await only(author)
    assert row.estimated_cost > 0
    await author.execute("openai/echo")
    await limit(author)
    await author.execute("openai/echo")
    assert await used(author) == 2
    today = row.created_at.date()
    billed = await sync_to_async(groups_of)(provider="openai", first=today - timedelta(days=1), last=today)
    assert [group for group in billed if group.model_id == row.model_id] == []
    assert await calls_of_the_hour(author, row) == 2
    told = (await author.get(f"/api/sessions/{row.session_id}/analytics")).body
    assert (told["execution_count"], told["total_cost"], told["cost_elsewhere"]) == (1, 0.0, float(row.estimated_cost))
    session = (await author.get(f"/api/sessions/{row.session_id}")).body
    assert (session["execution_count"], session["total_cost"]) == (1, 0.0)
    fork = (await author.post(f"/api/sessions/{row.session_id}/fork", {})).body
    assert (fork["execution_count"], fork["total_cost"]) == (1, 0.0)


async def test_the_history_is_narrowed_to_what_was_made_elsewhere(author: Person, provider: Any) -> None:
    session = (await author.post("/api/sessions", {"name": "Support"})).body
    await sent(author, as_json({**CALL, "gen_ai.conversation.id": session["id"]}))
    await author.execute("openai/echo", session_id=session["id"])
    path = f"/api/sessions/{session['id']}/history"
    assert len((await author.get(path)).body["results"]) == 2
    (elsewhere,) = (await author.get(f"{path}?origin=trace")).body["results"]
    assert elsewhere["model_id"] == "openai/gpt-4o-mini"
    replayed = await author.post(f"/api/executions/{elsewhere['id']}/replay", {"model_id": "openai/echo"})
    assert (replayed.status, replayed.body["prompt"]) == (201, "Weather in Oslo?")


async def test_the_pages_tell_a_call_made_elsewhere_apart(author: Person) -> None:
    await sent(author, as_json(CALL))
    row = await only(author)
    browser = await sync_to_async(browser_of)(author)
    path = f"/sessions/{row.session_id}"
    found = (await browser.get(f"{path}?origin=trace")).text
    assert "made elsewhere, by shop" in found
    assert str(row.id) in found
    assert str(row.id) not in (await browser.get(f"{path}?origin=person")).text
    assert "It narrows nothing now." in (await browser.get(f"{path}?origin=moon")).text
    assert "for calls made elsewhere" in (await browser.get(f"{path}/analytics?days=7")).text
