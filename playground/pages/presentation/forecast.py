"""What a run will come to, told beside Run before it starts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from foundation.words import NOT_KNOWN, SMALLEST_SHOWN, money, number
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
    """The sentence of one form; `runs` are those that it starts, `times` how often Repeat would."""

    def __init__(self, found: Forecast | None, model: ModelView | None, *, runs: int = 1, times: int | None = None):
        self._found = found
        self._model = model
        self._runs = runs
        self._times = times if times and times >= FEWEST_TIMES and runs == 1 else None

    @property
    def tokens(self) -> str:
        """What goes in; nothing where there is nothing to send."""
        if self._found is None:
            return ""
        count = self._found.tokens
        said = f"{number(count)} {'token' if count == 1 else 'tokens'} in"
        if self._runs > 1:
            said = f"{number(self._runs)} runs, {said} together"
        return f"{said}, counted" if self._found.is_counted else f"about {said}, estimated"

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
        if self._found is None or self._model is None:
            return ""
        if self._model.is_free:
            return self._model.price
        return between(self._found.cost) if self._found.cost else NOT_KNOWN

    @property
    def repeated(self) -> str:
        """The cost of repeating it; nothing where there is none."""
        if self._found is None or self._found.cost is None or self._times is None or self.cost == "":
            return ""
        if self._model is None or self._model.is_free:
            return ""
        return f"{number(self._times)} times: {between(self._found.cost.times(self._times))}"


def between(cost: Cost) -> str:
    """Such as `≈ $0.0012 to $0.0040`; one amount where both ends read the same."""
    low, high = _told(cost.low), _told(cost.high)
    if low == high:
        return high if high.startswith("<") else f"≈ {high}"
    return f"{low} to {high}" if low.startswith("<") else f"≈ {low} to {high}"


def _told(amount: Decimal) -> str:
    return f"< ${SMALLEST_SHOWN}" if 0 <= amount < SMALLEST_SHOWN else money(amount)
