"""How much of a text's words an output has, in their order."""

from __future__ import annotations

import re
from typing import Final

from evaluation_app.scorers.likeness.pairwise import Pairwise
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared
from evaluation_app.scorers.sample import Sample, Score

_WORD: Final = re.compile(r"\w+")


class RougeLParameters(Compared):
    """Of `rouge_l`."""

    threshold: Threshold = 0.5
    """The least F1 with which the output passes."""


class RougeL(Pairwise[RougeLParameters]):
    """ROUGE-L F1 (Lin 2004) with one reference: the longest common subsequence of words, against both lengths.

    Where we depart from it: words are Unicode's letters and digits, not English ones only, without a difference of
    case, and nothing is stemmed.
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

    found, wanted = (_WORD.findall(normal(text, case_sensitive=False)) for text in (candidate, reference))
    common = LCSseq.similarity(found, wanted)
    return 2 * common / (len(found) + len(wanted)) if common else 0.0
