"""What a token of a kind has cost in our own bills: by this a difference in tokens becomes one in money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from analytics.bills.ledger import Kept
from analytics.bills.lines import Kind

Prices = dict[Kind, Decimal]
"""USD a token."""


def unit_prices(kept: Mapping[tuple[str, date], Kept]) -> dict[str, Prices]:
    """On average over all days, a model; kinds of which none was billed are missing."""
    quantities: dict[tuple[str, Kind], int] = {}
    costs: dict[tuple[str, Kind], Decimal] = {}
    for (model, _), each in kept.items():
        for kind, quantity in each.priced.items():
            quantities[model, kind] = quantities.get((model, kind), 0) + quantity
            costs[model, kind] = costs.get((model, kind), Decimal(0)) + each.costs.get(kind, Decimal(0))
    prices: dict[str, Prices] = {}
    for (model, kind), quantity in quantities.items():
        if quantity:
            prices.setdefault(model, {})[kind] = costs[model, kind] / quantity
    return prices


def price_of(kind: Kind, *, kept: Kept | None, prices: Prices) -> Decimal | None:
    """USD a token of the kind: of that day, else of all days; cached input without any is input."""
    if kept is not None and (quantity := kept.priced.get(kind, 0)):
        return kept.costs[kind] / quantity
    if kind in prices:
        return prices[kind]
    if kind in (Kind.CACHE_READ, Kind.CACHE_WRITE):
        return price_of(Kind.INPUT, kept=kept, prices=prices)
    return None
