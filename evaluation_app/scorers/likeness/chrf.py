"""chrF of one output."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evaluation_app.scorers.isolation.limits import LONG_WORK
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score


class ChrfParameters(Compared):
    """Of `chrf`."""

    threshold: Threshold = 0.5
    """The least chrF with which the output passes."""
    word_order: Annotated[int, Field(ge=0, le=2)] = 0
    """2 makes it chrF++."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""


class Chrf(Comparing[ChrfParameters]):
    """chrF (Popović 2015) of the output, by sacrebleu (Post 2018), from 0 to 1: F2 of character n-grams up to 6."""

    name = "chrf"
    title = "chrF"
    parameters = ChrfParameters
    libraries = ("sacrebleu",)
    can_be_empty = False
    longest = 100_000
    in_place = -1  # as for BLEU
    limits = LONG_WORK

    def score(self, sample: Sample) -> Score:
        """chrF / 100."""
        import sacrebleu

        found, wanted = (
            normal(text, case_sensitive=self.params.case_sensitive) for text in (sample.output, self.reference(sample))
        )
        measured = sacrebleu.sentence_chrf(found, [wanted], word_order=self.params.word_order)
        chrf = round(float(measured.score) / 100, 9)
        return Score.measured(
            chrf, f"chrF is {chrf:.3f}, wanted is {self.params.threshold:g}.", least=self.params.threshold
        )

    @classmethod
    def warm(cls) -> None:
        """Loads the library."""
        import sacrebleu  # noqa: F401
