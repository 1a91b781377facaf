"""What the words of a test's page mean, a line each: those that stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Words = list[tuple[str, str]]

ALWAYS: Final[Words] = [
    (
        "Confidence",
        "How often such a band holds the true rate, were the whole test done again and again.",
    ),
    ("Case", "One input with what is expected. More cases tell more; more runs of the same case tell little more."),
    ("Flaky", "The same case passes in one run and fails in another."),
    ("Error", "No answer came. That is no wrong answer: it counts in no rate, and is told apart."),
]
OF_FIGURES: Final[Words] = [
    ("Average score", "The mean of what the scorers gave, from 0 to 1; where they only say yes or no, it is the rate."),
    (
        "Cases weighted",
        "As if each case stood there as often as its weight says. The rate on top counts all alike, and has the band.",
    ),
    ("Same answer twice", "How often two runs of one case say the very same."),
    (
        "Same meaning twice",
        "The same, where what is said in other words counts as one. Words are compared: it may not see a “not”.",
    ),
    ("All of k pass", "How often k runs of one case in a row all pass: what somebody sees who asks k times."),
    ("Cost a success", "All the money, also that of failures, over the answers that passed."),
]
OF_DIFFERENCES: Final[Words] = [
    ("Points", "Hundredths of a rate: from 70\u00a0% to 82\u00a0% are 12 points."),
    ("No difference shown", "There may be one; a difference as small as that would need more cases to be seen."),
    (
        "Level (Bonferroni)",
        "Many looks find something by chance: each band is made wider, so that all together are as sure as one.",
    ),
    (
        "Group",
        "Cases that share a tag. Where few cases are in one, its difference is a hint where to look, no verdict.",
    ),
]


def words_of(results: Mapping[str, Any]) -> Words:
    """Those that the page of these results uses; none before there are results."""
    if not results:
        return []
    words = [*ALWAYS, *OF_FIGURES, *(OF_DIFFERENCES if len(results.get("variants", ())) > 1 else [])]
    is_weighted = results.get("weighted_success_rate") is not None
    return [(word, line) for word, line in words if is_weighted or word != "Cases weighted"]
