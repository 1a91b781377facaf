"""Calls made elsewhere come in by OTLP, as the official exporter sends them, and become history once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Answer, Person

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


async def only(person: Person) -> PromptExecution:
    """The one that there is."""
    (row,) = await kept(person)
    return row


async def test_the_official_exporters_span_is_a_run_in_the_history(author: Person) -> None:
    assert await export(author, spans(CALL)) is SpanExportResult.SUCCESS
    row = await only(author)
    assert (row.model_id, row.status, row.session.name) == ("openai/gpt-4o-mini", "completed", "Calls of shop")
    history = (await author.get(f"/api/sessions/{row.session_id}/history")).body["results"]
    assert [(each["prompt"], each["system_prompt"], each["response"]) for each in history] == [
        ("Weather in Oslo?", "Be brief.", "Rain.")
    ]
    assert history[0]["parameters"] == {"temperature": 0.25, "max_tokens": 64}
    assert history[0]["metadata"]["trace"]["service"] == "shop"
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
