"""The text that an output is compared with: of the scorer, or of the case."""

from __future__ import annotations

import json
from typing import Any

from evaluation_app.scorers.errors import InvalidScorer, refused
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.reading.normal_form import half_character
from evaluation_app.scorers.sample import Sample
from evaluation_app.scorers.scorer import P, Scorer
from foundation.words import number


class Compared(Parameters):
    """Of scorers that compare texts."""

    value: str | None = None
    """The text that is compared with; without it, the one that the case expects."""


class Comparing(Scorer[P]):
    """A scorer that compares an output with a text."""

    can_be_empty = True
    """Whether there is any sense in a comparison with nothing."""

    def check_case(self, expected: Any) -> None:
        """The text comes from the parameters or from the case."""
        if fault := self._fault(self._text(expected)):
            raise InvalidScorer(fault, ("value",))

    def is_cheap(self, sample: Sample) -> bool:
        """Both texts count."""
        return len(sample.output) + len(self._text(sample.expected) or "") <= self.in_place

    def reference(self, sample: Sample) -> str:
        """The text; raises ScorerError where there is none."""
        text = self._text(sample.expected)
        if fault := self._fault(text):
            raise refused(fault)
        assert text is not None  # noqa: S101 - as `_fault` has seen
        return text

    def _fault(self, text: str | None) -> str:
        if text is None:
            return "A value is needed here, or a case that expects a text."
        if not text and not self.can_be_empty:
            return "The text to compare with is empty."
        if len(text) > self.longest:
            return f"Texts are compared with up to {number(self.longest)} characters."
        return "Half a character (a lone surrogate) stands in the expected text." if half_character(text) else ""

    def _text(self, expected: Any) -> str | None:
        stated = getattr(self.params, "value", None)
        if isinstance(stated, str):
            return stated
        if isinstance(expected, int | float) and not isinstance(expected, bool):
            return json.dumps(expected)
        return expected if isinstance(expected, str) else None
