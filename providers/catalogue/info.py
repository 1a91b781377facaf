"""What is known of one model: its provider's listing, the price table, and an administrator's word, joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from providers.base import Usage
from providers.catalogue import bill
from providers.catalogue.bill import Billed
from providers.catalogue.prices import Listed, lookup
from providers.catalogue.rates import BATCH, FREE, STANDARD, Place, Prices, Rates, rates_of, tier_named
from providers.families.family import ANY, Family
from providers.families.table import family_of


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the catalogue knows it."""

    id: str
    name: str
    provider: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ("text",)
    prices: Prices = field(default_factory=Prices)
    """What holds where no date says otherwise."""
    dated_prices: tuple[tuple[date, Prices], ...] = ()
    """Prices that hold from a day (UTC) on, by that day."""
    deprecation_date: date | None = None
    replacement: str = ""
    """What to move to then, by its provider's name, where the listing or an administrator says so."""
    note: str = ""
    family: Family = ANY
    """What it takes."""
    is_listed: bool = True
    unavailable_reason: str = ""
    """Why it is not run, where what is kept of it does not hold."""

    def prices_at(self, moment: datetime) -> Prices:
        """The prices that hold then."""
        if not self.dated_prices:
            return self.prices
        today = moment.astimezone(UTC).date()
        return next((prices for since, prices in reversed(self.dated_prices) if since <= today), self.prices)

    @property
    def prices_now(self) -> Prices:
        """The prices that hold today."""
        return self.prices_at(datetime.now(UTC)) if self.dated_prices else self.prices

    @property
    def price_known(self) -> bool:
        """Whether a cost can be told."""
        return self.prices_now.is_known

    @property
    def capabilities_known(self) -> bool:
        """Whether some source tells what the model can do beside text."""
        return len(self.capabilities) > 1

    def with_batches(self) -> ModelInfo:
        """The same, with the price of a provider's batch interface known."""
        return self._priced_by(Prices.with_batches)

    def in_batches(self) -> ModelInfo:
        """The same as if every call of it were sent in a batch."""
        return self._priced_by(lambda prices: prices.with_batches().served_in(BATCH))

    def _priced_by(self, change: Callable[[Prices], Prices]) -> ModelInfo:
        dated = tuple((since, change(prices)) for since, prices in self.dated_prices)
        return replace(self, prices=change(self.prices), dated_prices=dated)

    def billed(self, usage: Usage, *, at: datetime) -> Billed:
        """What a call that ended then is billed as."""
        return bill.billed(self.prices_at(at), usage, at=at)

    def cost(self, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """USD to the 8th place of a plain call; 0 when the price is unknown (`price_known` tells)."""
        usage = Usage(prompt_tokens, completion_tokens)
        return bill.total_of(bill.billed(self.prices_now, usage).parts)

    def dearest(self, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """USD that a call with at most so many tokens may cost; 0 when the price is unknown."""
        prices = self.prices_now
        return bill.dearest(prices, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)


def describe(
    model_id: str,
    *,
    price_prefix: str,
    wire: str = "",
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
    table = lookup(price_prefix, name) or Listed()
    told = {**(details or {}), **(overrides or {})}
    capabilities = told.get("capabilities") or table.capabilities
    prices = (FREE if is_self_hosted else table.prices).with_own(*_own_prices(told))
    deprecated = told.get("deprecation_date")
    return ModelInfo(
        id=model_id,
        name=str(told.get("name") or name),
        provider=provider,
        context_window=told.get("context_window") or table.context_window,
        max_output_tokens=told.get("max_output_tokens") or table.max_output_tokens,
        capabilities=tuple(dict.fromkeys(("text", *capabilities))),
        prices=prices,
        dated_prices=_dated(prices, told.get("dated_prices") or ()),
        deprecation_date=date.fromisoformat(deprecated) if deprecated else table.deprecation_date,
        replacement=str(told.get("replacement") or ""),
        note=str(told.get("note") or ""),
        family=family_of(name, wire).with_told(told.get("takes") or {}),
        is_listed=is_listed,
        unavailable_reason=unavailable_reason,
    )


def _own_prices(told: Mapping[str, Any]) -> tuple[Rates, dict[Place, Rates]]:
    places = {
        Place(tier_named(each.get("service_tier") or STANDARD), each.get("above_tokens") or 0): rates_of(each)
        for each in told.get("price_tiers") or ()
    }
    return rates_of(told), places


def _dated(prices: Prices, told: Sequence[Mapping[str, Any]]) -> tuple[tuple[date, Prices], ...]:
    """Each day's prices, which stand above those of the days before it."""
    found = []
    for each in sorted(told, key=lambda each: str(each["from"])):
        prices = prices.with_own(*_own_prices(each))
        found.append((date.fromisoformat(each["from"]), prices))
    return tuple(found)
