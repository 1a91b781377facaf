"""A rate as a person reads it: the share, how sure it is, and from how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foundation import words
from foundation.words import counted

SPACE = words.NO_BREAK
NONE = "\u2013"
WHY_NONE = {
    "no_scored_samples": "No case is finished and judged.",
    "one_case": "One case speaks for itself only.",
    "too_few_cases": "Too few cases to say how sure it is.",
}

MEANING = {
    "cases like these": "The band is where the true rate lies with that confidence, if your cases are like those that "
    "will come. More cases make it narrower; more runs of the same cases help less.",
    "this case only": "The band is where the rate of this one case lies with that confidence. More runs make it "
    "narrower, and say nothing of other cases.",
}
MEANING_OF_THESE = (
    "The band is where the rate lies with that confidence when the same cases are asked again. More runs make it "
    "narrower, and say nothing of other cases."
)


def percent(share: float | None) -> str:
    """A share as people say it, or a dash."""
    return NONE if share is None else words.percent(share)


@dataclass(frozen=True, slots=True)
class RateView:
    """A figure (`statistics.figures.Estimate` in JSON) with its interval as a bar."""

    figure: Mapping[str, Any]

    @property
    def share(self) -> str:
        """Such as `83 %`."""
        return percent(self.figure["value"])

    @property
    def low(self) -> float | None:
        """The bar's left end, in per cent of its width."""
        return self._end("low")

    @property
    def width(self) -> float | None:
        """The bar's length."""
        low, high = self._end("low"), self._end("high")
        return None if low is None or high is None else round(high - low, 2)

    @property
    def at(self) -> float | None:
        """Where the rate itself stands."""
        value = self.figure["value"]
        return None if value is None else round(100 * float(value), 2)

    @property
    def span(self) -> str:
        """Such as `61 to 94 %`; empty where there is no interval."""
        interval = self.figure["interval"]
        if not interval:
            return ""
        return words.span_of(interval["low"], interval["high"])

    @property
    def sentence(self) -> str:
        """The figure in words."""
        n, cases = self.figure["n"], self.figure["cases"]
        if self.figure["value"] is None:
            return WHY_NONE.get(str(self.figure["reason"]), "There is no figure.")
        rests_on = f"from {counted(n, 'answer')} to {counted(cases, 'case')}"
        if not self.span:
            why = WHY_NONE.get(str(self.figure["reason"]), "")
            return f"{self.share} of the answers passed, {rests_on}. {why}".strip()
        sure = round(100 * self.figure["confidence"])
        of = {"cases like these": "With cases like these", "this case only": "With this very case"}
        like = of.get(self.figure["estimand"], "With these cases")
        return f"{like} it passes {self.share} of the time: {self.span} with {sure}{SPACE}% confidence, {rests_on}."

    @property
    def meaning(self) -> str:
        """What the band is, and what makes it narrower; empty where there is none."""
        return MEANING.get(self.figure["estimand"], MEANING_OF_THESE) if self.span else ""

    def _end(self, name: str) -> float | None:
        interval = self.figure["interval"]
        return round(100 * float(interval[name]), 2) if interval else None
