"""How many characters must change to make a text of an output."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evaluation_app.scorers.likeness.pairwise import Pairwise
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared
from evaluation_app.scorers.sample import Sample, Score
from foundation.words import number


class LevenshteinParameters(Compared):
    """Of `levenshtein`."""

    max_distance: Annotated[int, Field(ge=0)]
    """The most changes with which the output passes."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""


class Levenshtein(Pairwise[LevenshteinParameters]):
    """How near the output is to the text: 1 - changes / length of the longer text (Levenshtein 1966).

    Passed with at most `max_distance` characters inserted, deleted or replaced; both sides in Unicode's NFC.
    """

    name = "levenshtein"
    title = "Edit distance"
    parameters = LevenshteinParameters

    def score(self, sample: Sample) -> Score:
        """A share of the longer text."""
        from rapidfuzz.distance import Levenshtein as Distance

        wanted = normal(self.reference(sample), case_sensitive=self.params.case_sensitive)
        found = normal(sample.output, case_sensitive=self.params.case_sensitive)
        distance = Distance.distance(found, wanted)
        likeness = 1 - distance / max(len(found), len(wanted), 1)
        return Score(likeness, distance <= self.params.max_distance, f"The distance is {number(distance)}.")
