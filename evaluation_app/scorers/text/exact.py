"""Whether an output is a text."""

from __future__ import annotations

from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score, quoted


class ExactParameters(Compared):
    """Of `exact`."""

    trim: bool = True
    """Whether white space at both ends is left out."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""


class Exact(Comparing[ExactParameters]):
    """1.0 when the output is the text, in Unicode's NFC on both sides; white space within it counts."""

    name = "exact"
    title = "Is exactly"
    parameters = ExactParameters

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        wanted, found = self._ready(self.reference(sample)), self._ready(sample.output)
        if wanted == found:
            return Score.binary(True, "The texts are the same.")
        return Score.binary(False, f"Expected {quoted(wanted)}, found {quoted(found)}.")

    def _ready(self, text: str) -> str:
        compared = normal(text, case_sensitive=self.params.case_sensitive)
        return compared.strip() if self.params.trim else compared
