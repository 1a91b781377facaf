"""LiteLLM's exceptions as OpenAI's error answers, for the other side of the socket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
from litellm import exceptions

Error = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body, headers."""

CODES: tuple[tuple[type[Exception], int, str], ...] = (
    (exceptions.ContextWindowExceededError, 400, "context_length_exceeded"),
    (exceptions.ContentPolicyViolationError, 400, "content_filter"),
    (exceptions.AuthenticationError, 401, "invalid_api_key"),
    (exceptions.PermissionDeniedError, 403, "permission_denied"),
    (exceptions.NotFoundError, 404, "model_not_found"),
    (exceptions.RateLimitError, 429, "rate_limit_exceeded"),
    (exceptions.Timeout, 504, "timeout"),
    (exceptions.ServiceUnavailableError, 503, "server_error"),
    (exceptions.APIConnectionError, 502, "server_error"),
)
"""First match counts: some of the classes inherit from others."""
CUT = re.compile(
    r"peer closed|incomplete chunked|payload is not complete|connection (?:reset|lost|closed)|disconnected",
    re.IGNORECASE,
)
PREFIX = re.compile(r"^(?:(?:litellm\.)?\w+(?:Error|Timeout): )+(?:\w+(?:Exception|Error) - )?")


def error_of(failure: Exception) -> Error:
    """What the client is told. It masks keys in the message, since it knows them."""
    status = getattr(failure, "status_code", None)
    if isinstance(status, int) and 300 <= status < 400:
        return status, {}, {}
    message = PREFIX.sub("", str(getattr(failure, "message", "") or failure)).partition("Traceback (most")[0]
    if _found_nobody(failure):
        return 502, _body("connect timeout: it did not take the connection in time.", "server_error", 502), {}
    for kind, known_status, code in CODES:
        if isinstance(failure, kind):
            # A spend cap keeps the provider's own words, from which the client knows it.
            code = "insufficient_quota" if known_status == 429 and "insufficient_quota" in message else code
            return known_status, _body(message, code, known_status), _wait(failure)
    if isinstance(status, int) and 400 <= status < 600:
        return status, _body(message, "", status), _wait(failure)
    return 500, _body(f"LiteLLM failed ({type(failure).__name__}).", "server_error", 500), {}


def _found_nobody(failure: BaseException | None) -> bool:
    """No connection came about in time: the library makes one exception of this and of an answer that does not come."""
    while failure is not None:
        if isinstance(failure, httpx.ConnectTimeout | httpx.PoolTimeout):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def is_cut(failure: Exception) -> bool:
    """The provider's connection broke in the middle."""
    return CUT.search(str(failure)) is not None


def _body(message: str, code: str, status: int) -> dict[str, Any]:
    return {"error": {"message": message, "type": "", "code": code or status, "param": None}}


def _wait(failure: Exception) -> dict[str, str]:
    """The provider's own Retry-After, which LiteLLM keeps in one of two places."""
    for holder in (getattr(failure, "litellm_response_headers", None), getattr(failure, "response", None)):
        headers = getattr(holder, "headers", holder)
        if isinstance(headers, Mapping) and headers.get("retry-after"):
            return {"Retry-After": str(headers["retry-after"])}
    return {}
