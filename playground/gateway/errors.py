"""A problem as OpenAI's and Anthropic's clients read it; their exception classes go by the status alone."""

from __future__ import annotations

from typing import Any, Final

from foundation.problems import Problem

_QUOTA: Final = "insufficient_quota"
"""What OpenAI answers with 429 where it is money or a limit that is used up."""
_OPENAI: Final = {401: "authentication_error", 403: "permission_error", 402: _QUOTA, 429: "requests"}
_ANTHROPIC: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_NAMES: Final = {
    "model_id": "model",
    "template_id": "prompt.id",
    "label": "prompt.version",
    "version": "prompt.version",
}
"""Our fields by the names that their callers know."""


def as_openai(problem: Problem) -> dict[str, Any]:
    """`{"error": {message, type, param, code}}`."""
    kind = _OPENAI.get(problem.status, "server_error" if problem.status >= 500 else "invalid_request_error")
    kind = _QUOTA if problem.code == "quota_exceeded" else kind
    told = {"message": sentence_of(problem), "type": kind, "param": _param(problem), "code": problem.code}
    return {"error": told}


def as_anthropic(problem: Problem) -> dict[str, Any]:
    """`{"type": "error", "error": {type, message}}`."""
    kind = _ANTHROPIC.get(problem.status, "api_error" if problem.status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": sentence_of(problem), "code": problem.code}}


def sentence_of(problem: Problem) -> str:
    """All that a problem says, field by field, by the names of these clients."""
    told = [f"{_named(error['field'])}: {error['message']}".removeprefix(": ") for error in problem.errors]
    return " ".join(told) or problem.detail or problem.title


def _param(problem: Problem) -> str | None:
    return next((_named(error["field"]) for error in problem.errors if error["field"]), None)


def _named(field: str) -> str:
    field = field.removeprefix("parameters.")
    first, dot, rest = field.partition(".")
    return f"{_NAMES.get(first, first)}{dot}{rest}"
