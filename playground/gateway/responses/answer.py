"""A run as a response, with the items of its output."""

from __future__ import annotations

from typing import Any

from playground.gateway.calls import arguments_text, calls_of
from playground.gateway.leave import refusal_of
from playground.models import PromptExecution, Status
from playground.representation import execution_json

STATUSES = {Status.PENDING: "queued", Status.RUNNING: "in_progress"}


def response_of(execution: PromptExecution) -> dict[str, Any]:
    """A `response`, also of a run that goes on, failed or was cancelled."""
    return told_of(execution_json(execution), int(execution.created_at.timestamp()))


def told_of(run: dict[str, Any], created: int) -> dict[str, Any]:
    """A `response` of an execution's JSON; `created` in seconds of Unix time."""
    status, reason = _status(run)
    id = str(run["id"])
    return {
        **head_of(id, run["model_id"], created, run["parameters"], run["tools"]),
        "status": status,
        "error": {"code": "server_error", "message": run["error"]["message"]} if run["error"] else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": run["system_prompt"] or None,
        "metadata": run["metadata"].get("client") or {},
        "previous_response_id": f"resp_{run['parent_id']}" if run["parent_id"] else None,
        "output": items_of(id, run),
        "usage": usage_of(run["usage"]),
    }


def head_of(id: str, model: str, created: int, parameters: dict[str, Any], tools: list[Any]) -> dict[str, Any]:
    """What is known from the beginning."""
    form = parameters.get("response_format") or {"type": "text"}
    shown = {"type": form["type"], "strict": None, **form.get("json_schema", {})}
    choice = parameters.get("tool_choice") or "auto"
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": parameters.get("max_tokens"),
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": parameters.get("reasoning_effort"), "summary": None},
        "store": True,
        "temperature": parameters.get("temperature"),
        "text": {"format": shown if form["type"] == "json_schema" else {"type": form["type"]}},
        "tool_choice": {"type": "function", **choice} if isinstance(choice, dict) else choice,
        "tools": [tool_told(tool) for tool in tools],
        "top_p": parameters.get("top_p"),
        "truncation": "disabled",
        "usage": None,
    }


def tool_told(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as it was offered. OpenAI's older clients take a whole event for another where `strict` is no boolean."""
    return {"type": "function", "strict": False, "parameters": {}, **tool}


def _status(run: dict[str, Any]) -> tuple[str, str | None]:
    status = Status(run["status"])
    if status != Status.COMPLETED:
        return STATUSES.get(status, status.value), None
    match run["metadata"].get("finish_reason"):
        case "length":
            return "incomplete", "max_output_tokens"
        case "content_filter" | "refusal":
            return "incomplete", "content_filter"
    return "completed", None


def items_of(id: str, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The output's items: thought, words, calls, and what waits for a person."""
    items: list[dict[str, Any]] = []
    if run["reasoning"]:
        items.append(reasoning_item(f"rs_{id}", run["reasoning"]))
    if run["response"]:
        items.append(message_item(f"msg_{id}", run["response"]))
    for at, call in enumerate(calls_of(run)):
        name, arguments = call["tool_name"], arguments_text(call["arguments"])
        is_whole = call["status"] != "incomplete"
        items.append(call_item(f"fc_{id}_{at}", call["id"], name, arguments, "completed" if is_whole else "incomplete"))
    if refusal := refusal_of(id, run):
        items.append(refusal_item(f"msg_{id}_refusal", refusal))
    return items


def reasoning_item(id: str, text: str) -> dict[str, Any]:
    """An item of thought."""
    content = [{"type": "reasoning_text", "text": text}]
    return {"type": "reasoning", "id": id, "summary": [], "content": content}


def message_item(id: str, text: str, status: str = "completed") -> dict[str, Any]:
    """An item of words; none yet where it has only begun."""
    content = [text_part(text)] if text else []
    return {"type": "message", "id": id, "role": "assistant", "status": status, "content": content}


def refusal_item(id: str, text: str, status: str = "completed") -> dict[str, Any]:
    """An item that says what was not done; nothing yet where it has only begun."""
    content = [refusal_part(text)] if text else []
    return {"type": "message", "id": id, "role": "assistant", "status": status, "content": content}


def refusal_part(text: str) -> dict[str, Any]:
    """A part of words that refuse."""
    return {"type": "refusal", "refusal": text}


def text_part(text: str) -> dict[str, Any]:
    """A part of an item's words."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def call_item(id: str, call_id: str, name: str, arguments: str, status: str = "completed") -> dict[str, Any]:
    """A call of a function."""
    called = {"call_id": call_id, "name": name, "arguments": arguments}
    return {"type": "function_call", "id": id, **called, "status": status}


def usage_of(usage: dict[str, Any]) -> dict[str, Any]:
    """Counts of tokens."""
    details = usage["details"]
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": details["cache_read_tokens"] or 0},
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": details["reasoning_tokens"] or 0},
        "total_tokens": usage["total_tokens"],
    }
