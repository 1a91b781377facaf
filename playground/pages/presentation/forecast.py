"""What a run will come to, told beside Run before it starts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from foundation.words import NO_COST, NOT_KNOWN, SMALLEST_SHOWN, money, number
from playground.pages.presentation.model import ModelView
from playground.usage.forecast import Cost, Forecast

FEWEST_TIMES: Final = 2
COUNTED: Final = "counted with the model's own tokenizer"
ESTIMATED: Final = "estimated: the model's own tokenizer is not at hand, or more than text is sent"
RANGE: Final = (
    "The cost is from an answer of one token to a long one: as long as max tokens allows, or as nine of ten answers "
    "that you had from this model."
)


class ForecastView:
    """The sentence of one form: `runs` that it starts by these models, and `times` that Repeat would."""

    def __init__(
        self, found: Forecast | None, *models: ModelView | None, runs: int = 1, times: int | None = None
    ) -> None:
        self._found = found
        self._models = [model for model in models if model is not None]
        self._runs = runs
        self._times = times if times and times >= FEWEST_TIMES and runs == 1 else None

    def __str__(self) -> str:
        """Tokens and cost in one line."""
        return ", ".join(filter(None, (self.tokens, self.cost)))

    @property
    def tokens(self) -> str:
        """What goes in; nothing where there is nothing to send."""
        if self._found is None:
            return ""
        count = self._found.tokens
        said = f"{number(count)} {'token' if count == 1 else 'tokens'} in"
        said = f"{said}, counted" if self._found.is_counted else f"about {said}, estimated"
        return f"{number(self._runs)} runs together: {said}" if self._runs > 1 else said

    @property
    def reason(self) -> str:
        """How the tokens were told and what the range of the cost is."""
        if self._found is None:
            return ""
        how = COUNTED if self._found.is_counted else ESTIMATED
        return f"Tokens are {how}. {RANGE}"

    @property
    def cost(self) -> str:
        """Between what it may cost, or that nobody knows."""
        if self._found is None or not self._models:
            return ""
        if self._is_free:
            return self._models[0].price if len(self._models) == 1 else NO_COST
        return between(self._found.cost) if self._found.cost else NOT_KNOWN

    @property
    def repeated(self) -> str:
        """The cost of repeating it; nothing where there is none."""
        if self._found is None or self._found.cost is None or self._times is None or self._is_free or not self._models:
            return ""
        return f"{number(self._times)} times: {between(self._found.cost.times(self._times))}"

    @property
    def _is_free(self) -> bool:
        return all(model.is_free for model in self._models)


def between(cost: Cost) -> str:
    """Such as `≈ $0.0012 to $0.0040`; one amount where both ends read the same."""
    low, high = _told(cost.low), _told(cost.high)
    if low == high:
        return high if high.startswith("<") else f"≈ {high}"
    return f"{low} to {high}" if low.startswith("<") else f"≈ {low} to {high}"


def _told(amount: Decimal) -> str:
    return f"< ${SMALLEST_SHOWN}" if 0 <= amount < SMALLEST_SHOWN else money(amount)
