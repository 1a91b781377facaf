"""What a run of a suite came to: each test alone, then all together. It passes only where everything was judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from evaluation_app.baselines.comparing import Compared, compared
from evaluation_app.baselines.setting import present_of, side_of
from evaluation_app.baselines.sides import Side, sides_of
from evaluation_app.judges.gating import unfit_judges
from evaluation_app.models import EvaluationTest, RunStatus, Suite, SuiteRun, SuiteTest, TestStatus
from evaluation_app.statistics.cases import pooled
from evaluation_app.statistics.proportions import success_rate
from foundation.words import number

FLOOR: Final = 0.5
"""The least pass rate where there is nothing to compare with."""
MOST_ERRORS: Final = 0.02
"""The share of samples that may be missing: more could hide what they would have shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One variant on trial in one test."""

    test_id: str
    test: str
    variant: str
    status: str
    """passed, failed or not_judged."""
    sentence: str
    passed: int = 0
    scored: int = 0
    rate: float | None = None
    interval: dict[str, Any] | None = None
    errors: int = 0
    is_regression: bool = False
    compared_with: str | None = None
    """baseline, the version's label, or an earlier run; None where there was nothing."""
    comparison: dict[str, Any] | None = None


class Reference:
    """What the sides of a run are held against: the template's baseline, and the same places of another run.

    A gate asks both: who may set a baseline could else let pass whatever they made one of.
    """

    def __init__(self, suite: Suite, run: SuiteRun | None, words: str) -> None:
        self.words = words
        self._is_gate = bool(suite.gate_label)
        self._tests = {each.position: each.test for each in run.tests.select_related("test")} if run else {}
        baseline = present_of(suite.template_id) if suite.template_id else None
        self._baseline_test = baseline.test_id if baseline else None
        self._baseline = side_of(baseline) if baseline else None
        self._baseline_margin = baseline.margin if baseline else 0.0
        self._sides: dict[int, list[Side]] = {}

    def compared(
        self, position: int, new: Side, *, margin: float, confidence: float, estimand: str
    ) -> list[tuple[str, Compared]]:
        """What it was compared with, and how it stands: what tells most first."""
        rules: dict[str, Any] = {"confidence": confidence, "estimand": estimand}
        told: list[tuple[str, Compared]] = []
        if self._baseline is not None and self._baseline_test != new.test.id:
            least = margin if self._is_gate else self._baseline_margin
            told.append(("baseline", compared(self._baseline, new, margin=least, against="the baseline", **rules)))
        is_enough = any(found.is_judged for _, found in told) and not self._is_gate
        if not is_enough and (old := self._side(position, new)) is not None:
            told.append((self.words, compared(old, new, margin=margin, against=self.words, **rules)))
        return sorted(told, key=lambda each: (not each[1].is_regression, not each[1].is_judged))

    def _side(self, position: int, new: Side) -> Side | None:
        test = self._tests.get(position)
        if test is None or test.status != TestStatus.COMPLETED:
            return None
        if position not in self._sides:
            self._sides[position] = sides_of(test)
        return next((side for side in self._sides[position] if side.variant.position == new.variant.position), None)


def needs_a_reference(run: SuiteRun) -> bool:
    """Whether there is something to compare that the template's baseline is not enough for."""
    places = list(_places(run))
    if any(_why_unjudged(run.suite, place.test) is not None for place in places):
        return False
    return bool(run.suite.gate_label) or not _is_held_by_baseline(run)


def _is_held_by_baseline(run: SuiteRun) -> bool:
    reference = Reference(run.suite, None, "")
    rules: dict[str, Any] = {"margin": 0, "estimand": run.suite.gate_estimand}
    return all(
        any(found.is_judged for _, found in reference.compared(place.position, new, confidence=0.95, **rules))
        for place in _places(run)
        for new in _on_trial(place)
    )


def verdict_of(run: SuiteRun, reference: SuiteRun | None, words: str) -> tuple[RunStatus, dict[str, Any]]:
    """The status of a run whose tests have all ended, and what is kept of it."""
    places = list(_places(run))
    compare_with = Reference(run.suite, reference, words)
    comparisons = sum(max(1, len(place.on_trial)) for place in places)
    lines = [line for place in places for line in _lines(run.suite, place, compare_with, comparisons)]
    return _together(lines)


def not_begun(sentence: str) -> dict[str, Any]:
    """What is kept of a run whose tests could not be made."""
    return {"sentence": sentence, "is_regression": False, "tests": []}


def _together(lines: list[Line]) -> tuple[RunStatus, dict[str, Any]]:
    failed, unjudged = ([line for line in lines if line.status == status] for status in ("failed", "not_judged"))
    status = RunStatus.FAILED if failed else RunStatus.NOT_JUDGED if unjudged else RunStatus.PASSED
    worst = failed or unjudged
    if worst:
        more = f" ({number(len(worst) - 1)} more like it.)" if len(worst) > 1 else ""
        sentence = f"{worst[0].test}: {worst[0].sentence}{more}"
    elif len(lines) == 1:
        sentence = lines[0].sentence
    else:
        sentence = f"All {number(len(lines))} pass. {lines[0].test}: {lines[0].sentence}"
    told = [asdict(line) for line in lines]
    return status, {"sentence": sentence, "is_regression": any(line.is_regression for line in lines), "tests": told}


def _places(run: SuiteRun) -> Iterable[SuiteTest]:
    return run.tests.select_related("test").order_by("position")


def _on_trial(place: SuiteTest) -> list[Side]:
    sides = sides_of(place.test)
    return [side for side in sides if not place.on_trial or side.variant.position in place.on_trial]


def _lines(suite: Suite, place: SuiteTest, reference: Reference, comparisons: int) -> list[Line]:
    test = place.test
    if (why := _why_unjudged(suite, test)) is not None:
        return [Line(str(test.id), test.name, "", "not_judged", why, errors=test.errors + test.scorer_errors)]
    confidence = 1 - (1 - test.confidence) / comparisons
    return [_line(suite, place, side, reference, confidence) for side in _on_trial(place)]


def _why_unjudged(suite: Suite, test: EvaluationTest) -> str | None:
    """Why a test is no ground for a verdict; None where it is one."""
    missing = test.errors + test.scorer_errors
    if test.stop_reason == "only_errors" or (missing and missing == test.samples):
        return "no answer was judged: there were errors only, and they say nothing of the prompt."
    if test.status != TestStatus.COMPLETED or test.stop_reason or test.skipped:
        return f"the test did not run to its end ({test.stop_reason or test.status})."
    if missing > MOST_ERRORS * test.samples:
        return (
            f"{number(missing)} of {number(test.samples)} answers are missing or could not be judged: too many for a "
            "verdict. Ask the missing ones again."
        )
    if suite.gate_label and (unfit := unfit_judges(test)):
        return f"{unfit[0]} Such a judge may not hold a label back."
    return None


def _line(suite: Suite, place: SuiteTest, side: Side, reference: Reference, confidence: float) -> Line:
    test, cases = place.test, list(side.cases.values())
    passed, scored = sum(case.passed for case in cases), sum(case.scored for case in cases)
    figure = success_rate(pooled(cases), confidence=test.confidence, gate=True)
    about: dict[str, Any] = {
        "test_id": str(test.id),
        "test": test.name,
        "variant": side.variant.name,
        "passed": passed,
        "scored": scored,
        "rate": figure.value,
        "interval": figure.as_json["interval"],
        "errors": sum(case.errors for case in cases),
    }
    if not scored:
        return Line(**about, status="not_judged", sentence="no answer was judged: it has no scorers.")
    unheard = sum(not case.scored for case in cases)
    if unheard:
        told = f"{number(unheard)} of its cases {'has' if unheard == 1 else 'have'} no judged answer."
        return Line(**about, status="not_judged", sentence=told)
    count = f"{number(passed)} of {number(scored)} answers pass."
    found = reference.compared(
        place.position, side, margin=suite.gate_margin, confidence=confidence, estimand=suite.gate_estimand
    )
    words, result = found[0] if found else (None, None)
    about |= {"compared_with": words, "comparison": result.as_json if result else None}
    if result is not None and result.is_regression:
        return Line(**about, status="failed", is_regression=True, sentence=f"{result.sentence} {count}")
    floor = suite.gate_floor
    is_unjudged = result is not None and not result.is_judged and bool(suite.gate_label)
    if floor is None and not is_unjudged and not _is_measured(found, suite):
        floor = FLOOR
    if floor is not None and passed < floor * scored:
        least = f"at least {100 * floor:g} % must"
        return Line(**about, status="failed", sentence=f"{number(passed)} of {number(scored)} answers pass: {least}.")
    if result is not None and is_unjudged:
        return Line(**about, status="not_judged", sentence=f"{result.sentence} {count}")
    told = result.sentence if result is not None else "There was nothing to compare with."
    return Line(**about, status="passed", sentence=f"{told} {count}")


def _is_measured(found: list[tuple[str, Compared]], suite: Suite) -> bool:
    """Whether it was compared with what has run; a gate takes no baseline alone for that."""
    return any(result.is_judged and not (suite.gate_label and words == "baseline") for words, result in found)
