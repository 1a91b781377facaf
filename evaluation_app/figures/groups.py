"""The groups of a test's cases: those that share a tag."""

from __future__ import annotations

from typing import Final

from evaluation_app.figures.totals import names_of
from evaluation_app.models import EvaluationTest

MOST_GROUPS: Final = 12
"""The largest; the more groups, the wider each interval has to be."""


def groups_of(test: EvaluationTest) -> dict[str, set[str]]:
    """Names of cases by tag, the largest groups first; empty where no case has a tag."""
    found: dict[str, set[str]] = {}
    tags = test.cases.order_by("position").values_list("tags", flat=True)
    for name, tagged in zip(names_of(test), tags, strict=True):
        for tag in tagged:
            found.setdefault(tag, set()).add(name)
    largest = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return dict(largest[:MOST_GROUPS])
