"""A refusal as OTLP has it: a google.rpc.Status in the encoding of the request, wherever in the service it is made.

Exporters go by the status of HTTP and by Retry-After; the message and the code are for people. `code` of a Status is
left out, as OTLP asks of no one (opentelemetry.io/docs/specs/otlp, "Failures").
"""

from __future__ import annotations

from typing import Any, Final

from foundation.problems import Problem
from playground.gateway.errors import sentence_of

PROTOBUF: Final = "application/x-protobuf"
ERROR_INFO: Final = "type.googleapis.com/google.rpc.ErrorInfo"
LENGTH_DELIMITED: Final = 2


def as_status(problem: Problem) -> dict[str, Any]:
    """In JSON."""
    return {"message": sentence_of(problem), "details": [{"@type": ERROR_INFO, "reason": problem.code}]}


def in_protobuf(problem: Problem) -> bytes:
    """In protobuf, by hand: three strings are not worth the package, which is loaded with the first trace only."""
    info = _field(1, problem.code.encode())
    detail = _field(1, ERROR_INFO.encode()) + _field(2, info)
    return _field(2, sentence_of(problem).encode()) + _field(3, detail)


def _field(number: int, value: bytes) -> bytes:
    length, size = len(value), bytearray()
    while length > 127:
        size.append(length & 127 | 128)
        length >>= 7
    return bytes([number << 3 | LENGTH_DELIMITED, *size, length]) + value
