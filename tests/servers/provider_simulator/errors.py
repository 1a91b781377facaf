"""Error answers in the shape of each wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson

from tests.servers.provider_simulator.steps import Step, whole


@dataclass(frozen=True, slots=True)
class Error:
    """`kind` is OpenAI's type, `code` its code; Anthropic has a type of its own, Ollama only words."""

    status: int
    message: str
    kind: str = "server_error"
    code: str | None = None
    anthropic: str = "api_error"


LIMITED = Error(429, "Rate limit reached for requests per min.", "requests", "rate_limit_exceeded", "rate_limit_error")
SPENT = Error(
    429,
    "You exceeded your current quota, please check your plan and billing details.",
    "insufficient_quota",
    "insufficient_quota",
    "rate_limit_error",
)
OVERLOADED = Error(529, "Overloaded", "overloaded_error", None, "overloaded_error")
KEY_REFUSED = Error(401, "", "invalid_request_error", "invalid_api_key", "authentication_error")
NO_MODEL = Error(404, "The model `gone` does not exist.", "invalid_request_error", "model_not_found", "not_found_error")
TOO_LONG = Error(
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    "invalid_request_error",
    "context_length_exceeded",
    "invalid_request_error",
)
WRONG = Error(
    400, "Invalid value for 'temperature'.", "invalid_request_error", "invalid_value", "invalid_request_error"
)

IN_ANTHROPICS_WORDS = {
    NO_MODEL: "model: gone",
    TOO_LONG: "prompt is too long: 210000 tokens > 200000 maximum",
    SPENT: "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
}
IN_OLLAMAS_WORDS = {
    NO_MODEL: 'model "gone" not found, try pulling it first',
    SPENT: "you have reached your weekly usage limit, please upgrade to continue",
}


def body_of(wire: str, error: Error) -> bytes:
    if wire == "ollama":
        return orjson.dumps({"error": IN_OLLAMAS_WORDS.get(error, error.message)})
    if wire == "anthropic":
        inner = {"type": error.anthropic, "message": IN_ANTHROPICS_WORDS.get(error, error.message)}
        return orjson.dumps({"type": "error", "error": inner, "request_id": "req_simulated"})
    return orjson.dumps({"error": {"message": error.message, "type": error.kind, "param": None, "code": error.code}})


def refuse(wire: str, error: Error, **headers: str) -> list[Step]:
    return whole(error.status, body_of(wire, error), **headers)


def in_two_seconds() -> str:
    """An HTTP date; at least two seconds ahead, since it knows no fractions."""
    return format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3), usegmt=True)
