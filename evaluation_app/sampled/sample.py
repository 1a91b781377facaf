"""A call that nobody wrote down as a case, as scorers see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluation_app.running.judges import ask_outside
from evaluation_app.running.scoring import what_was_asked
from evaluation_app.scorers.judging import Check
from evaluation_app.scorers.sample import Sample, ToolCall
from playground.models import PromptExecution


def sample_of(call: PromptExecution, checks: Sequence[Check]) -> Sample:
    """Its answer with the facts that `checks` may ask for; raises CannotDecrypt where the answer cannot be read."""
    told: dict[str, Any] = call.answer or {}
    calls = told.get("tool_executions", ())
    return Sample(
        told.get("response", ""),
        tool_calls=tuple(ToolCall(each["tool_name"], each.get("arguments")) for each in calls),
        latency=None if call.execution_time is None else float(call.execution_time),
        cost=call.estimated_cost if call.metadata.get("price_known") else None,
        variables=call.request.get("variables") or {},
        asked=what_was_asked(call) if ask_outside(checks) else None,
    )
