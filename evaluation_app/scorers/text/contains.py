"""Whether words stand anywhere in an output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from evaluation_app.scorers.errors import InvalidScorer, refused
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.reading.normal_form import normal
from evaluation_app.scorers.sample import Sample, Score, quoted
from evaluation_app.scorers.scorer import P, Scorer

Keyword = Annotated[str, Field(min_length=1, max_length=10_000)]
MOST_NAMED: Final = 5
WORK_IN_PLACE: Final = 300_000
"""Characters times keywords."""


class Keywords(Parameters):
    """Of both scorers."""

    keywords: Annotated[list[Keyword], Field(min_length=1, max_length=1_000)] | None = None
    """Parts of text, no patterns and no whole words; without them, what the case expects: a text or a list of them."""
    case_sensitive: bool = False
    """Whether capital and small letters differ."""


class ContainsParameters(Keywords):
    """With the choice of how many must be there."""

    mode: Literal["all", "any", "none"] = "all"
    """How many of the keywords must stand in the output."""


class _OfKeywords(Scorer[P]):
    def check_case(self, expected: Any) -> None:
        """Keywords come from the parameters or from the case."""
        if not self._wanted(expected):
            raise InvalidScorer("Keywords are needed here, or a case that expects a text.", ("keywords",))

    def is_cheap(self, sample: Sample) -> bool:
        """Each keyword is looked for."""
        return len(sample.output) * (1 + len(self._wanted(sample.expected))) <= WORK_IN_PLACE

    def _wanted(self, expected: Any) -> Sequence[str]:
        stated = getattr(self.params, "keywords", None)
        wanted = stated if stated is not None else [expected] if isinstance(expected, str) else expected
        return wanted if isinstance(wanted, list) and all(isinstance(word, str) and word for word in wanted) else ()

    def _found(self, sample: Sample, *, case_sensitive: bool) -> tuple[list[str], list[str]]:
        """Keywords that are there, and that are not."""
        wanted = self._wanted(sample.expected)
        if not wanted:
            raise refused("There are no keywords: give them, or let the case expect a text.")
        text = normal(sample.output, case_sensitive=case_sensitive)
        there = {word: normal(word, case_sensitive=case_sensitive) in text for word in wanted}
        return [word for word in there if there[word]], [word for word in there if not there[word]]


class Contains(_OfKeywords[ContainsParameters]):
    """1.0 when all of the keywords (any, none, by `mode`) stand somewhere in the output, be it within a word.

    Both sides in Unicode's NFC; upper and lower case are the same unless told otherwise.
    """

    name = "contains"
    title = "Contains keywords"
    parameters = ContainsParameters

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        found, missing = self._found(sample, case_sensitive=self.params.case_sensitive)
        match self.params.mode:
            case "all":
                return Score.binary(not missing, f"Not found: {_named(missing)}." if missing else "All were found.")
            case "any":
                return Score.binary(bool(found), f"Found: {_named(found)}." if found else "None was found.")
            case _:
                return Score.binary(not found, f"Found: {_named(found)}." if found else "None was found.")


class NotContains(_OfKeywords[Keywords]):
    """1.0 when none of the keywords stands anywhere in the output; compared as `contains` does."""

    name = "not_contains"
    title = "Does not contain keywords"
    parameters = Keywords

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        found, _ = self._found(sample, case_sensitive=self.params.case_sensitive)
        return Score.binary(not found, f"Found: {_named(found)}." if found else "None was found.")


def _named(words: list[str]) -> str:
    rest = len(words) - MOST_NAMED
    return ", ".join(map(quoted, words[:MOST_NAMED])) + (f" and {rest} more" if rest > 0 else "")
