"""What the doors tell, in the fields of DADMS's published document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from dadms_profile.words import in_camel

CAPABILITIES: Final = {"text": "text-generation", "tools": "function-calling"}
PER_1K: Final = 1000
STARS: Final = 5
"""DADMS's scores go from 0 to 5, ours to 1."""


def model(told: Mapping[str, Any]) -> dict[str, Any]:
    """A model of the list; a price that is not known is null, never 0."""
    prices = told["pricing"] or {}
    day = told["retires_on"]
    is_gone = day is not None and day <= datetime.now(UTC).date().isoformat()
    return {
        "id": told["id"],
        "name": told["name"],
        "provider": told["provider"],
        "contextWindow": told["context_window"],
        "maxTokens": told["max_output_tokens"],
        "capabilities": [CAPABILITIES.get(each, each.replace("_", "-")) for each in told["capabilities"]],
        "pricing": {
            "input": _per_1k(prices.get("input_per_million")),
            "output": _per_1k(prices.get("output_per_million")),
            "currency": prices.get("currency", "USD"),
            "unit": "per_1k_tokens",
        },
        "status": "deprecated" if is_gone else "available" if told["available"] else "unavailable",
    }


def model_details(told: Mapping[str, Any]) -> dict[str, Any]:
    """One model, with what its parameters take."""
    offered = {name: each for name, each in told["parameters"].items() if each["supported"]}
    return {
        **model(told),
        "description": told["note"],
        "parameters": {
            name: {"min": each["min"], "max": each["max"], "default": each["default"], "description": name}
            for name, each in in_camel(offered).items()
        },
        "lastUpdated": told.get("updated_at"),
    }


def provider(told: Mapping[str, Any], models: int) -> dict[str, Any]:
    """A provider's standing; limits and quotas of its own that nobody told us are null."""
    return {
        "name": told["provider"],
        "status": told["status"] if told["status"] in ("healthy", "degraded") else "down",
        "models": models,
        "rateLimit": {"requests": None, "tokens": None, "window": "per_minute"},
        "quota": {"used": None, "limit": None, "resetDate": None},
        "lastCheck": told["checked_at"],
    }


def template(told: Mapping[str, Any]) -> dict[str, Any]:
    """A template; its variables stand in single braces, as DADMS writes them."""
    return {
        "id": told["id"],
        "name": told["name"],
        "category": told["category"],
        "description": told["description"],
        "prompt": in_single_braces(told["prompt"] or "", told["variables"]),
        "variables": told["variables"],
        "tags": told["tags"],
        "usage": told["usage_count"],
        "rating": told["rating"],
        "isPublic": told["is_public"],
        "version": told["version"],
        "createdBy": told["created_by"],
        "createdAt": told["created_at"],
    }


def session(told: Mapping[str, Any]) -> dict[str, Any]:
    """A session."""
    return {
        "id": told["id"],
        "name": told["name"],
        "description": told["description"],
        "projectId": told["project_id"],
        "tags": told["tags"],
        "createdBy": told["user_id"],
        "createdAt": told["created_at"],
        "executionCount": told["execution_count"],
        "lastExecuted": told["last_executed"],
    }


def execution(told: Mapping[str, Any]) -> dict[str, Any]:
    """An execution as it was answered."""
    return {
        "id": told["id"],
        "sessionId": told["session_id"],
        "modelId": told["model_id"],
        "prompt": told["prompt"],
        "response": told["response"],
        "usage": usage(told["usage"]),
        "tools": [tool_execution(each) for each in told["tool_executions"]],
        "executionTime": told["execution_time"],
        "timestamp": told["timestamp"],
        "status": told["status"],
        "metadata": told["metadata"],
    }


def remembered(told: Mapping[str, Any]) -> dict[str, Any]:
    """An execution of a session's history."""
    named = ("id", "modelId", "prompt", "response", "usage", "executionTime", "timestamp", "status")
    whole = execution(told)
    return {**{name: whole[name] for name in named}, "parameters": in_camel(told["parameters"])}


def usage(told: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens, and US dollars."""
    names = ("prompt_tokens", "completion_tokens", "total_tokens", "estimated_cost")
    return dict(in_camel({name: told[name] for name in names}))


def tool_execution(told: Mapping[str, Any]) -> dict[str, Any]:
    """A call of a tool; one that failed has its error as output."""
    return {
        "name": told["tool_name"],
        "input": told["arguments"],
        "output": {"error": told["error"]} if told.get("error") else told.get("result"),
    }


def history_summary(figures: Mapping[str, Any], executions: list[Any]) -> dict[str, Any]:
    """Of the whole session; the average time is that of the executions that are told."""
    times = [each["execution_time"] for each in executions if each["execution_time"] is not None]
    return {
        "totalExecutions": figures["execution_count"],
        "totalTokens": figures["usage"]["total_tokens"],
        "totalCost": figures["total_cost"],
        "averageExecutionTime": round(sum(times) / len(times), 3) if times else None,
    }


def tool(told: Mapping[str, Any]) -> dict[str, Any]:
    """A tool of the service."""
    return {name: told[name] for name in ("name", "description", "category", "parameters", "examples")}


def in_single_braces(text: str, names: list[str]) -> str:
    """`{{name}}` of these names as `{name}`."""
    return _braces(names, r"\{\{\s*", r"\s*\}\}").sub(r"{\1}", text) if names else text


def in_double_braces(text: str, names: list[str]) -> str:
    """`{name}` of these names as `{{name}}`, which is how our templates have it."""
    return _braces(names, r"(?<!\{)\{", r"\}(?!\})").sub(r"{{\1}}", text) if names else text


def _braces(names: list[str], before: str, after: str) -> re.Pattern[str]:
    return re.compile(f"{before}({'|'.join(map(re.escape, names))}){after}")


def _per_1k(per_million: float | None) -> float | None:
    return None if per_million is None else round(per_million / PER_1K, 10)


def used(by_model: Mapping[str, Any], by_time: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """`{period, summary, byModel, byDay}`: usage grouped by model, and by time."""
    total = by_model["total"]
    return {
        "period": {"startDate": by_model["from"], "endDate": by_model["to"]},
        "summary": {
            "totalExecutions": total["executions"],
            "totalTokens": total["tokens"]["total"],
            "totalCost": total["cost"],
            "averageExecutionTime": total["latency"]["mean"] or 0,
        },
        "byModel": [{"modelId": row["group"]["model"], **_figures(row)} for row in by_model["results"]],
        "byDay": [{"date": row["group"][unit], **_figures(row)} for row in by_time["results"]],
    }


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"executions": row["executions"], "tokens": row["tokens"]["total"], "cost": row["cost"]}


def cost(told: Mapping[str, Any]) -> dict[str, Any]:
    """`{modelId, estimatedCost, breakdown, currency}` of the first model asked; costs of an unknown price are null."""
    first = told["models"][0]
    expected, parts = first["per_call"], first["breakdown"]
    total = expected["expected"] if expected else None
    return {
        "modelId": first["model_id"],
        "estimatedCost": total,
        "breakdown": {
            "inputTokens": first["input"]["tokens"],
            "inputCost": parts["input_cost"] if parts else None,
            "outputTokens": round(first["output"]["mean"]),
            "outputCost": parts["output_cost"] if parts else None,
            "totalCost": total,
        },
        "currency": told["currency"],
    }
