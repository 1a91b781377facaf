"""LiteLLM's price and context table, read as the data file that it is: no import of litellm, no network."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson

from providers.catalogue.rates import OffPeak, Place, Prices, Rates, Window, tier_named

TABLE_FILE: Final = "model_prices_and_context_window_backup.json"
CAPABILITIES: Final = {
    "supports_function_calling": "tools",
    "supports_vision": "vision",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "json_schema",
    "supports_pdf_input": "pdf",
}
KIND_OF: Final = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_image_token": "image",
    "input_cost_per_audio_token": "audio",
}
OLD_CACHE_READ: Final = "input_cost_per_token_cache_hit"
"""What the table called the price of cached input before."""
PRICE: Final = re.compile(
    rf"({'|'.join(sorted(KIND_OF, key=len, reverse=True))})(?:_above_(\d+)k_tokens)?(?:_([a-z]+))?"
)
"""The table's names of prices: the kind, the length of input above which it holds, the tier."""
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
BY_BARE_NAME: Final = ("openai", "anthropic")
"""Providers whose models the table has without a prefix, whoever sells them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the table tells of a model."""

    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: Prices = field(default_factory=Prices)
    capabilities: tuple[str, ...] = ()
    deprecation_date: date | None = None


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Any]]:
    package = importlib.util.find_spec("litellm")
    if package is None or package.origin is None:
        return {}
    raw = orjson.loads((Path(package.origin).parent / TABLE_FILE).read_bytes())
    return {name.lower(): _kept(entry) for name, entry in raw.items() if entry.get("mode") in ("chat", "responses")}


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What of an entry is ever read; prices are sorted out when somebody asks for the model."""
    return {name: value for name, value in entry.items() if name in READ or PRICE.fullmatch(name)}


READ: Final = frozenset(
    {
        *CAPABILITIES,
        OLD_CACHE_READ,
        "max_input_tokens",
        "max_tokens",
        "max_output_tokens",
        "deprecation_date",
        "tiered_pricing",
        "off_peak_pricing",
        "litellm_provider",
    }
)


def _listed(entry: Mapping[str, Any]) -> Listed:
    return Listed(
        context_window=_count(entry.get("max_input_tokens") or entry.get("max_tokens")),
        max_output_tokens=_count(entry.get("max_output_tokens") or entry.get("max_tokens")),
        prices=_prices(entry),
        capabilities=tuple(ours for theirs, ours in CAPABILITIES.items() if entry.get(theirs)),
        deprecation_date=_date(entry.get("deprecation_date")),
    )


def _prices(entry: Mapping[str, Any]) -> Prices:
    places: dict[Place, dict[str, Decimal]] = {}
    for place, told in _by_length(entry):
        for name, value in told.items():
            match, price = PRICE.fullmatch(name), _price(value)
            if match is None or price is None:
                continue
            kind, thousands, tier = match.groups()
            found = Place(tier_named(tier), int(thousands) * 1_000 if thousands else place.above)
            places.setdefault(found, {})[KIND_OF[kind]] = price
    standard = places.pop(Place(), {})
    if "cache_read" not in standard and (price := _price(entry.get(OLD_CACHE_READ))) is not None:
        standard["cache_read"] = price
    rates = {place: _rates(told) for place, told in places.items()}
    return Prices(_rates(standard), rates, _off_peak(entry.get("off_peak_pricing")))


def _rates(told: Mapping[str, Decimal]) -> Rates:
    """The rates of one place; one that only repeats what it is a part of would not follow it to another place."""
    wholes = {"reasoning": "output", "image": "input", "audio": "input"}
    return Rates(**{kind: rate for kind, rate in told.items() if rate != told.get(wholes.get(kind, ""))})


def _by_length(entry: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The entry itself, and what its list of lengths tells."""
    yield Place(), entry
    listed = entry.get("tiered_pricing")
    for each in listed if isinstance(listed, list) else ():
        bounds = each.get("range")
        if isinstance(bounds, list) and bounds and isinstance(bounds[0], (int, float)):
            yield Place(above=int(bounds[0])), each


def _off_peak(told: Any) -> OffPeak | None:
    if not isinstance(told, Mapping):
        return None
    rates = {kind: price for name, kind in KIND_OF.items() if (price := _price(told.get(name))) is not None}
    windows = [window for each in told.get("windows", ()) for window in _windows(each)]
    return OffPeak(tuple(windows), Rates(**rates)) if windows and rates else None


def _windows(told: Mapping[str, Any]) -> Iterator[Window]:
    days = frozenset(told.get("weekdays", EVERY_DAY))
    hours = told.get("hours_utc", ())
    for span in [hours] if isinstance(hours, str) else hours:
        begin, _, end = span.partition("-")
        try:
            yield Window(days, time.fromisoformat(begin), time.fromisoformat(end))
        except ValueError:
            continue  # hours in a form of their own: the standard price holds


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _price(value: Any) -> Decimal | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number and value >= 0 else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def lookup(prefix: str, name: str) -> Listed | None:
    """The table's entry for a provider's model, by LiteLLM's prefix of that provider and the model's own name.

    A model that somebody tuned (`ft:name:whose:…`) is listed by what it was tuned from.
    """
    table, prefix = _table(), prefix.lower()
    for each in _names(name.lower()):
        if entry := table.get(f"{prefix}/{each}"):
            return _listed(entry)
        if (entry := table.get(each)) and (prefix in BY_BARE_NAME or _is_of(entry, prefix)):
            return _listed(entry)
    return None


def _names(name: str) -> Sequence[str]:
    return (name, ":".join(name.split(":")[:2])) if name.startswith("ft:") else (name,)


def _is_of(entry: Mapping[str, Any], prefix: str) -> bool:
    """Whether it belongs to this provider, or to a branch of it: Bedrock's `bedrock_converse`, Vertex's."""
    provider = str(entry.get("litellm_provider", ""))
    return provider == prefix or provider.startswith((f"{prefix}_", f"{prefix}-"))
