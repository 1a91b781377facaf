"""What is known of one model: its provider's listing, the price table, and an administrator's word, joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from providers.catalogue.prices import Listed, lookup

SMALLEST_COST: Final = Decimal("0.00000001")
MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the catalogue knows it; prices in USD a token, None where nobody told."""

    id: str
    name: str
    provider: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ("text",)
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    note: str = ""
    is_listed: bool = True
    unavailable_reason: str = ""
    """Why it is not run, where what is kept of it does not hold."""

    @property
    def price_known(self) -> bool:
        """Whether a cost can be told."""
        return self.input_price is not None and self.output_price is not None

    @property
    def capabilities_known(self) -> bool:
        """Whether some source tells what the model can do beside text."""
        return len(self.capabilities) > 1

    def cost(self, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """USD to the 8th place; 0 when the price is unknown (`price_known` tells)."""
        if self.input_price is None or self.output_price is None:
            return Decimal(0)
        exact = self.input_price * prompt_tokens + self.output_price * completion_tokens
        return exact.quantize(SMALLEST_COST, rounding=ROUND_HALF_UP)


def describe(
    model_id: str,
    *,
    price_prefix: str,
    is_self_hosted: bool = False,
    details: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    is_listed: bool = True,
    unavailable_reason: str = "",
) -> ModelInfo:
    """Joins the sources: an administrator's overrides stand above the provider's details, those above the table.

    A self-hosted model costs nothing a token unless an override says otherwise. Details and overrides hold
    (`facts.faults`).
    """
    provider, _, name = model_id.partition("/")
    table = lookup(price_prefix, name) or Listed(None, None, None, None, ())
    told = {**(details or {}), **(overrides or {})}
    nothing = Decimal(0) if is_self_hosted else None
    capabilities = told.get("capabilities") or table.capabilities
    return ModelInfo(
        id=model_id,
        name=str(told.get("name") or name),
        provider=provider,
        context_window=told.get("context_window") or table.context_window,
        max_output_tokens=told.get("max_output_tokens") or table.max_output_tokens,
        capabilities=tuple(dict.fromkeys(("text", *capabilities))),
        input_price=_a_token(told.get("input_per_million"), table.input_price if not is_self_hosted else nothing),
        output_price=_a_token(told.get("output_per_million"), table.output_price if not is_self_hosted else nothing),
        note=str(told.get("note") or ""),
        is_listed=is_listed,
        unavailable_reason=unavailable_reason,
    )


def _a_token(per_million: Any, otherwise: Decimal | None) -> Decimal | None:
    return otherwise if per_million is None else Decimal(str(per_million)) / MILLION
