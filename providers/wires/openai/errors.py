"""OpenAI's error answers (https://platform.openai.com/docs/guides/error-codes), and their relatives'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from providers.errors import ProviderFailure
from providers.wires.failures import Refusal, failure_of

STATUS_OF = {
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "requests": 429,
    "tokens": 429,
    "overloaded_error": 529,
    "server_error": 500,
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "model_not_found": 404,
}
"""What an error that comes inside a 200 would have been."""


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, list) and value:
        value = value[0]  # Gemini's way
    if not isinstance(value, dict):
        return failure_of(Refusal(status, body.decode("utf-8", "replace")), headers=headers, secrets=secrets)
    return failure_of(_refusal(status, value), headers=headers, secrets=secrets)


def failure_in_stream(error: Any, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` inside a 200 stands for."""
    return failure_of(_refusal(0, {"error": error}), secrets=secrets)


def _refusal(status: int, value: dict[str, Any]) -> Refusal:
    """`{"error": {message, type, code}}`, `{"error": "…"}`, `{"message": …}` or `{"detail": …}`."""
    error = value.get("error", value)
    if not isinstance(error, dict):
        return Refusal(status, str(error), is_inside_200=not status)
    message = error.get("message") or error.get("detail") or error.get("error") or ""
    kind, code = str(error.get("type") or ""), str(error.get("code") or error.get("status") or "")
    is_inside_200 = not status
    if is_inside_200:
        status = int(code) if code.isdecimal() and len(code) == 3 else STATUS_OF.get(code) or STATUS_OF.get(kind, 0)
    return Refusal(status, message if isinstance(message, str) else str(message), kind, code, is_inside_200)
