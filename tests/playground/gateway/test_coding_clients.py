"""What programs that write code send, field by field as Claude Code and Codex do: each is answered."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.playground.gateway.test_chat import PIXEL

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"command": {"type": "string"}},
    "required": ["command"],
    "additionalProperties": False,
}
CACHED = {"cache_control": {"type": "ephemeral"}}
MESSAGES: dict[str, Any] = {
    "max_tokens": 32_000,
    "system": [{"type": "text", "text": "You write code.", **CACHED}],
    "messages": [
        {
            "role": "user",
            "content": [{"type": "text", "text": "A reminder."}, {"type": "text", "text": "Hello", **CACHED}],
        }
    ],
    "tools": [{"name": "Bash", "description": "Runs a command.", "input_schema": SCHEMA}],
    "metadata": {"user_id": "user_1_account__session_2"},
}
ADAPTIVE = {
    "thinking": {"type": "adaptive"},
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
}
RESPONSES: dict[str, Any] = {
    "instructions": "You write code.",
    "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
    "tools": [{"type": "function", "name": "shell", "description": "", "strict": False, "parameters": SCHEMA}],
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "store": False,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "a-key",
    "client_metadata": {"origin": "a terminal"},
    "text": {"verbosity": "low"},
}


def _request_of(message_id: str) -> dict[str, Any]:
    found: dict[str, Any] = PromptExecution.objects.get(id=message_id.partition("_")[2]).request
    return found


async def parameters_of(author: Person, answer: dict[str, Any]) -> dict[str, Any]:
    """What of the run's parameters was kept."""
    kept = (await author.get(f"/api/executions/{answer['id'].partition('_')[2]}")).body
    found: dict[str, Any] = kept["parameters"]
    return found


@pytest.mark.parametrize(
    ("more", "effort"),
    [
        ({"temperature": 1}, None),
        ({"thinking": {"type": "enabled", "budget_tokens": 31_999}}, "high"),
        ({"thinking": {"type": "disabled"}}, None),
        (ADAPTIVE, None),
        ({**ADAPTIVE, "output_config": {"effort": "medium"}}, "medium"),
        ({**ADAPTIVE, "output_config": {"effort": "max", "task_budget": {"type": "tokens", "total": 9}}}, "high"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2_000}, "output_config": {"effort": "high"}}, "high"),
    ],
)
async def test_messages_of_claude_code(author: Person, provider: str, more: dict[str, Any], effort: str | None):
    body = {"model": f"{provider}/echo", **MESSAGES, **more}
    answer = await author.post("/v1/messages?beta=true", body)
    assert answer.status == 200, answer.body
    assert answer.body["content"][0]["text"].endswith("Hello")
    assert (await parameters_of(author, answer.body)).get("reasoning_effort") == effort
    streamed = await author.post("/v1/messages?beta=true", {**body, "stream": True})
    assert streamed.status == 200, streamed.body


async def test_thinking_of_no_known_kind_is_refused_by_name(author: Person, provider: str):
    body = {"model": f"{provider}/echo", **MESSAGES, "thinking": {"type": "deep"}}
    answer = await author.post("/v1/messages", body)
    assert (answer.status, answer.body["error"]["type"]) == (400, "invalid_request_error")
    assert "thinking.type" in answer.body["error"]["message"]


async def test_pictures_that_a_tool_gives_are_passed_on(author: Person, provider: str):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL.partition(",")[2]}
    result = [{"type": "text", "text": "a.png"}, {"type": "image", "source": source}]
    turns = [
        {"role": "user", "content": "Look at a.png"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "c"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": result}]},
    ]
    body = {**MESSAGES, "model": f"{provider}/gpt-4o", "messages": turns}
    answer = await author.post("/v1/messages", body)
    assert answer.status == 200, answer.body
    kept = await in_database_thread(_request_of, answer.body["id"])
    assert kept["messages"][-1] == {"role": "tool", "tool_call_id": "t1", "content": "a.png"}
    assert [part["type"] for part in kept["parts"]] == ["image_url"]


@pytest.mark.parametrize("effort", [None, "none", "minimal", "low", "medium", "high", "xhigh"])
async def test_responses_of_codex(author: Person, provider: str, effort: str | None):
    reasoning = {"reasoning": {"effort": effort, "summary": "auto"}} if effort else {}
    body = {"model": f"{provider}/echo", **RESPONSES, **reasoning}
    answer = await author.post("/v1/responses", body)
    assert answer.status == 200, answer.body
    assert answer.body["output"][0]["content"][0]["text"] == "Hello"
    later = [
        *RESPONSES["input"],
        {"type": "reasoning", "summary": [], "encrypted_content": "sealed"},
        {"type": "function_call", "call_id": "c1", "name": "shell", "arguments": '{"command": "ls"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "a.py"},
    ]
    streamed = await author.post("/v1/responses", {**body, "input": later, "stream": True})
    assert streamed.status == 200, streamed.body


@pytest.mark.parametrize("effort", ["none", "minimal", "xhigh"])
async def test_efforts_of_openais_newest_models(author: Person, provider: str, effort: str):
    body = {"model": f"{provider}/echo", "messages": [{"role": "user", "content": "Hello"}], "reasoning_effort": effort}
    answer = await author.post("/v1/chat/completions", body)
    assert answer.status == 200, answer.body
