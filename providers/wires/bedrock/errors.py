"""Bedrock's error answers (https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from providers.errors import ProviderFailure
from providers.wires.error_words import load_error, refusal_of
from providers.wires.failures import failure_of

STATUS_OF: Final = {
    "throttlingException": 429,
    "serviceQuotaExceededException": 429,
    "validationException": 400,
    "accessDeniedException": 403,
    "resourceNotFoundException": 404,
    "modelTimeoutException": 408,
    "internalServerException": 500,
    "modelErrorException": 500,
    "modelStreamErrorException": 500,
    "modelNotReadyException": 503,
    "serviceUnavailableException": 503,
}
"""What an exception that comes inside a stream would have been."""
MODEL_FAILED: Final = 424
"""The model's own failure, which is no fault of the request."""
NO_MODEL: Final = "model identifier is invalid"


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    return _failure(status, load_error(body), headers, secrets)


def _failure(status: int, value: Any, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    if isinstance(value, dict) and isinstance(words := value.get("Message"), str):
        value = {"message": words, **value}
    told = value.get("type") if isinstance(value, dict) else None
    kind = told if isinstance(told, str) else ""
    refusal = refusal_of(status or STATUS_OF.get(kind, 0), value, STATUS_OF)
    refusal = replace(refusal, kind=refusal.kind or kind, is_inside_200=not status)
    if refusal.status == MODEL_FAILED:
        refusal = replace(refusal, status=500)
    elif refusal.status == 403:  # Whatever it does not let in, it does not let these credentials in.
        refusal = replace(refusal, kind="permission_error")
    elif refusal.status == 400 and NO_MODEL in refusal.message:
        refusal = replace(refusal, code="model_not_found")
    return failure_of(refusal, headers=headers, secrets=secrets)
