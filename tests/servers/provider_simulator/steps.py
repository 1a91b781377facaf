"""What a script is made of, and HTTP's framing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is written for so many seconds, counted from when the last pause was over."""

    seconds: float


class Cut:
    """The connection is closed (FIN)."""


class Reset:
    """The connection is torn down (RST)."""


class Hang:
    """Nothing more happens until the client leaves."""


Step = bytes | Pause | Cut | Reset | Hang
Script = Sequence[Step] | Iterable[Step] | AsyncIterator[Step]

END_OF_BODY = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def head(status: int, content_type: str, *, length: int | None = None, **headers: str) -> bytes:
    """Status line and headers; chunked when the length is not known. `retry_after` becomes `retry-after`."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Overloaded"
    lines = [f"HTTP/1.1 {status} {phrase}", f"content-type: {content_type}"]
    lines.append("transfer-encoding: chunked" if length is None else f"content-length: {length}")
    lines.extend(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> list[Step]:
    """An answer in one piece."""
    return [head(status, content_type, length=len(body), **headers) + body]


def json_answer(value: object, status: int = 200, **headers: str) -> list[Step]:
    return whole(status, orjson.dumps(value), **headers)


def streamed(content_type: str, pieces: Iterable[bytes]) -> list[Step]:
    """Every piece is a chunk and a write of its own, as a provider's tokens come."""
    return [head(200, content_type), *map(chunk, pieces), END_OF_BODY]
