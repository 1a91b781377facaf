"""The gate that text passes which is no JSON body: addresses, queries, headers, cookies, forms and names of files.

PostgreSQL keeps no NUL, and says so with an error of its own wherever one arrives. Nothing that a person or a program
means has one, so it is refused here, once; invalid UTF-8 has become U+FFFD before, as browsers do it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from foundation.http.body_gate import refused
from foundation.http.middleware import NativeMiddleware
from foundation.problems import FieldError, Problem, invalid

NUL = "\0"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class TextGate(NativeMiddleware):
    """Answers 400 to what holds a NUL, and to a form that cannot be read."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            is_upload = _takes_files(request) and request.method == "POST"
            for place in await asyncio.to_thread(lambda: list(_faults(request))) if is_upload else _faults(request):
                raise invalid([FieldError(place, "nul_character", "A NUL character cannot be stored.")])
        except Problem as problem:
            return problem.response(request.path)
        except RequestDataTooBig:
            return refused(Problem(413, "too_large", "The form is too large."), request)
        except (BadRequest, MultiPartParserError, SuspiciousOperation, UnicodeError):
            return Problem(400, "malformed_form", "The form cannot be read.").response(request.path)
        return await self.get_response(request)


def _takes_files(request: HttpRequest) -> bool:
    return request.path in settings.UPLOAD_PATHS or request.path in settings.LARGE_PATHS


def _faults(request: HttpRequest) -> Iterator[str]:
    """Where NULs are."""
    if NUL in request.path:
        yield "address"
    if "%00" in request.META.get("QUERY_STRING", ""):
        yield from _named(request.GET.lists())
    for name, value in request.META.items():
        if isinstance(value, str) and name.startswith("HTTP_") and NUL in value:
            yield name.removeprefix("HTTP_").replace("_", "-").title()
    yield from (name for name, value in request.COOKIES.items() if NUL in value)
    # Read whole first: else the views that look at the bytes themselves find them gone.
    # A file is left on the disk that it was spooled to.
    if request.content_type in FORMS and (_takes_files(request) or request.body):
        yield from _named(request.POST.lists())
        files: Any = request.FILES
        yield from _named((name, [file.name or ""]) for name, file in files.items())


def _named(fields: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    return (name.replace(NUL, "") for name, values in fields if NUL in name + "".join(values))
