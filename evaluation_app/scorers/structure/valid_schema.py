"""Whether the engine found an output to be what its response_format asked for."""

from __future__ import annotations

from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer


class NoParameters(Parameters):
    """None are needed."""


class ValidSchema(Scorer[NoParameters]):
    """1.0 when the whole answer fits the response_format of its call, fences and all; no score where none was asked."""

    name = "valid_schema"
    title = "Fits its response_format"
    parameters = NoParameters
    longest = 100_000_000
    in_place = longest

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0; none without a verdict."""
        match sample.schema_valid:
            case None:
                return Score.unknown("No structured output was asked for, or the answer was not judged.")
            case True:
                return Score.binary(True, "The answer fits its response_format.")
            case False:
                return Score.binary(False, "The answer does not fit its response_format.")
