"""Gemini's error answers: google.rpc.Status (https://cloud.google.com/apis/design/errors)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from providers.errors import ProviderFailure
from providers.wires.error_words import load_error, refusal_of
from providers.wires.failures import failure_of
from providers.wires.openai.errors import STATUS_OF


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    return _failure(status, load_error(body), headers, secrets)


def failure_in_stream(error: Any, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` inside a 200 stands for."""
    return _failure(0, {"error": error}, {}, secrets)


def _failure(status: int, value: Any, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    if wait := _retry_delay(value):
        headers = {"retry-after": wait, **headers}
    return failure_of(refusal_of(status, value, STATUS_OF), headers=headers, secrets=secrets)


def _retry_delay(value: Any) -> str:
    """Seconds of google.rpc.RetryInfo, which stands in the place of a header."""
    value = value[0] if isinstance(value, list) and value else value
    error = value.get("error") if isinstance(value, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for each in details if isinstance(details, list) else ():
        delay = each.get("retryDelay") if isinstance(each, dict) else None
        if isinstance(delay, str) and delay.endswith("s"):
            return delay.removesuffix("s")
    return ""
