"""The binary encoding: spans out of an ExportTraceServiceRequest, and the answer (opentelemetry-proto 1.x)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from playground.gateway.traces.span import DEEPEST, TOO_DEEP, NoSpans, Span, SpanEvent, kept, text

ERROR = 2
"""`Status.StatusCode.STATUS_CODE_ERROR`."""


def spans_of(body: bytes) -> Iterator[Span]:
    """The spans; raises NoSpans where the bytes are no such message."""
    asked = ExportTraceServiceRequest()
    try:
        asked.ParseFromString(body)
    except DecodeError:
        raise NoSpans("The body is no ExportTraceServiceRequest in protobuf.") from None
    for of_resource in asked.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield _span(span, resource)


def answer(rejected: int, message: str) -> bytes:
    """An ExportTraceServiceResponse."""
    made = ExportTraceServiceResponse()
    if rejected or message:
        made.partial_success.rejected_spans = rejected
        made.partial_success.error_message = message
    return bytes(made.SerializeToString())


def _span(span: Any, resource: dict[str, Any]) -> Span:
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        name=text(span.name),
        started=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        resource=resource,
        events=tuple(
            SpanEvent(event.name, _attributes(event.attributes), event.time_unix_nano) for event in span.events
        ),
        is_error=span.status.code == ERROR,
        message=text(span.status.message),
        parent_id=span.parent_span_id.hex(),
    )


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {text(pair.key): kept(_value(pair.value)) for pair in pairs}


def _value(any_value: Any, depth: int = 0) -> Any:
    kind = any_value.WhichOneof("value")
    if kind is None:
        return None
    if depth > DEEPEST:
        return TOO_DEEP
    value = getattr(any_value, kind)
    if kind == "array_value":
        return [_value(each, depth + 1) for each in value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, depth + 1) for pair in value.values}
    return value.hex() if kind == "bytes_value" else value
