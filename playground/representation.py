"""PromptExecution in JSON, the same wherever it appears (api.md, "Executions")."""

from __future__ import annotations

from typing import Any, Final

from playground.models import PromptExecution


def execution_json(execution: PromptExecution) -> dict[str, Any]:
    """The execution with its texts; for eyes that may see it."""
    asked, answer = execution.request, execution.answer or {}
    return {
        "id": execution.id,
        "session_id": execution.session_id,
        "user_id": execution.user_id,
        "model_id": execution.model_id,
        "prompt": asked.get("parts") or asked.get("prompt", ""),
        "system_prompt": asked.get("system_prompt"),
        "messages": asked.get("messages", []),
        "parameters": execution.parameters,
        "context": asked.get("context", {}),
        "tools": asked.get("tools", []),
        "response": answer.get("response", ""),
        "reasoning": answer.get("reasoning"),
        "usage": usage_json(execution),
        "tool_executions": answer.get("tool_executions", []),
        "provider_tools": answer.get("provider_tools", []),
        **({"rounds": rounds} if (rounds := answer.get("rounds")) else {}),
        "execution_time": None if execution.execution_time is None else float(execution.execution_time),
        "timestamp": execution.created_at,
        "status": execution.status,
        "error": {"code": execution.error_code, "message": execution.error_message} if execution.error_code else None,
        "template": asked.get("template"),
        "variables": asked.get("variables", {}),
        "parent_id": execution.parent_id,
        "comparison_id": execution.comparison_id,
        "metadata": execution.whole_metadata,
    }


DETAILS: Final = dict.fromkeys(
    ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "input_image_tokens", "input_audio_tokens")
)


def usage_json(execution: PromptExecution) -> dict[str, Any]:
    """TokenUsage. Costs are decimals of at most 15 digits, which floats give back as they are written."""
    billing = execution.billing or {}
    return {
        "prompt_tokens": execution.prompt_tokens,
        "completion_tokens": execution.completion_tokens,
        "total_tokens": execution.prompt_tokens + execution.completion_tokens,
        "estimated_cost": float(execution.estimated_cost),
        "details": {**DETAILS, **billing.get("details", {})},
        "cost_lines": [_line_json(line) for line in billing.get("lines", ())],
    }


def _line_json(line: dict[str, Any]) -> dict[str, Any]:
    amounts = {"unit_price_per_million": float(line["unit_price_per_million"]), "cost": float(line["cost"])}
    return {**line, **amounts}
