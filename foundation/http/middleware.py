"""Django's own middleware on the event loop.

Django runs the request and response hooks of its built-in middleware in a worker thread, one hop
each, when the chain is asynchronous: a dozen hops for a request, all queued on one thread. None of
these hooks waits for anything (the session is read when first used, in the view), so they are
called in place; only a session that was changed is saved in a thread.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware

from foundation.context import address, is_looking, media_type, request_id
from foundation.database.threads import in_database_thread
from foundation.http.doors import is_for_programs
from foundation.problems import bare
from foundation.traces.context import taken, trace

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


def is_bearer(request: HttpRequest) -> bool:
    """Whether the caller shows a token: then no cookie is read, and no cross-site form can have sent this."""
    return str(request.META.get("HTTP_AUTHORIZATION", "")).lower().startswith("bearer ")


def take_api_key(request: HttpRequest) -> None:
    """Below /v1/, `X-Api-Key` is a bearer token by the name that Anthropic's clients give it."""
    key = request.META.get("HTTP_X_API_KEY") if request.path.startswith("/v1/") else None
    if key and not request.META.get("HTTP_AUTHORIZATION"):
        request.META["HTTP_AUTHORIZATION"] = f"Bearer {key}"


def is_program(request: HttpRequest) -> bool:
    """Whether a program calls the API with a token: nothing that serves browsers is done for it."""
    return is_for_programs(request.path) and is_bearer(request)


class NativeMiddleware:
    """An asynchronous middleware, and nothing else."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        if not iscoroutinefunction(get_response):
            raise RuntimeError("the middleware chain is asynchronous: serve config.asgi")
        markcoroutinefunction(self)  # type: ignore[type-var]


class RequestContext(NativeMiddleware):
    """Gives every request an id: the caller's own when it is well formed, else a new one."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = given if WELL_FORMED_ID.fullmatch(given) else uuid.uuid4().hex
        request.id = identifier  # type: ignore[attr-defined]
        token = request_id.set(identifier)
        trace.set(taken(request.META.get("HTTP_TRACEPARENT", "")))
        take_api_key(request)
        # For the length of the request's task, also while its answer is sent.
        is_looking.set(request.method in ("GET", "HEAD"))
        media_type.set(bare(request.META.get("CONTENT_TYPE", "")))
        address.set(str(request.META.get("REMOTE_ADDR") or "").partition("%")[0][:45])
        try:
            response = await self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers["X-Request-Id"] = identifier
        return response


class Security(NativeMiddleware):
    """The headers that every answer carries."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


class _InPlace:
    """Calls a built-in middleware's hooks on the event loop; they only look at headers."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        hooks: Any = self
        response: HttpResponseBase | None = None
        if hasattr(hooks, "process_request"):
            response = hooks.process_request(request)
        if response is None:
            response = await hooks.get_response(request)
        if hasattr(hooks, "process_response"):
            response = hooks.process_response(request, response)
        assert response is not None  # noqa: S101 - for type checkers
        return response


class _ForBrowsers(_InPlace):
    """Spares programs what only browsers need; the most of a small call went into that."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        if is_program(request):
            native: Any = self
            response: HttpResponseBase = await native.get_response(request)
            return response
        return await super().__acall__(request)


class Common(_InPlace, CommonMiddleware):
    """Refuses hosts that are not ours; sets Content-Length."""


class Authentication(_ForBrowsers, AuthenticationMiddleware):
    """`request.user` for pages, read when first used."""


class Messages(_ForBrowsers, MessageMiddleware):
    """One-time notices on pages."""


class Htmx(HtmxMiddleware):
    """`request.htmx`."""


class Session(SessionMiddleware):
    """The browser's session; saved in a thread, and only when it was changed. A program has none."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        hooks: Any = self
        response: HttpResponseBase
        if is_program(request):
            response = await hooks.get_response(request)
            return response
        hooks.process_request(request)
        response = await hooks.get_response(request)
        if request.session.modified:
            response = await sync_to_async(hooks.process_response)(request, response)
        else:
            response = hooks.process_response(request, response)
        return response


class Csrf(_ForBrowsers, CsrfViewMiddleware):
    """Cookies need a CSRF token with every unsafe call; a bearer token does not, and reads no cookie.

    Views of REST framework are exempt from Django's check and would have to make it themselves: whoever was let in by
    a cookie (`request.is_known_by_cookie`) is checked whatever the view says of itself.
    """

    async def process_view(self, request: HttpRequest, callback: Any, args: Any, kwargs: Any) -> Any:  # type: ignore[override]
        if is_bearer(request):
            return None
        checked: Any = _exempt_from_nothing if getattr(request, "is_known_by_cookie", False) else callback
        try:
            return super().process_view(request, checked, args, kwargs)
        except _Forged as forged:
            # The page that says so looks who is signed in.
            return await in_database_thread(super()._reject, request, str(forged))  # type: ignore[misc]

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        raise _Forged(reason)


class _Forged(Exception):
    """The CSRF check failed; the message is Django's reason."""


def _exempt_from_nothing() -> None:
    """In the place of a view, where Django looks whether it is exempt."""
