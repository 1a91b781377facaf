"""The JSON encoding of the same message: ids in hex, 64-bit numbers as text, names in camelCase (OTLP 1.x)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from playground.gateway.traces.span import DEEPEST, TOO_DEEP, NoSpans, Span, SpanEvent, kept, text

ERROR = (2, "STATUS_CODE_ERROR")


def spans_of(body: bytes) -> Iterator[Span]:
    """The spans; raises NoSpans where the body is no such message."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoSpans(f"The body is not JSON: {error}.") from None
    if not isinstance(asked, dict):
        raise NoSpans("A JSON object with resourceSpans is expected.")
    for of_resource in _objects(asked, "resourceSpans"):
        resource = _attributes(_object(of_resource, "resource"))
        for of_scope in _objects(of_resource, "scopeSpans"):
            for span in _objects(of_scope, "spans"):
                yield _span(span, resource)


def answer(rejected: int, message: str) -> bytes:
    """An ExportTraceServiceResponse."""
    if not (rejected or message):
        return b"{}"
    return orjson.dumps({"partialSuccess": {"rejectedSpans": str(rejected), "errorMessage": message}})


def _span(span: Mapping[str, Any], resource: dict[str, Any]) -> Span:
    status = _object(span, "status")
    return Span(
        trace_id=_text(span, "traceId").lower(),
        span_id=_text(span, "spanId").lower(),
        name=text(_text(span, "name")),
        started=_number(span.get("startTimeUnixNano")),
        ended=_number(span.get("endTimeUnixNano")),
        attributes=_attributes(span),
        resource=resource,
        events=tuple(
            SpanEvent(text(_text(event, "name")), _attributes(event), _number(event.get("timeUnixNano")))
            for event in _objects(span, "events")
        ),
        is_error=status.get("code") in ERROR,
        message=text(_text(status, "message")),
        parent_id=_text(span, "parentSpanId").lower(),
    )


def _attributes(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {text(_text(pair, "key")): kept(_value(pair.get("value"))) for pair in _objects(holder, "attributes")}


def _value(any_value: Any, depth: int = 0) -> Any:
    if not isinstance(any_value, dict) or not any_value:
        return None
    if depth > DEEPEST:
        return TOO_DEEP
    kind, value = next(iter(any_value.items()))
    if kind == "arrayValue":
        return [_value(each, depth + 1) for each in _list(value, "values")]
    if kind == "kvlistValue":
        return {_text(pair, "key"): _value(pair.get("value"), depth + 1) for pair in _objects(value, "values")}
    if kind == "intValue":
        return _integer(value)
    return value


def _integer(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _number(value: Any) -> int:
    found = _integer(value)
    return 0 if found is None else max(found, 0)


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _list(holder: Any, name: str) -> list[Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _objects(holder: Any, name: str) -> list[dict[str, Any]]:
    return [each for each in _list(holder, name) if isinstance(each, dict)]
