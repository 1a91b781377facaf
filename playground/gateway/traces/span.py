"""A span as it was sent, whichever encoding it came in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.numbers import LARGEST_INTEGER

DEEPEST: Final = 32
TOO_DEEP: Final = "…"


class NoSpans(ValueError):
    """The body is no ExportTraceServiceRequest; the message says why."""


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened within a span; `at` in nanoseconds since 1970, 0 where it is not told."""

    name: str
    attributes: Mapping[str, Any]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """One span; values are JSON that can be kept (`kept`), times nanoseconds since 1970, ids as they came, in hex."""

    trace_id: str
    span_id: str
    name: str
    started: int
    ended: int
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()
    is_error: bool = False
    message: str = ""
    """What its status says of the error."""
    parent_id: str = ""
    """The span that it lies directly within; empty for the outermost."""

    @property
    def fault(self) -> str:
        """Why it cannot be told from others; empty where it can."""
        for name, value, length in (("trace_id", self.trace_id, 32), ("span_id", self.span_id, 16)):
            if len(value) != length or not value.strip("0"):
                return f"A span without a valid {name} cannot be kept once."
        return ""


def kept(value: Any, depth: int = 0) -> Any:
    """The value as JSON that PostgreSQL keeps: no NUL, no half characters, no number that JSON has not."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {text(str(name)): kept(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [kept(inner, depth + 1) for inner in value]
    return text(str(value))


def text(value: str) -> str:
    """Without what cannot be kept."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
