"""Whether a variant got worse than another test's: on the cases that both were asked, and on no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.baselines.sides import Side
from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.comparing import TOO_FEW_UNDER
from evaluation_app.statistics.differences import bonett_price
from evaluation_app.statistics.figures import Estimand, Interval, as_json
from evaluation_app.statistics.pairing import Measure, pair
from evaluation_app.statistics.regression import difference_on_these_cases, is_regression
from evaluation_app.statistics.verdicts import in_points, points
from foundation.words import number

MINUS: Final = "\N{MINUS SIGN}"
TOO_FEW_SHARED: Final = "too_few_shared_cases"


@dataclass(frozen=True, slots=True)
class Compared:
    """New - old of case means (0…1), with the sentence that says it.

    `shared` cases have the same key, input, expectation and scorers in both and a judged answer in both; `changed` have
    the key alone; `new` and `gone` stand in one of the two. `difference` None: nothing is judged, `reason` says why.
    """

    difference: float | None
    interval: Interval | None
    estimand: str
    method: str
    n: int
    shared: int
    changed: int
    new: int
    gone: int
    margin: float
    is_regression: bool
    reason: str | None
    sentence: str

    @property
    def is_judged(self) -> bool:
        """Whether there was enough to compare."""
        return self.reason is None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        told = as_json(self)
        return {**told, "shared_cases": told.pop("shared")}


def compared(
    old: Side, new: Side, *, margin: float, confidence: float, estimand: str = "", against: str = "the baseline"
) -> Compared:
    """`new` against `old`; `estimand` empty: these cases' other runs where both ran each twice or more."""
    keys = [key for key in old.asks if key in new.asks]
    same = [key for key in keys if old.asks[key] == new.asks[key]]
    ours, theirs = _scored(old, same), _scored(new, same)
    both = [key for key in same if key in ours and key in theirs]
    counts = {
        "shared": len(both),
        "changed": len(keys) - len(same),
        "new": len(new.asks) - len(keys),
        "gone": len(old.asks) - len(keys),
    }
    wanted = estimand or (Estimand.THESE_CASES if old.is_repeated and new.is_repeated else Estimand.CASES_LIKE_THESE)
    if len(both) < TOO_FEW_UNDER:
        return _unjudged(counts, wanted, margin, TOO_FEW_SHARED, _too_few(counts, against))
    a, b = [ours[key] for key in both], [theirs[key] for key in both]
    if wanted == Estimand.THESE_CASES:
        found = difference_on_these_cases(
            [_passes(case) for case in a],
            [_passes(case) for case in b],
            confidence=confidence,
            seed=new.test.seed,
        )
        if found.value is None or found.cases < TOO_FEW_UNDER:
            sentence = (
                f"Not compared with {against}: “{wanted}” needs two judged runs of at least {TOO_FEW_UNDER} cases."
            )
            return _unjudged(counts, wanted, margin, str(found.reason or "too_few_runs"), sentence)
        difference, interval, method, n = found.value, found.interval, found.method, found.n
    else:
        paired = pair(a, b, Measure.PASSES)
        if len(paired.units.totals) < TOO_FEW_UNDER:
            sentence = f"Not compared with {against}: the shared cases come from fewer than {TOO_FEW_UNDER} sources."
            return _unjudged(counts, wanted, margin, "too_few_clusters", sentence)
        difference, interval, n = paired.units.mean, bonett_price(paired.units, confidence), paired.n
        method = interval.method
    is_worse = is_regression(interval, margin)
    sentence = _sentence(difference, interval, counts, margin, against, is_worse=is_worse)
    return Compared(difference, interval, str(wanted), method, n, **counts, margin=margin, is_regression=is_worse,
                    reason=None, sentence=sentence)  # fmt: skip


def _scored(side: Side, keys: Sequence[str]) -> dict[str, CaseTotal]:
    return {key: case for key in keys if (case := side.cases.get(key)) is not None and case.scored}


def _passes(case: CaseTotal) -> list[float]:
    return [1.0] * case.passed + [0.0] * (case.scored - case.passed)


def _unjudged(counts: dict[str, int], estimand: str, margin: float, reason: str, sentence: str) -> Compared:
    return Compared(None, None, str(estimand), "", 0, **counts, margin=margin, is_regression=False, reason=reason,
                    sentence=sentence)  # fmt: skip


def _too_few(counts: dict[str, int], against: str) -> str:
    shared = counts["shared"]
    told = f"Not compared with {against}: {shared or 'no'} {'case is' if shared == 1 else 'cases are'} shared with it"
    changed = f" ({counts['changed']} more had another input, expectation or scorer)" if counts["changed"] else ""
    return f"{told}{changed}, and fewer than {TOO_FEW_UNDER} are no ground for a verdict."


def _sentence(
    difference: float, interval: Interval | None, counts: dict[str, int], margin: float, against: str, *, is_worse: bool
) -> str:
    if interval is None:
        return f"Not compared with {against}."
    sure = f"{100 * interval.confidence:.4g} %"
    shared = f"on the {number(counts['shared'])} cases that both share"
    if is_worse:
        low, high = sorted((-interval.high, -interval.low))
        allowed = f"; {points(margin)} would be allowed" if margin else ""
        size = f"{in_points(-difference)}, {sure} {points(low)} to {points(high)}"
        return f"Worse than {against} by {size}, {shared}{allowed}."
    span = f"{_signed(interval.low)} to {_signed(interval.high)}"
    if not difference:
        size = "no difference"
    else:
        size = f"{in_points(abs(difference))} {'better' if difference > 0 else 'worse'}"
    return f"No regression against {against}: {size}, {sure} {span}, {shared}."


def _signed(share: float) -> str:
    sign = "+" if share > 0 else MINUS if share < 0 else ""
    return f"{sign}{points(abs(share)) if share else 0}"
