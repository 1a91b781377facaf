"""Ollama's error answers: `{"error": "words"}`, before the stream with a status, inside it without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from providers.errors import ProviderFailure
from providers.wires.error_words import load_error, refusal_of
from providers.wires.failures import NO_MODEL, failure_of

UNABLE = re.compile(r"does not support (?:chat|tools|thinking|vision|images)", re.IGNORECASE)


def failure_from(
    status: int, headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that an error answer stands for; the body may be anything."""
    return _failure(status, load_error(body), headers, secrets)


def failure_in_stream(error: object, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an `error` line stands for."""
    return _failure(0, {"error": error}, {}, secrets)


def _failure(status: int, value: Any, headers: Mapping[str, str], secrets: Iterable[str]) -> ProviderFailure:
    refusal = refusal_of(status, value, {})
    if not refusal.status and UNABLE.search(refusal.message):
        refusal = replace(refusal, status=400)
    elif not refusal.status and NO_MODEL.search(refusal.message):
        refusal = replace(refusal, status=404)
    return failure_of(refusal, headers=headers, secrets=secrets)
