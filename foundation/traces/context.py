"""The trace that this work belongs to, as W3C Trace Context has it (https://www.w3.org/TR/trace-context/).

What comes is taken where it holds, and replaced by a trace of our own where it does not; `tracestate` is not passed on.
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from typing import Final, NamedTuple

HEADER: Final = "traceparent"
SAMPLED: Final = 1
_FORM: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)


class Trace(NamedTuple):
    """Ids in small hexadecimal letters."""

    trace_id: str
    span_id: str
    """Of the work that goes on here: what is called is its child."""
    parent_id: str = ""
    """Of the caller's span; empty where the trace begins here."""
    is_sampled: bool = True

    @property
    def header(self) -> str:
        """For whom is called."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.is_sampled):02x}"


trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def taken(header: str) -> Trace:
    """A caller's trace, in which a span of our own begins; a new one where the header does not hold."""
    found = _FORM.match(header)
    if found is None or not _holds(found, header):
        return Trace(os.urandom(16).hex(), _new_span())
    flags = int(found["flags"], 16)
    return Trace(found["trace"], _new_span(), found["span"], bool(flags & SAMPLED))


def begin_span() -> Trace:
    """A span of its own for a part of this work, from now on in this context; its parent is that of the whole."""
    current = trace.get()
    begun = taken("") if current is None else current._replace(span_id=_new_span())
    trace.set(begun)
    return begun


def passed_on() -> dict[str, str]:
    """The header for a call that belongs to this work; none where nobody asked for the work."""
    current = trace.get()
    return {} if current is None else {HEADER: current.header}


def _holds(found: re.Match[str], header: str) -> bool:
    if found["version"] == "ff" or not int(found["trace"], 16) or not int(found["span"], 16):
        return False
    rest = header[found.end() :]
    # Later versions may say more, behind another dash.
    return not rest if found["version"] == "00" else not rest or rest.startswith("-")


def _new_span() -> str:
    return os.urandom(8).hex()
