"""Whether an output begins or ends with a text."""

from __future__ import annotations

from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reference import Compared, Comparing
from evaluation_app.scorers.sample import Sample, Score, quoted


class EdgeParameters(Compared):
    """Of both scorers."""

    case_sensitive: bool = True
    """Whether capital and small letters differ."""
    trim: bool = False
    """Whether white space at both ends of the output is left out."""


class _Edge(Comparing[EdgeParameters]):
    parameters = EdgeParameters
    can_be_empty = False

    def _compared(self, sample: Sample) -> tuple[str, str]:
        """The output and the text, both ready."""
        output = normal(sample.output, case_sensitive=self.params.case_sensitive)
        wanted = normal(self.reference(sample), case_sensitive=self.params.case_sensitive)
        return output.strip() if self.params.trim else output, wanted


class StartsWith(_Edge):
    """1.0 when the output begins with the text, in Unicode's NFC on both sides; white space before it counts."""

    name = "starts_with"
    title = "Starts with"

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        output, wanted = self._compared(sample)
        return Score.binary(output.startswith(wanted), f"The output begins with {quoted(output[: len(wanted)])}.")


class EndsWith(_Edge):
    """1.0 when the output ends with the text, in Unicode's NFC on both sides; white space after it counts."""

    name = "ends_with"
    title = "Ends with"

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        output, wanted = self._compared(sample)
        return Score.binary(output.endswith(wanted), f"The output ends with {quoted(output[-len(wanted) :])}.")
