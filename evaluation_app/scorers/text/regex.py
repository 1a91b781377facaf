"""Whether a pattern is found in an output."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from evaluation_app.scorers.parameters import Misplaced, Parameters
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.reading.patterns import BadPattern, compiled
from evaluation_app.scorers.sample import Sample, Score, quoted
from evaluation_app.scorers.scorer import Scorer

WORK_IN_PLACE: Final = 3_000_000
"""Instructions of the compiled pattern times characters: some 40 ms where RE2 is slowest."""


class RegexParameters(Parameters):
    """Of `regex`."""

    pattern: Annotated[str, Field(min_length=1, max_length=1_000)]
    """In RE2's syntax: no look-around, no back-references. `^` and `$` are the whole text's ends, unless `(?m)`."""
    case_sensitive: bool = True
    """Whether capital and small letters differ."""

    @model_validator(mode="after")
    def _is_a_pattern(self) -> RegexParameters:
        try:
            compiled(self.pattern, case_sensitive=self.case_sensitive)
        except BadPattern as error:
            raise Misplaced(str(error), ("pattern",)) from None
        return self


class Regex(Scorer[RegexParameters]):
    """1.0 when the pattern is found anywhere in the output, both in Unicode's NFC (RE2 syntax, linear time)."""

    name = "regex"
    title = "Matches a pattern"
    parameters = RegexParameters
    libraries = ("google-re2",)

    def is_cheap(self, sample: Sample) -> bool:
        """Linear in the text, but also in the pattern."""
        return super().is_cheap(sample) and len(sample.output) * int(self._pattern.programsize) <= WORK_IN_PLACE

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        found = self._pattern.search(normal(sample.output))
        if found is None:
            return Score.binary(False, "The pattern was not found.")
        return Score.binary(True, f"Found: {quoted(found[0])}.")

    @property
    def _pattern(self) -> Any:
        return compiled(self.params.pattern, case_sensitive=self.params.case_sensitive)
