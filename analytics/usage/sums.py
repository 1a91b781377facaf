"""What is summed up of runs, as SQL: named as the columns of `UsageDay` and the fields of `Figures`."""

from __future__ import annotations

from typing import Final

LINES: Final = ("input", "cache_read", "cache_write", "output", "reasoning", "attempt")
COUNTED: Final = (
    "cached", "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens",
)  # fmt: skip
NAMES: Final = (
    "executions", "completed", "failed", "cancelled", *COUNTED, "spent", "spent_elsewhere", "unpriced", *LINES,
)  # fmt: skip
SUMS: Final = f"""
coalesce(sum(executions), 0) AS executions,
coalesce(sum(executions) FILTER (WHERE status = 'completed'), 0) AS completed,
coalesce(sum(executions) FILTER (WHERE status = 'failed'), 0) AS failed,
coalesce(sum(executions) FILTER (WHERE status = 'cancelled'), 0) AS cancelled,
{", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in COUNTED)},
coalesce(sum(cost) FILTER (WHERE origin <> 'trace'), 0) AS spent,
coalesce(sum(cost) FILTER (WHERE origin = 'trace'), 0) AS spent_elsewhere,
coalesce(sum(unpriced), 0) AS unpriced,
{", ".join(f"coalesce(sum({line}_cost) FILTER (WHERE origin <> 'trace'), 0) AS {line}" for line in LINES)}
"""
"""Over rows with the columns of `UsageCell`, in the order of `NAMES`."""
SUMS_OF_SUMS: Final = ", ".join(f"sum({name}) AS {name}" for name in NAMES)
