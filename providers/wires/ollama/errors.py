"""Ollama's error answers: `{"error": "words"}`, before the stream with a status, inside it without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import orjson

from providers.errors import ProviderFailure
from providers.wires.failures import NO_MODEL, Refusal, failure_of

UNABLE = re.compile(r"does not support (?:chat|tools|thinking|vision|images)", re.IGNORECASE)


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    said = value.get("error") if isinstance(value, dict) else None
    message = body.decode("utf-8", "replace") if said is None else said
    return _failure(status, message, headers, secrets)


def failure_in_stream(error: object, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` line stands for."""
    return _failure(0, error, {}, secrets)


def _failure(status: int, error: object, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    message = str(error.get("message") or error) if isinstance(error, dict) else str(error)
    is_inside_200 = not status
    if not status and UNABLE.search(message):
        status = 400
    elif not status and NO_MODEL.search(message):
        status = 404
    return failure_of(Refusal(status, message, is_inside_200=is_inside_200), headers=headers, secrets=secrets)
