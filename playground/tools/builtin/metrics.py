"""What an investment brings: return, present value, rate of return, time until it is paid back."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import Any

from playground.tools.tool import Caller, Tool, ToolFailed

FLOWS: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 1,
    "maxItems": 1_000,
    "description": "One amount a period, the first now: usually the investment, negative.",
}


class CalculateMetrics(Tool):
    """DADMS's `calculate_metrics`; npv and irr are numpy-financial's."""

    name = "calculate_metrics"
    category = "finance"
    description = (
        "Computes a metric of an investment: roi (from investment and gain), npv (cash_flows and rate), irr "
        "(cash_flows), payback_period (cash_flows; in periods, with fractions)."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "metric": {"enum": ["roi", "npv", "irr", "payback_period"]},
            "cash_flows": FLOWS,
            "rate": {"type": "number", "exclusiveMinimum": -1, "description": "A period; 0.1 is 10 %."},
            "investment": {"type": "number", "exclusiveMinimum": 0},
            "gain": {"type": "number", "description": "All that comes back, the investment included."},
        },
        "required": ["metric"],
        "additionalProperties": False,
    }
    examples = (
        {"metric": "npv", "rate": 0.1, "cash_flows": [-1000, 400, 400, 400]},
        {"metric": "roi", "investment": 1000, "gain": 1250},
    )

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """`{"metric", "value"}`; a rate as a fraction, money in the unit that came, time in periods."""
        return {"metric": arguments["metric"], "value": await asyncio.to_thread(value_of, arguments)}


def value_of(given: Mapping[str, Any]) -> float:
    """The metric that is asked for; raises ToolFailed where it cannot be told."""
    match given["metric"]:
        case "roi":
            _need(given, "investment", "gain")
            value: float = (given["gain"] - given["investment"]) / given["investment"]
        case "npv":
            _need(given, "cash_flows", "rate")
            # Loaded when it is first asked for: numpy is large, and web processes begin without it.
            import numpy_financial

            value = float(numpy_financial.npv(given["rate"], given["cash_flows"]))
        case "irr":
            _need(given, "cash_flows")
            import numpy_financial

            value = float(numpy_financial.irr(given["cash_flows"]))
        case _:
            _need(given, "cash_flows")
            value = payback_period(given["cash_flows"])
    if not math.isfinite(value):
        raise ToolFailed("These figures have no such value.")
    return value


def payback_period(flows: Sequence[float]) -> float:
    """Periods until the sum is no longer negative, the last one in proportion; raises ToolFailed if it never is."""
    total = 0.0
    for period, flow in enumerate(flows):
        if total < 0 <= total + flow:
            return period - 1 + -total / flow
        total += flow
    if flows and flows[0] >= 0:
        raise ToolFailed("Nothing was invested: the first amount is not negative.")
    raise ToolFailed("It is not paid back within these periods.")


def _need(given: Mapping[str, Any], *names: str) -> None:
    if missing := [name for name in names if name not in given]:
        raise ToolFailed(f"{given['metric']} needs {' and '.join(missing)}.")
