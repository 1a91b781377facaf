"""Whether an output means what a text means, by word embeddings."""

from __future__ import annotations

from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.likeness.embedding import BLIND_SPOT, embedded, model
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score


class SemanticParameters(Compared):
    """Of `semantic`."""

    semantic_threshold: Threshold = 0.8
    """The least likeness (cosine) with which the output passes."""


class Semantic(Comparing[SemanticParameters]):
    """How near the output's meaning is to the text's: the cosine of their WordLlama embeddings, 0 where below 0.

    It cannot see a negation: “is safe” and “is not safe” are near each other.
    """

    name = "semantic"
    title = "Means the same"
    parameters = SemanticParameters
    libraries = ("wordllama",)
    can_be_empty = False
    longest = 100_000
    in_place = 5_000
    limits = Limits(cpu_seconds=10.0, seconds=30.0, memory=1024 * 1024 * 1024)

    def score(self, sample: Sample) -> Score:
        """The cosine."""
        texts = [normal(self.reference(sample)), normal(sample.output)]
        if not texts[1].strip():
            return Score.measured(0, "The output is empty.", least=self.params.semantic_threshold)
        one, other = embedded(texts)
        likeness = round(float(one @ other), 6)
        reason = f"The likeness is {likeness:.3f}, wanted is {self.params.semantic_threshold:g}. {BLIND_SPOT}"
        return Score.measured(likeness, reason, least=self.params.semantic_threshold)

    @classmethod
    def warm(cls) -> None:
        """Loads the embeddings."""
        model()
