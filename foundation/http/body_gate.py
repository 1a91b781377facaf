"""The gate that every JSON body passes before anything looks at it: see `foundation.json_values`.

Passed bodies stand parsed in `request.json_body`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from foundation.http.body_limit import most_bytes, taken_up_to
from foundation.http.middleware import NativeMiddleware
from foundation.http.refusals import refusal
from foundation.json_values import DEEPEST as DEEPEST
from foundation.json_values import check as check
from foundation.json_values import parse as parse
from foundation.problems import Problem


def size_of(request: HttpRequest) -> int:
    """Bytes of a body that has come, whether or not its length was told."""
    spooled: Any = request._stream
    here = spooled.tell()
    size: int = spooled.seek(0, 2)
    spooled.seek(here)
    return size


def refused(problem: Problem, request: HttpRequest) -> HttpResponse:
    """The refusal as this request reads it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    kind, body = refusal(problem, request.path, headers)
    return HttpResponse(body, content_type=kind, status=problem.status, headers=problem.headers)


METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class BodyGate(NativeMiddleware):
    """Applies `parse` to every JSON body, and the size cap to every body."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in METHODS:
            try:
                self._admit(request)
            except Problem as problem:
                return refused(problem, request)
        return await self.get_response(request)

    def _admit(self, request: HttpRequest) -> None:
        most = most_bytes(request.path)
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise Problem(413, "too_large", taken_up_to(most))
        if request.path in settings.LARGE_PATHS and size_of(request) > settings.MAX_BODY_BYTES:
            return  # it stays on the disk that it was spooled to
        if request.path in settings.PACKED_PATHS:
            return  # it may be packed, and is checked where it is unpacked
        if request.content_type == "application/json" and request.body:
            request.json_body = parse(request.body)  # type: ignore[attr-defined]
