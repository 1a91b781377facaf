"""What a row of a provider's listing says of the model's end.

OpenAI's `shutdown_date` (a day or null, https://developers.openai.com/api/reference/resources/models/methods/list.md),
OpenRouter's `expiration_date` (a day), Mistral's `deprecation` (a moment) with `deprecation_replacement_model`.
Google's listing tells none. A mark without a day (`deprecated: true`) is no date, and nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

DAYS: Final = ("shutdown_date", "expiration_date", "deprecation_date", "retirement_date", "deprecation")
REPLACEMENTS: Final = ("deprecation_replacement_model",)


def retirement_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """`deprecation_date` (YYYY-MM-DD) and `replacement`, its own name of a model, where the row tells them."""
    told: dict[str, Any] = {}
    if days := [day for name in DAYS if (day := _day(row.get(name))) is not None]:
        told["deprecation_date"] = min(days).isoformat()
    replacement = next((row[name] for name in REPLACEMENTS if isinstance(row.get(name), str) and row[name]), None)
    if replacement is not None:
        told["replacement"] = replacement
    return told


def _day(value: Any) -> date | None:
    """Of a day or a moment as text (RFC 3339) the day in UTC; None for everything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
