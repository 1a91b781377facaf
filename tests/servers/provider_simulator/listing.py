"""The models that the simulator lists, in each provider's shape."""

from __future__ import annotations

from typing import Any

from tests.servers.provider_simulator.steps import Script, json_answer

LISTED = ("echo", "json", "reasoning", "tokens-32", "tool-call")
CONTEXT_WINDOW = 8192


def models(*, anthropic: bool) -> Script:
    """`GET /v1/models`; Anthropic's shape when its version header was sent."""
    if not anthropic:
        data = [{"id": name, "object": "model", "created": 1764000000, "owned_by": "simulator"} for name in LISTED]
        return json_answer({"object": "list", "data": [row | {"max_model_len": CONTEXT_WINDOW} for row in data]})
    data = [
        {"type": "model", "id": name, "display_name": name.title(), "created_at": "2026-01-01T00:00:00Z"}
        for name in LISTED
    ]
    return json_answer({"data": data, "has_more": False, "first_id": LISTED[0], "last_id": LISTED[-1]})


def tags() -> Script:
    """Ollama's `GET /api/tags`."""
    return json_answer({"models": [{"name": name, "model": name, "size": 1, "details": {}} for name in LISTED]})


def show(name: str) -> Script:
    """Ollama's `POST /api/show`."""
    if name not in LISTED:
        return json_answer({"error": f'model "{name}" not found'}, 404)
    capabilities = ["completion", *{"reasoning": ["thinking"], "tool-call": ["tools"]}.get(name, [])]
    info: dict[str, Any] = {"general.architecture": "llama", "llama.context_length": CONTEXT_WINDOW}
    return json_answer({"model_info": info, "capabilities": capabilities, "details": {}})


def of_dadms() -> Script:
    """The LLM Service's `GET /llm/models`."""
    return json_answer({"models": [{"id": name, "name": name, "contextWindow": CONTEXT_WINDOW} for name in LISTED]})
