"""Where two variants differ: the difference within each group of cases, to look at and never a verdict of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.comparing import TOO_FEW_UNDER
from evaluation_app.statistics.differences import bonett_price
from evaluation_app.statistics.errors import share
from evaluation_app.statistics.figures import Interval, Missing, as_json
from evaluation_app.statistics.pairing import Measure, Paired, pair

CASES_FOR_AN_INTERVAL: Final = TOO_FEW_UNDER


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """B - A of the cases of one group. `interval` at the Bonferroni level of all groups and comparisons together."""

    a: str
    b: str
    group: str
    difference: float | None
    interval: Interval | None
    reason: Missing | None
    cases: int
    n: int
    confidence: float

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return as_json(self)


def group_differences(
    variants: Mapping[str, Sequence[CaseTotal]],
    groups: Mapping[str, set[str]],
    *,
    pairs: Sequence[tuple[str, str]],
    confidence: float = 0.95,
    blocks: Sequence[str] | None = None,
) -> list[GroupDifference]:
    """The differences of each pair (a, b) in each group, told by the names of its cases; groups may overlap.

    With C cases of a group under CASES_FOR_AN_INTERVAL there is the difference alone. `blocks` as in
    `compare_variants`: where the test was looked at to stop early, intervals are those of the bets.
    """
    level = 1 - (1 - share("confidence", confidence)) / max(1, len(groups) * len(pairs))
    return [
        _of_group(variants, (a, b), group, cases, level, blocks) for a, b in pairs for group, cases in groups.items()
    ]


def _of_group(
    variants: Mapping[str, Sequence[CaseTotal]],
    names: tuple[str, str],
    group: str,
    cases: set[str],
    level: float,
    blocks: Sequence[str] | None,
) -> GroupDifference:
    sides = [[case for case in variants[name] if case.case in cases] for name in names]
    both = pair(sides[0], sides[1], Measure.PASSES)
    units = both.units
    found = len(units.totals)
    interval = _interval(both, level, blocks) if found >= CASES_FOR_AN_INTERVAL else None
    reason = None if interval else Missing.TOO_FEW_CASES if found else Missing.NO_SCORED_SAMPLES
    return GroupDifference(
        *names, group, units.mean if found else None, interval, reason, cases=found, n=both.n, confidence=level
    )


def _interval(both: Paired, level: float, blocks: Sequence[str] | None) -> Interval | None:
    return bonett_price(both.units, level) if blocks is None else both.betting(blocks, level).interval
