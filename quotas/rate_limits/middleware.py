"""Holds every known caller to the limits, and tells each answer how much is left."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.http.doors import is_for_programs
from foundation.http.middleware import NativeMiddleware
from foundation.problems import Problem
from foundation.words import number
from quotas.rate_limits.classes import RequestClass, class_of
from quotas.rate_limits.gcra import Decision
from quotas.rate_limits.limiting import limiter
from quotas.rate_limits.pages import page_of

SECOND = 1_000_000


class RateLimits(NativeMiddleware):
    """Stands behind the closed door: whoever was not let in has no limit, and needs none."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user: User | None = getattr(request, "principal", None)
        if user is None:
            return await self.get_response(request)
        is_a_browser: bool = request.is_known_by_cookie  # type: ignore[attr-defined]
        request_class = class_of(
            method=str(request.method),
            path=request.path,
            is_a_browser=is_a_browser,
            asks_for_a_stream=_asks_for_a_stream(request),
            mcp_tool=_mcp_tool(request),
        )
        decided = await limiter().ask(user_id=user.id, request_class=request_class) if request_class else None
        if decided is None:
            return await self._uncounted(request, user)
        if not decided.is_allowed:
            return await _refused(request, decided)
        response = await self.get_response(request)
        for name, value in headers_of(decided).items():
            response.headers[name] = value
        return response

    async def _uncounted(self, request: HttpRequest, user: User) -> HttpResponseBase:
        """What is free is so for whoever may do it: each refusal is an entry of the audit log, and counts."""
        response = await self.get_response(request)
        if response.status_code != 403:
            return response
        decided = await limiter().ask(user_id=user.id, request_class=RequestClass.STANDARD)
        return response if decided is None or decided.is_allowed else await _refused(request, decided)


def _asks_for_a_stream(request: HttpRequest) -> bool:
    """Other vendors' doors are told in the body whether the answer is followed word by word."""
    body = getattr(request, "json_body", None)
    return isinstance(body, dict) and body.get("stream") is True


def _mcp_tool(request: HttpRequest) -> str:
    """The tool that a call of `/mcp` runs; empty where it runs none."""
    match getattr(request, "json_body", None):
        case {"method": "tools/call", "params": {"name": str(name)}}:
            return name
    return ""


def headers_of(decided: Decision) -> dict[str, str]:
    """`RateLimit-…`, in whole seconds, rounded up: whoever waits as long as told is let in."""
    told = {
        "RateLimit-Limit": str(decided.limit),
        "RateLimit-Remaining": str(decided.remaining),
        "RateLimit-Reset": str(_seconds(decided.reset)),
    }
    return told if decided.is_allowed else {**told, "Retry-After": str(_seconds(decided.retry_after))}


def _seconds(microseconds: int) -> int:
    return -(-microseconds // SECOND)


async def _refused(request: HttpRequest, decided: Decision) -> HttpResponseBase:
    seconds = _seconds(decided.retry_after)
    wait = "a second" if seconds == 1 else f"{seconds} seconds"
    most = number(decided.limit)
    detail = f"That was more than {most} requests of this kind a minute. Nothing was done: try again in {wait}."
    problem = Problem(429, "too_many_requests", detail, headers=headers_of(decided))
    if is_for_programs(request.path):
        return problem.response(request.path)
    page = await in_database_thread(page_of, request, problem)
    for name, value in problem.headers.items():
        page.headers[name] = value
    return page
