"""T37: OpenAI's and Anthropic's Python SDKs, old and new, with nothing changed but address and key."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from scripts import consumers
from tests.playground.gateway.sdks import PROGRAMS, Asking, asking, with_streams

__all__ = ["asking"]

BERN = {"city": "Bern"}
BY_OPENAI: dict[str, Any] = {
    "plain": ["Hello there", "stop", True],
    "streamed": ["Hello there", "stop", "assistant"],
    "tools": ["tool_calls", "weather", BERN, True],
    "streamed_tools": ["tool_calls", "weather", BERN],
    "structured": ["city"],
    "picture": True,
    "template": "Hello there",
    "waiting": [True, True, "stop", "stop", None],
    **with_streams(
        {
            "bad token": ["AuthenticationError", 401, None],
            "out of scope": ["PermissionDeniedError", 403, None],
            "used up": ["RateLimitError", 429, True],
            "no such model": ["NotFoundError", 404, None],
            "wrong value": ["BadRequestError", 400, True],
            "failed before": ["InternalServerError", 502, None],
        }
    ),
    "failed in the middle": ["APIError", None, None],
}
OPENAIS_HELPERS: dict[str, Any] = {"parsed": "Place", "helper_stream": ["tool_calls", BERN]}
OPENAIS_RESPONSES: dict[str, Any] = {
    "responses": ["Hello there", "completed", "Hello there"],
    "streamed_responses": ["Hello there", "response.created", "response.completed", "Hello there"],
    "responses_wait": [True, True, True, "refusal", "completed", ""],
    "responses_go_on": ["weather", BERN, True],
    "responses_structured": ["city"],
}
EVENTS = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
]
BY_ANTHROPIC: dict[str, Any] = {
    "plain": ["Hello there", "end_turn", True],
    "streamed": ["Hello there", "end_turn", True],
    "streamed_events": EVENTS,
    "tools": ["tool_use", "weather", BERN, True],
    "streamed_tools": ["tool_use", BERN],
    "picture": True,
    "structured": ["city"],
    "template": "Hello there",
    "waiting": [True, True, "refusal", "refusal"],
    **with_streams(
        {
            "bad token": ["AuthenticationError", "authentication_error", None],
            "out of scope": ["PermissionDeniedError", "permission_error", None],
            "used up": ["RateLimitError", "rate_limit_error", True],
            "no such model": ["NotFoundError", "not_found_error", None],
            "wrong value": ["BadRequestError", "invalid_request_error", True],
            "failed before": ["InternalServerError", "api_error", None],
        }
    ),
    "failed in the middle": ["APIStatusError", "api_error", None],
}


async def told_by(asking: Asking, program: str, age: str) -> dict[str, Any]:
    """What the SDK of this age made of the answers."""
    folder = consumers.sdks(age)
    if not folder.exists():
        pytest.skip(f"NOT TRIED: the {age} SDKs are not installed; `make test` does, where a package index answers.")
    return await asking.by([sys.executable, str(PROGRAMS / program)], {"PYTHONPATH": str(folder)}, folder)


@pytest.mark.parametrize(
    ("age", "more"),
    [
        ("gateway-oldest", {}),
        ("oldest", OPENAIS_HELPERS),
        ("gateway-responses", OPENAIS_HELPERS | OPENAIS_RESPONSES),
        ("newest", OPENAIS_HELPERS | OPENAIS_RESPONSES),
    ],
)
async def test_openais_python_sdk_old_and_new(asking: Asking, age: str, more: dict[str, Any]):
    model = asking.given["template"]
    told = await told_by(asking, "ask_openai.py", age)
    assert told == {**BY_OPENAI, "models": [True, model, "model"], **more}


@pytest.mark.parametrize(
    ("age", "has_models"), [("gateway-oldest", False), ("oldest", False), ("gateway-responses", True), ("newest", True)]
)
async def test_anthropics_python_sdk_old_and_new(asking: Asking, age: str, has_models: bool):
    model = asking.given["template"]
    more = {"models": [True, model, "model"], "counted": True} if has_models else {}
    told = await told_by(asking, "ask_anthropic.py", age)
    assert told == {**BY_ANTHROPIC, **more}
