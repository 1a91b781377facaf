"""Whether an output is a JSON value."""

from __future__ import annotations

from typing import Any

from evaluation_app.scorers.errors import InvalidScorer, refused
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, same
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer


class EqualsJsonParameters(Parameters):
    """Of `equals_json`."""

    value: Any = None
    """The JSON that is wanted, null too; left out, the one that the case expects."""


class EqualsJson(Scorer[EqualsJsonParameters]):
    """1.0 when the output is the same JSON: keys in any order, lists in theirs, 1 = 1.0, but true is not 1.

    The only fenced block of an output counts as the output. Keys that come twice and NaN are no JSON here.
    """

    name = "equals_json"
    title = "Equals JSON"
    parameters = EqualsJsonParameters

    def check_case(self, expected: Any) -> None:
        """The value comes from the parameters or from the case."""
        if expected is None and not self._is_stated:
            raise InvalidScorer("A value is needed here, or a case that expects one.", ("value",))

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        if sample.expected is None and not self._is_stated:
            raise refused("There is no JSON to compare with: give it, or let the case expect it.")
        try:
            found = json_in(sample.output)
        except NoJson as error:
            return Score.binary(False, str(error))
        is_same = same(found, self.params.value if self._is_stated else self._expected(sample.expected))
        return Score.binary(is_same, "The JSON is the same." if is_same else "The JSON is another one.")

    @property
    def _is_stated(self) -> bool:
        return "value" in self.params.model_fields_set

    def _expected(self, expected: Any) -> Any:
        """A case's text is read as JSON where it is JSON."""
        if not isinstance(expected, str):
            return expected
        try:
            return json_in(expected)
        except NoJson:
            return expected
