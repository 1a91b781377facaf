"""Traces: taken where they hold, told in logs, passed on, and sent to a collector without a text."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextvars import Context
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from config.celery import go_on_with_the_trace, say_whence
from config.logs import JsonLines
from foundation.traces.context import passed_on, taken, trace
from tests.cast import Person
from tests.servers.service import Service
from tests.waiting import until

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize("header", [GIVEN, f"01-{TRACE}-{SPAN}-01-more", f"cc-{TRACE}-{SPAN}-03"])
def test_a_trace_that_holds_is_gone_on_with(header: str) -> None:
    now = taken(header)
    assert (now.trace_id, now.parent_id, now.is_sampled) == (TRACE, SPAN, True)
    assert now.span_id not in (SPAN, taken(header).span_id)
    assert not taken(GIVEN[:-1] + "0").is_sampled


@pytest.mark.parametrize(
    "header",
    [
        "", "canary", GIVEN + "-more", GIVEN + "x", GIVEN.upper(), f"ff-{TRACE}-{SPAN}-01", GIVEN[:-1], GIVEN + "\n",
        f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE[:-1]}g-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01x",
    ],
)  # fmt: skip
def test_a_trace_that_does_not_hold_is_replaced(header: str) -> None:
    now = taken(header)
    assert now.trace_id != TRACE
    assert now.parent_id == ""
    assert taken(now.header).trace_id == now.trace_id


def test_a_log_line_names_its_trace() -> None:
    token = trace.set(taken(GIVEN))
    try:
        line = json.loads(JsonLines().format(logging.makeLogRecord({"msg": "end_not_stored"})))
    finally:
        trace.reset(token)
    assert line["trace_id"] == TRACE
    line = Context().run(JsonLines().format, logging.makeLogRecord({"msg": "x"}))
    assert "trace_id" not in json.loads(line)


def test_a_ring_carries_its_trace_to_the_worker() -> None:
    headers: dict[str, Any] = {}
    token = trace.set(taken(GIVEN))
    try:
        say_whence(headers=headers)
        here = trace.get()
        trace.set(None)
        go_on_with_the_trace(task=type("Task", (), {"request": headers}))
        there = trace.get()
    finally:
        trace.reset(token)
    assert here is not None
    assert there is not None
    assert (there.trace_id, there.parent_id) == (TRACE, here.span_id)
    assert headers["published_at"] > 0


@pytest.mark.parametrize("model", ["openai/tokens-32", "anthropic/tokens-32"])
async def test_a_provider_is_told_the_callers_trace(service: Service, author: Person, model: str) -> None:
    answer = await author.post(
        "/api/prompts/execute", {"model_id": f"{model}@trace", "prompt": "x"}, headers={"traceparent": GIVEN}
    )
    assert answer.status == 200
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as response:
        requests = await response.json()
    told = [
        {name.lower(): value for name, value in request["headers"].items()}.get("traceparent", "")
        for request in requests
        if "tokens-32@trace" in json.dumps(request)
    ]
    assert told
    assert told[-1].startswith(f"00-{TRACE}-")
    assert told[-1].endswith("-01")
    assert SPAN not in told[-1]


class Collector:
    """What an OpenTelemetry collector is sent."""

    def __init__(self) -> None:
        self.received: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                collector.received.append(ExportTraceServiceRequest.FromString(body))
                collector.headers.append({"path": self.path, **dict(self.headers.items())})
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def spans(self) -> list[Any]:
        """All spans so far."""
        return [
            span
            for request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()


def attributes_of(span: Any) -> dict[str, Any]:
    """Plain values."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


async def test_t10_an_execution_is_a_span_without_a_text(
    service: Service, author: Person, collector: Collector
) -> None:
    web = service.start_web(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20collect-me"
    )
    there = author.at(web.url)
    for model, header in (("gpt-4o-mini", GIVEN), ("fault-400", GIVEN), ("tokens-32", GIVEN[:-1] + "0")):
        body = {"model_id": f"openai/{model}", "prompt": "canary-prompt"}
        made = await there.post("/api/prompts/execute", body, headers={"traceparent": header})
        assert made.status in (200, 400, 502)

    async def both() -> bool:
        return len(collector.spans) >= 2

    await until(both)
    web.stop()
    answered, failed = collector.spans
    assert answered.name == "chat gpt-4o-mini"
    assert (answered.trace_id.hex(), answered.parent_span_id.hex()) == (TRACE, SPAN)
    assert answered.end_time_unix_nano > answered.start_time_unix_nano
    told = attributes_of(answered)
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "openai"
    assert told["gen_ai.request.model"] == told["gen_ai.response.model"] == "gpt-4o-mini"
    assert told["gen_ai.usage.input_tokens"] > 0
    assert told["gen_ai.usage.output_tokens"] > 0
    assert "error.type" not in told
    assert attributes_of(failed)["error.type"] == "provider_refused"
    assert failed.status.code == 2
    assert "canary" not in str(collector.received)
    assert collector.headers[0]["path"] == "/v1/traces"
    assert {name.lower(): value for name, value in collector.headers[0].items()}["authorization"] == "Bearer collect-me"


async def test_a_collector_that_is_away_costs_spans_only(service: Service, author: Person) -> None:
    web = service.start_web(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    made = await author.at(web.url).execute("openai/tokens-32")
    assert (made.status, made.body["status"]) == (200, "completed")
    web.restart()
    assert (await author.at(web.url).get(f"/api/executions/{made.body['id']}")).body["status"] == "completed"


def test_without_a_trace_nothing_is_passed_on() -> None:
    assert Context().run(passed_on) == {}
