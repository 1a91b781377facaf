"""A cost opened into its lines: what was counted, at what price, and what of it nobody counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from foundation.words import number
from playground.models import PromptExecution
from playground.pages.presentation.words import rate

ITEMS: Final = {
    "input": "Input",
    "cache_read": "Cache read",
    "cache_write": "Cache write",
    "output": "Output",
    "reasoning": "Reasoning",
    "attempt": "Earlier attempt",
}
COUNTED_AS: Final = {
    "input": "prompt_tokens",
    "cache_read": "prompt_tokens",
    "cache_write": "prompt_tokens",
    "output": "completion_tokens",
    "reasoning": "completion_tokens",
}
ON_AVERAGE: Final = "on average"
ESTIMATED: Final = "estimated"


@dataclass(frozen=True)
class BillLine:
    """One line as a person reads it."""

    name: str
    quantity: str
    price: str
    """Per million tokens."""
    cost: str
    remark: str


def bill_of(execution: PromptExecution) -> list[BillLine]:
    """The lines of an execution's cost; none where it was billed before lines were kept, or for nothing."""
    estimated = _estimated(execution.whole_metadata)
    return [_line(line, estimated) for line in (execution.billing or {}).get("lines", ())]


def _estimated(metadata: Mapping[str, Any]) -> frozenset[str]:
    if metadata.get("usage_source") == "estimated":
        return frozenset(COUNTED_AS.values())
    told = metadata.get("usage_estimated")
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()


def _line(line: Mapping[str, Any], estimated: frozenset[str]) -> BillLine:
    item = str(line["item"])
    remarks = [
        str(line.get("note") or ""),
        ESTIMATED if COUNTED_AS.get(item) in estimated else "",
        ON_AVERAGE if item == "attempt" else "",
    ]
    return BillLine(
        ITEMS.get(item, item),
        number(int(line["quantity"])),
        rate(Decimal(line["unit_price_per_million"])),
        rate(Decimal(line["cost"])),
        ", ".join(filter(None, remarks)),
    )
