"""What an execution cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer


class CostParameters(Parameters):
    """Of `cost`."""

    max_cost: Annotated[float, Field(ge=0)]
    """The most that an answer may cost, in US dollars."""


class Cost(Scorer[CostParameters]):
    """1.0 when the answer cost no more; no score where its price is not known."""

    name = "cost"
    title = "Costs no more than"
    parameters = CostParameters
    longest = 100_000_000
    in_place = longest

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0; none without a price."""
        if sample.cost is None:
            return Score.unknown("The cost is not known.")
        most = Decimal(repr(self.params.max_cost))
        return Score.binary(sample.cost <= most, f"It cost ${sample.cost:f} of ${most:f}.")
