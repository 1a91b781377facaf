"""Unsafe calls that are made once however often they are sent: `Idempotency-Key` at the doors of REST framework.

The key's row and what the call does are one transaction: a second call waits for the first and gets its answer, and
a call that failed has left nothing behind, so that it may be tried again. (Executions have a claim of their own,
`playground.engine.lifecycle`: a run outlives its request.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, RawPostDataException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotentCall
from accounts.requests import principal
from foundation.problems import Problem
from foundation.rest.rendering import dumps

LONGEST_KEY: Final = 255
PIECE: Final = 1024 * 1024
KEPT_HEADERS: Final = ("ETag", "Location")

View = Callable[..., Response]


def check_key(key: str) -> None:
    """A Problem for what is no key."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(400, "idempotency_key_invalid", f"Idempotency-Key: 1 to {LONGEST_KEY} printable characters.")


def idempotent(view: View) -> View:
    """For a method of a view: with an `Idempotency-Key`, equal calls of one user within 24 hours are one."""

    @wraps(view)
    def wrapped(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(self, request, *args, **kwargs)
        check_key(key)
        with transaction.atomic():
            call = _claim(request, key)
            if call.status:
                return _answered_before(call)
            response = view(self, request, *args, **kwargs)
            _remember(call, response)
            return response

    wrapped.is_idempotent = True  # type: ignore[attr-defined] # the OpenAPI document says so
    return wrapped


def _claim(request: Request, key: str) -> IdempotentCall:
    http = request._request
    route = f"{http.method} {http.path}"[:300]
    digest = _digest(http)
    user = principal(request)
    # Where another call holds the key, this waits until that one has ended.
    IdempotentCall.objects.bulk_create(
        [IdempotentCall(user=user, route=route, key=key, body_hash=digest)], ignore_conflicts=True
    )
    call = IdempotentCall.objects.select_for_update().get(user=user, route=route, key=key)
    if bytes(call.body_hash) != digest:
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key came with another body before.")
    return call


def _digest(http: HttpRequest) -> bytes:
    """What the call asks for; a body too large for memory is read where it was spooled to."""
    made = hashlib.sha256(http.META.get("QUERY_STRING", "").encode() + b"\0")
    try:
        made.update(http.body)
    except RawPostDataException:  # A form with files, which was read as it came.
        for piece in _pieces(http):
            made.update(piece)
    except RequestDataTooBig:
        spooled: Any = http._stream
        for piece in iter(lambda: spooled.read(PIECE), b""):
            made.update(piece)
        spooled.seek(0)
    return made.digest()


def _pieces(http: HttpRequest) -> Iterator[bytes]:
    """What a form holds, each part behind its length: no two forms are the same row of pieces."""
    for name, values in http.POST.lists():
        yield dumps([name, values])
    for name, files in http.FILES.lists():
        for file in files:
            yield dumps([name, file.name, file.size])
            yield from file.chunks(PIECE)
            file.seek(0)


def _remember(call: IdempotentCall, response: Response) -> None:
    call.status = response.status_code
    call.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    call.sealed = orjson.loads(dumps(response.data))
    call.save(update_fields=["status", "headers", "sealed"])


def _answered_before(call: IdempotentCall) -> HttpResponse:
    body = b"" if call.sealed is None else dumps(call.sealed)
    return HttpResponse(body, status=call.status, headers=call.headers, content_type="application/json")
