"""Anthropic's error answers (https://docs.anthropic.com/en/api/errors)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from providers.errors import ProviderFailure
from providers.wires.error_words import load_error, refusal_of
from providers.wires.failures import failure_of

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
    return _failure(status, load_error(body), headers, secrets)


def failure_in_stream(error: Any, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` event stands for."""
    return _failure(0, {"error": error}, {}, secrets)


def _failure(status: int, value: Any, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    refusal = refusal_of(status, value, STATUS_OF)
    error = value.get("error") if isinstance(value, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    code = str(details.get("error_code") or "") if isinstance(details, dict) else ""
    if SPENT in (refusal.kind, code):
        refusal = replace(refusal, kind="insufficient_quota", code="insufficient_quota")
    elif code:
        refusal = replace(refusal, code=code)
    return failure_of(refusal, headers=headers, secrets=secrets)
