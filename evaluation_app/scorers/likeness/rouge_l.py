"""How much of a text's words an output has, in their order."""

from __future__ import annotations

from evaluation_app.scorers.likeness.pairwise import Pairwise
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reading.words import words_in
from evaluation_app.scorers.reference import Compared
from evaluation_app.scorers.sample import Sample, Score


class RougeLParameters(Compared):
    """Of `rouge_l`."""

    threshold: Threshold = 0.5
    """The least F1 with which the output passes."""


class RougeL(Pairwise[RougeLParameters]):
    """ROUGE-L F1 (Lin 2004) with one reference: the longest common subsequence of words, against both lengths.

    Where we depart from it: words are letters, marks and digits of any script, of Chinese and Japanese each character;
    capital and small letters are the same, and nothing is stemmed.
    """

    name = "rouge_l"
    title = "ROUGE-L"
    parameters = RougeLParameters

    def score(self, sample: Sample) -> Score:
        """F1."""
        likeness = rouge_l_f1(sample.output, self.reference(sample))
        reason = f"ROUGE-L is {likeness:.3f}, wanted is {self.params.threshold:g}."
        return Score.measured(likeness, reason, least=self.params.threshold)


def rouge_l_f1(candidate: str, reference: str) -> float:
    """F1 of the longest common subsequence of words; 0 where either text has none."""
    from rapidfuzz.distance import LCSseq

    found, wanted = (words_in(normal(text, case_sensitive=False)) for text in (candidate, reference))
    common = LCSseq.similarity(found, wanted)
    return 2 * common / (len(found) + len(wanted)) if common else 0.0
