"""How alike two texts are, character by character."""

from __future__ import annotations

from typing import Literal

from evaluation_app.scorers.likeness.pairwise import Pairwise
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared
from evaluation_app.scorers.sample import Sample, Score


class SimilarityParameters(Compared):
    """Of `similarity`."""

    threshold: Threshold = 0.8
    """The least likeness with which the output passes."""
    method: Literal["levenshtein", "jaro_winkler", "indel"] = "levenshtein"
    """`levenshtein`: 1 - changes / length of the longer text; `jaro_winkler`: beginnings weigh more; `indel`: twice
    the longest common subsequence / both lengths."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""


class Similarity(Pairwise[SimilarityParameters]):
    """How alike the output and the text are, from 0 to 1, by their characters in Unicode's NFC (rapidfuzz)."""

    name = "similarity"
    title = "Is similar to"
    parameters = SimilarityParameters

    def score(self, sample: Sample) -> Score:
        """The likeness."""
        from rapidfuzz.distance import Indel, JaroWinkler, Levenshtein

        methods = {"levenshtein": Levenshtein, "jaro_winkler": JaroWinkler, "indel": Indel}
        wanted = normal(self.reference(sample), case_sensitive=self.params.case_sensitive)
        found = normal(sample.output, case_sensitive=self.params.case_sensitive)
        likeness = methods[self.params.method].normalized_similarity(found, wanted)
        reason = f"The likeness is {likeness:.3f}, wanted is {self.params.threshold:g}."
        return Score.measured(likeness, reason, least=self.params.threshold)
