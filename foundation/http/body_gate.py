"""The gate that every JSON body passes before anything looks at it: see `foundation.json_values`.

Passed bodies stand parsed in `request.json_body`.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.http.body_limit import most_bytes
from foundation.http.middleware import NativeMiddleware
from foundation.json_values import DEEPEST as DEEPEST
from foundation.json_values import check as check
from foundation.json_values import parse as parse
from foundation.problems import Problem

METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


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
        most = most_bytes(request.path)
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise Problem(413, "too_large", f"A body is taken up to {most} bytes.")
        if request.content_type == "application/json" and request.body:
            request.json_body = parse(request.body)  # type: ignore[attr-defined]
