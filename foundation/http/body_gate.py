"""The gate that every JSON body passes before anything looks at it.

PostgreSQL's jsonb, REST framework's fields and Python's recursion each answer odd JSON with an
error of their own: NUL, lone surrogates, numbers past 2^53, nesting without end. They are refused
here, once, with the place named. Passed bodies stand parsed in `request.json_body`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.http.middleware import NativeMiddleware
from foundation.numbers import LARGEST_INTEGER
from foundation.problems import FieldError, Problem, invalid

DEEPEST = 64
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def check(value: Any) -> None:
    """Raises a Problem that names the first place that cannot be stored and sent on unchanged."""
    for path, code, message in _faults(value, "", 1):
        raise invalid([FieldError(path, code, message)])


def _faults(value: Any, path: str, depth: int) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        if "\x00" in value:
            yield path, "nul_character", "A NUL character cannot be stored."
    elif isinstance(value, bool) or value is None or isinstance(value, float):
        return
    elif isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            yield path, "number_too_large", "Whole numbers are taken up to ±2^53."
    elif depth > DEEPEST:
        yield path, "too_deep", f"Nesting is taken up to {DEEPEST} levels."
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _faults(name, path, depth)
            yield from _faults(inner, f"{path}.{name}" if path else name, depth + 1)
    else:
        for position, inner in enumerate(value):
            yield from _faults(inner, f"{path}.{position}" if path else str(position), depth + 1)


def parse(body: bytes) -> Any:
    """The JSON value of a body; raises a Problem (400). orjson refuses NaN, lone surrogates and bad UTF-8."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "malformed_json", f"The body is not JSON: {error}.") from None
    check(value)
    return value


class BodyGate(NativeMiddleware):
    """Applies `parse` to every JSON body, and the size cap to every body."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in METHODS:
            try:
                self._admit(request)
            except Problem as problem:
                return problem.response(request.path)
        return await self.get_response(request)

    def _admit(self, request: HttpRequest) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
            raise Problem(413, "too_large", f"A body is taken up to {settings.MAX_BODY_BYTES} bytes.")
        if request.content_type == "application/json" and request.body:
            request.json_body = parse(request.body)  # type: ignore[attr-defined]
