"""BLEU of one output."""

from __future__ import annotations

from typing import Literal

from evaluation_app.scorers.isolation.limits import LONG_WORK
from evaluation_app.scorers.parameters import Threshold
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score


class BleuParameters(Compared):
    """Of `bleu`."""

    threshold: Threshold = 0.3
    """The least BLEU with which the output passes."""
    tokenize: Literal["13a", "intl", "zh", "char", "none"] = "13a"
    """sacrebleu's way of cutting texts into words."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""


class Bleu(Comparing[BleuParameters]):
    """BLEU (Papineni et al. 2002) of the output as one sentence, by sacrebleu (Post 2018), from 0 to 1.

    With exponential smoothing and effective order, as sacrebleu advises for single sentences.
    """

    name = "bleu"
    title = "BLEU"
    parameters = BleuParameters
    libraries = ("sacrebleu",)
    can_be_empty = False
    longest = 100_000
    in_place = -1  # the library keeps the texts that it has seen: in the service, for ever
    limits = LONG_WORK

    def score(self, sample: Sample) -> Score:
        """BLEU / 100."""
        import sacrebleu

        found, wanted = (
            normal(text, case_sensitive=self.params.case_sensitive) for text in (sample.output, self.reference(sample))
        )
        measured = sacrebleu.sentence_bleu(found, [wanted], tokenize=self.params.tokenize, use_effective_order=True)
        bleu = round(float(measured.score) / 100, 9)
        return Score.measured(
            bleu, f"BLEU is {bleu:.3f}, wanted is {self.params.threshold:g}.", least=self.params.threshold
        )

    @classmethod
    def warm(cls) -> None:
        """Loads the library."""
        import sacrebleu  # noqa: F401
