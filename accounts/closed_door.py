"""Routes are closed unless they stand in this file's list."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts import networks
from accounts.authentication import Caller, authenticate
from accounts.bearer import scrapers
from accounts.noting import asking, note, worth_an_entry
from foundation.context import address
from foundation.http.doors import is_for_programs
from foundation.http.middleware import NativeMiddleware, is_bearer
from foundation.problems import Problem, as_problem

OPEN = (
    "/health",
    "/health/live",
    "/login",
    "/sign-in/",
    "/api/auth/token",
    "/api/auth/token/refresh",
    "/review/",
    "/api/events",
)
"""Open to anybody; one that ends in a slash opens what is below it. Static files never reach Django."""
OPEN_IF_SIGNED = "/api/events"
"""Nobody is known there, but the signature of what comes is checked; a bearer is looked at as at any other door."""


def is_open(path: str) -> bool:
    """Whether `path` needs no sign-in."""
    return path in OPEN or any(path.startswith(prefix) for prefix in OPEN if prefix.endswith("/"))


class ClosedByDefault(NativeMiddleware):
    """Lets a known caller through as `request.principal`; everybody else gets 401 or the sign-in page."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_open(request.path) and not (request.path == OPEN_IF_SIGNED and is_bearer(request)):
            return await self.get_response(request)
        if request.path == scrapers.DOOR:
            return await self._scraped(request)
        authorization = request.META.get("HTTP_AUTHORIZATION", "")
        try:
            caller = await authenticate(authorization=authorization, session=getattr(request, "session", None))
        except Exception as error:
            problem = as_problem(error)
            if problem is None:
                raise
            return problem.response(request.path)
        if caller is None:
            return _turned_away(request)
        user = caller.user
        request.caller = caller  # type: ignore[attr-defined]
        request.principal = user  # type: ignore[attr-defined]
        request.is_known_by_cookie = not is_bearer(request)  # type: ignore[attr-defined]
        request.user = user
        with asking(user, by=caller.by):
            await networks.note(user.id, by=caller.by)
            response = await self.get_response(request)
            if act := worth_an_entry(response):
                await note(request, act)
            return response

    async def _scraped(self, request: HttpRequest) -> HttpResponseBase:
        if scrapers.is_let_in(authorization=request.META.get("HTTP_AUTHORIZATION", ""), address=address.get()):
            return await self.get_response(request)
        return scrapers.TURNED_AWAY.response(request.path)


class HeldToScopes(NativeMiddleware):
    """Refuses what an API token's scopes do not open; behind the rate limits, so that refusals count against them."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        caller: Caller | None = getattr(request, "caller", None)
        if caller is not None and caller.scopes is not None:
            try:
                caller.check_scope(request.method or "", request.path)
            except Problem as problem:
                return problem.response(request.path)
        return await self.get_response(request)


def _turned_away(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request.path):
        return Problem(401, "not_authenticated", "Sign in, or send a bearer token.").response(request.path)
    address = f"{reverse(settings.LOGIN_URL)}?next={quote(_page_of(request))}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_of(request: HttpRequest) -> str:
    """The page that a person was on, to come back to: that around the part or the form which was asked for."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        return str(htmx.current_url_abs_path or "/")
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sender = urlsplit(request.headers.get("Referer", ""))
    if sender.netloc != request.get_host():
        return "/"
    return sender._replace(scheme="", netloc="", fragment="").geturl() or "/"
