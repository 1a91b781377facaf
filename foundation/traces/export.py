"""Spans for an OpenTelemetry collector, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one; else what sends them is not even
loaded.

Spans are handed over to a thread that sends them in batches. A collector that is away loses spans, and nothing else:
the queue is bounded, and a stop waits a second for it at most.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from django.conf import settings

from foundation.traces.context import Trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

SEND_EVERY: Final = 1_000
"""Milliseconds."""
PATIENCE: Final = 5
"""Seconds that the collector has for a batch."""
STOP_PATIENCE: Final = 1.0
Value = str | int | float | tuple[str, ...]

_lock = threading.Lock()
_processor: BatchSpanProcessor | None = None
_resource: Any = None


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work that is over; times are nanoseconds since 1970."""

    name: str
    trace: Trace
    began: int
    ended: int
    attributes: Mapping[str, Value]
    error: str = ""
    """Its kind, a word of ours; empty where it went well."""


def is_on() -> bool:
    """Whether somebody collects spans."""
    return bool(settings.ENV.otel_exporter_otlp_endpoint)


def export(span: Span) -> None:
    """Hands it over; one whose caller does not sample is left out. To be called where `is_on`."""
    if not span.trace.is_sampled:
        return
    processor = _started()
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    def context(span_id: str, *, is_remote: bool) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int(span.trace.trace_id, 16), int(span_id, 16), is_remote=is_remote, trace_flags=flags)

    processor.on_end(
        ReadableSpan(
            name=span.name,
            context=context(span.trace.span_id, is_remote=False),
            parent=context(span.trace.parent_id, is_remote=True) if span.trace.parent_id else None,
            resource=_resource,
            attributes=dict(span.attributes),
            kind=SpanKind.CLIENT,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.UNSET),
            start_time=span.began,
            end_time=span.ended,
        )
    )


def _started() -> BatchSpanProcessor:
    global _processor, _resource
    with _lock:
        if _processor is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace.export import BatchSpanProcessor

            environment = settings.ENV
            exporter = OTLPSpanExporter(
                endpoint=f"{environment.otel_exporter_otlp_endpoint}/v1/traces",
                headers=_headers(environment.otel_exporter_otlp_headers),
                timeout=PATIENCE,
            )
            named = {"service.name": environment.otel_service_name, "service.version": settings.VERSION}
            _resource = Resource.create(named)
            _processor = BatchSpanProcessor(exporter, schedule_delay_millis=SEND_EVERY)
        return _processor


def _headers(given: Any) -> dict[str, str]:
    """`name=value,name=value`, percent-encoded as OpenTelemetry has it."""
    pairs = (pair.partition("=") for pair in given.get_secret_value().split(",")) if given else ()
    return {name.strip(): unquote(value.strip()) for name, sign, value in pairs if sign}


async def stop() -> None:
    """Sends what is left, for a second; a collector that is away keeps no process from its end."""
    global _processor
    with _lock:
        processor, _processor = _processor, None
    if processor is None:
        return
    ending = threading.Thread(target=processor.shutdown, name="spans", daemon=True)
    ending.start()
    until = time.monotonic() + STOP_PATIENCE
    while ending.is_alive() and time.monotonic() < until:  # noqa: ASYNC110 - a thread rings no event of the loop
        await asyncio.sleep(0.02)


def _forget() -> None:
    """A fork has the memory of its parent, not its threads."""
    global _lock, _processor
    _lock, _processor = threading.Lock(), None


os.register_at_fork(after_in_child=_forget)
