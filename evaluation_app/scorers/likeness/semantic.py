"""Whether an output means what a text means, by word embeddings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score

BLIND_SPOT = "Words are compared, not claims: it cannot see “not”."


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
        likeness = _cosine(*_model().embed(texts))
        reason = f"The likeness is {likeness:.3f}, wanted is {self.params.semantic_threshold:g}. {BLIND_SPOT}"
        return Score.measured(likeness, reason, least=self.params.semantic_threshold)

    @classmethod
    def warm(cls) -> None:
        """Loads the embeddings."""
        _model()


def _cosine(one: Any, other: Any) -> float:
    import numpy

    lengths = float(numpy.linalg.norm(one) * numpy.linalg.norm(other))
    return round(float(numpy.dot(one, other)) / lengths, 6) if lengths else 0.0


@lru_cache(maxsize=1)
def _model() -> Any:
    """Loaded once in a process, from the package's own folder: nothing is fetched."""
    import wordllama

    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
