"""The LLM Service's error answers: `{success: false, error, message}`, `{error: {code, message}}`, or FastAPI's."""

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
    return failure_of(refusal_of(status, load_error(body), STATUS_OF), headers=headers, secrets=secrets)


def failure_in_stream(error: Any, *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure that an error inside a 200 stands for."""
    return failure_of(refusal_of(0, {"error": error}, STATUS_OF), secrets=secrets)
