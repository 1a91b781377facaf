"""LiteLLM's price and context table, read as the data file that it is: no import of litellm, no network."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson

TABLE_FILE: Final = "model_prices_and_context_window_backup.json"
CAPABILITIES: Final = {
    "supports_function_calling": "tools",
    "supports_vision": "vision",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "json_schema",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """What the table tells of a model; prices in USD a token, None where it tells none."""

    context_window: int | None
    max_output_tokens: int | None
    input_price: Decimal | None
    output_price: Decimal | None
    capabilities: tuple[str, ...]


@lru_cache(maxsize=1)
def _table() -> dict[str, Listed]:
    package = importlib.util.find_spec("litellm")
    if package is None or package.origin is None:
        return {}
    raw = orjson.loads((Path(package.origin).parent / TABLE_FILE).read_bytes())
    return {name.lower(): _listed(entry) for name, entry in raw.items() if entry.get("mode") in ("chat", "responses")}


def _listed(entry: Mapping[str, Any]) -> Listed:
    return Listed(
        context_window=_count(entry.get("max_input_tokens") or entry.get("max_tokens")),
        max_output_tokens=_count(entry.get("max_output_tokens") or entry.get("max_tokens")),
        input_price=_price(entry.get("input_cost_per_token")),
        output_price=_price(entry.get("output_cost_per_token")),
        capabilities=tuple(ours for theirs, ours in CAPABILITIES.items() if entry.get(theirs)),
    )


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _price(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, (int, float)) and value >= 0 else None


def lookup(prefix: str, name: str) -> Listed | None:
    """The table's entry for a provider's model, by LiteLLM's prefix of that provider and the model's own name."""
    table = _table()
    for key in (f"{prefix}/{name}", name) if prefix in ("openai", "anthropic") else (f"{prefix}/{name}",):
        if entry := table.get(key.lower()):
            return entry
    return None
