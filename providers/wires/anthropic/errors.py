"""Anthropic's error answers (https://docs.anthropic.com/en/api/errors)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from providers.errors import ProviderFailure
from providers.wires.failures import Refusal, failure_of

STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""What an error that comes inside a 200 would have been."""
SPENT = "enforced_spend_limit_reached"


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    error = value.get("error") if isinstance(value, dict) else None
    if error is None:
        error = body.decode("utf-8", "replace")
    return _failure(status, error, headers, secrets)


def failure_in_stream(error: Any, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` event stands for."""
    return _failure(0, error, {}, secrets)


def _failure(status: int, error: Any, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    if not isinstance(error, dict):
        return failure_of(Refusal(status, str(error), is_inside_200=not status), headers=headers, secrets=secrets)
    kind = str(error.get("type") or "")
    details = error.get("details")
    code = str(details.get("error_code") or "") if isinstance(details, dict) else ""
    if SPENT in (kind, code):
        kind = code = "insufficient_quota"
    message = str(error.get("message") or "")
    refusal = Refusal(status or STATUS_OF.get(kind, 0), message, kind, code, is_inside_200=not status)
    return failure_of(refusal, headers=headers, secrets=secrets)
