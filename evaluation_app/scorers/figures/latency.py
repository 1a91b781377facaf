"""How long an execution took."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer


class LatencyParameters(Parameters):
    """Of `latency`."""

    max_seconds: Annotated[float, Field(gt=0)]
    """The longest that the whole answer may take."""


class Latency(Scorer[LatencyParameters]):
    """1.0 when the whole answer came within the time; no score where the time is not known."""

    name = "latency"
    title = "Answers in time"
    parameters = LatencyParameters
    needs_times = True
    longest = 100_000_000
    in_place = longest

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0; none without a time."""
        if sample.latency is None:
            return Score.unknown("The time is not known.")
        reason = f"It took {sample.latency:.3f} s of {self.params.max_seconds:g} s."
        return Score.binary(sample.latency <= self.params.max_seconds, reason)
