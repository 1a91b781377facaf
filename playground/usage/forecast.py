"""What a call will come to before it is made: the tokens that are sent, and between what it may cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from providers.catalogue.info import ModelInfo
from providers.line.fitting import longest_answer
from providers.tokenizing.input_tokens import Input, InputTokens


@dataclass(frozen=True, slots=True)
class Cost:
    """USD: the input with an answer of one token, and the dearest way of the input with a long answer."""

    low: Decimal
    high: Decimal

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.high + other.high)

    def times(self, factor: int) -> Cost:
        """So many of it."""
        return Cost(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one call, or of several together."""

    tokens: int
    is_counted: bool
    """By the model's own tokenizer, and nothing of it estimated."""
    cost: Cost | None
    """None where a price is unknown."""

    def __add__(self, other: Forecast) -> Forecast:
        cost = self.cost + other.cost if self.cost and other.cost else None
        return Forecast(self.tokens + other.tokens, self.is_counted and other.is_counted, cost)


def forecast_of(
    model: ModelInfo, given: Input, parameters: Mapping[str, Any], *, usual_answer: int | None = None
) -> Forecast:
    """`usual_answer` is in tokens (`usage.answers`), and counts where the caller sets no `max_tokens`.

    Blocks while a tokenizer reads the input.
    """
    tokens = given.tokens_of(model.id)
    longest = longest_answer(model, parameters)
    if usual_answer is not None and parameters.get("max_tokens") is None:
        longest = min(longest, usual_answer)
    return Forecast(tokens.tokens, tokens.method == "tokenizer", _cost(model, tokens, longest))


def together(forecasts: Iterable[Forecast]) -> Forecast:
    """The sum of several, one at least."""
    return reduce(Forecast.__add__, forecasts)


def _cost(model: ModelInfo, tokens: InputTokens, longest: int) -> Cost | None:
    if not model.price_known:
        return None
    low = model.cost(prompt_tokens=tokens.low, completion_tokens=1)
    return Cost(low, max(low, model.dearest(prompt_tokens=tokens.high, completion_tokens=longest)))
