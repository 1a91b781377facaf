"""A test as its pages show it: the sentence first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from evaluation_app.economy.telling import waited_for
from evaluation_app.judges.verdicts import judges_of
from evaluation_app.models import Control, EvaluationTest, TestStatus
from evaluation_app.pages.presentation.distribution import Distribution, distributions_of
from evaluation_app.pages.presentation.figures import figures_of, side_by_side
from evaluation_app.pages.presentation.forest import Forest, forests_of
from evaluation_app.pages.presentation.glossary import words_of
from evaluation_app.pages.presentation.rate import NONE, RateView, percent
from evaluation_app.statistics.verdicts import Outcome
from foundation.search.ordering import by_name
from foundation.words import NOT_KNOWN, money, number
from templates_app.models import PromptTemplate

STOPPED = {
    "max_cost": "It stopped where the next answer could have cost more than its ceiling.",
    "cancelled": "It was cancelled.",
    "only_errors": "It stopped by itself: no model gave an answer.",
    "early_stop": "The difference is shown: what is under way is seen to its end.",
}
PREFERRED: Final = "A judge compared each answer with the first variant's; what it preferred stands under “Who judged”."
BADGES = {"pending": "pending", "running": "running", "paused": "cancelled", "completed": "completed"}


def badge_of(status: str) -> str:
    """The look of a status (components/badge.html)."""
    return BADGES.get(status, "failed" if status == "failed" else "cancelled")


@dataclass(frozen=True)
class TestRow:
    """A line of the list."""

    test: EvaluationTest

    @property
    def badge(self) -> str:
        """The look of its status."""
        return badge_of(self.test.status)

    @property
    def models(self) -> str:
        """Each model once."""
        return ", ".join(dict.fromkeys(variant.model_id for variant in self.test.variants.all()))

    @property
    def rates(self) -> list[tuple[str, RateView]]:
        """By variant, once it has ended."""
        return rates_of(self.test)

    @property
    def cost(self) -> str:
        """What it has cost so far."""
        return cost_of(self.test)

    @property
    def is_regression(self) -> bool:
        """Whether it is worse than the baseline of its template."""
        return bool(((self.test.results or {}).get("baseline") or {}).get("is_regression"))

    @property
    def batches(self) -> str:
        """What it waits for, where it does."""
        return "" if TestStatus(self.test.status).is_final else " ".join(waited_for(self.test))

    @property
    def progress(self) -> str:
        """Such as `34 of 120`."""
        return f"{number(self.test.done)} of {number(self.test.samples)}"


def is_unpriced(test: EvaluationTest) -> bool:
    """Whether the price of a model on trial was not known."""
    return not all(variant.prices for variant in test.variants.all())


def cost_of(test: EvaluationTest) -> str:
    """What it has cost so far; what nobody knows the price of is not called free."""
    if is_unpriced(test):
        return f"{money(test.spent_cost)} and {NOT_KNOWN} for some" if test.spent_cost else NOT_KNOWN
    return money(test.spent_cost)


def rates_of(test: EvaluationTest) -> list[tuple[str, RateView]]:
    """The success rate of each variant that has results."""
    told = (test.results or {}).get("variants", [])
    return [(each["name"], RateView(each["figures"]["success_rate"])) for each in told]


def _say_nothing(comparisons: Sequence[Mapping[str, Any]]) -> bool:
    return all(each["outcome"] == Outcome.NO_SCORED_SAMPLES for each in comparisons)


def _verdict(comparison: Mapping[str, Any], *, is_alone: bool) -> str:
    """Of several, each says of whom it speaks."""
    said = str(comparison["verdict"])
    return said if is_alone else f"{comparison['b']} against {comparison['a']}: {said}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant on one case."""

    variant: str
    passed: int
    scored: int
    errors: int
    is_flaky: bool
    consistency: str

    @property
    def fraction(self) -> str:
        """Such as `11/12`."""
        return f"{self.passed}/{self.scored}" if self.scored else NONE

    @property
    def kind(self) -> str:
        """passed, failed, flaky; errors or unjudged where nothing was judged."""
        if not self.scored:
            return "errors" if self.errors else "unjudged"
        return "flaky" if self.is_flaky else "passed" if self.passed else "failed"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case, with a cell for each variant."""

    index: int
    name: str
    input: str
    cells: list[Cell]

    @property
    def kinds(self) -> str:
        """What the line is found by."""
        return " ".join(dict.fromkeys(cell.kind for cell in self.cells))


MOST_LINES: Final = 500
"""Of the matrix, on a page."""
KINDS: Final = (("failed", "Failures"), ("flaky", "Flaky"), ("errors", "Errors"))


class TestView:
    """A test with everything that its page tells; `show` is a kind of cell that the matrix is narrowed to, `role` what
    its reader is to it."""

    def __init__(self, test: EvaluationTest, *, show: str = "", role: str = "viewer") -> None:
        self.test = test
        self.show = show
        self.kinds = KINDS
        self.is_mine = role == "owner"
        self.may_steer = role != "viewer"
        self.results: dict[str, Any] = test.results or {}

    @property
    def id(self) -> object:
        """The test's."""
        return self.test.id

    @property
    def badge(self) -> str:
        """The look of its status."""
        return badge_of(self.test.status)

    @property
    def is_live(self) -> bool:
        """Whether something may change by itself."""
        return not TestStatus(self.test.status).is_final

    @property
    def may_pause(self) -> bool:
        """Whether it can be paused."""
        return self.is_live and self.test.control == "run"

    @property
    def may_resume(self) -> bool:
        """Whether it waits to be resumed."""
        return self.is_live and self.test.control == "pause"

    @cached_property
    def baseline_templates(self) -> list[tuple[object, str]]:
        """Templates that a completed test can be the baseline of, by id and name."""
        if self.test.status != TestStatus.COMPLETED:
            return []
        tested = self.test.variants.filter(template_version__isnull=False)
        of_test = tested.values("template_version__template")
        found = PromptTemplate.objects.editable_by(self.test.user).filter(id__in=of_test)
        return list(found.order_by(*by_name(key="name_order")).values_list("id", "name"))

    @property
    def left_over(self) -> int:
        """Samples without an answer, which can be asked again."""
        if self.is_live:
            return 0
        # What an early stop has spared would be spared again.
        return self.test.errors + (0 if self.test.stop_reason == "early_stop" else self.test.skipped)

    @cached_property
    def rates(self) -> list[tuple[str, RateView]]:
        """By variant."""
        return rates_of(self.test)

    @property
    def verdicts(self) -> list[str]:
        """What a person is told first."""
        if compared := self.results.get("comparisons", []):
            if any(judge.is_pairwise for judge in judges_of(self.test.policy)) and _say_nothing(compared):
                return [PREFERRED]
            return [_verdict(each, is_alone=len(compared) == 1) for each in compared]
        return [rate.sentence for _, rate in self.rates]

    @cached_property
    def forests(self) -> list[Forest]:
        """What sets the variants apart, as pictures."""
        return forests_of(self.results)

    @cached_property
    def distributions(self) -> list[Distribution]:
        """How scores, times and lengths lie, as pictures."""
        return distributions_of(self.results)

    @property
    def has_several(self) -> bool:
        """Whether there is more than one variant to be told apart."""
        return len(self.variants) > 1

    @property
    def words(self) -> list[tuple[str, str]]:
        """What the words of this page mean."""
        return words_of(self.results)

    @property
    def notes(self) -> list[str]:
        """What the figures do not say by themselves."""
        test, told = self.test, [*self._of_the_end()]
        if test.status == TestStatus.RUNNING and test.control == Control.PAUSE:
            told.append("It pauses: nothing more is asked, and what is under way is seen to its end.")
        if any(judge["is_required"] for judge in test.policy.get("judges", ())):
            told.append("The rate is a judge's opinion: what that is worth stands under “Who judged”.")
        if test.errors:
            told.append(f"{number(test.errors)} {'answer' if test.errors == 1 else 'answers'} never came: in no rate.")
        if test.scorer_errors:
            told.append(f"{number(test.scorer_errors)} could not be judged: in no rate.")
        told += self._of_generated()
        for each in self.results.get("variants", []):
            bounds = each["errors"]
            if bounds["is_told"] and bounds["low"] is not None:
                low, high = percent(bounds["low"]), percent(bounds["high"])
                told.append(f"{each['name']}: had the missing ones all failed {low}, had they all passed {high}.")
        return [note for note in told if note]

    def _of_the_end(self) -> Iterator[str]:
        test, blocks = self.test, self.results.get("blocks")
        if test.stop_reason == "early_stop" and blocks:
            yield f"It stopped at {number(blocks['used'])} of {number(blocks['of'])} cases: the difference was shown."
            blocks = None
        elif test.stop_reason:
            yield STOPPED.get(test.stop_reason, "")
        if test.pause_reason:
            yield "It rests: a quota of whoever began it is used up. It goes on by itself once there is room."
        if test.stops_early and self.results:
            yield "It was looked at after every case: the figures of the difference allow for that."
        if blocks and blocks["used"] < blocks["of"]:
            told = f"{number(blocks['used'])} of {number(blocks['of'])} cases"
            yield f"Figures are of {told}: those that were asked in full."

    def _of_generated(self) -> Iterator[str]:
        for each in self.results.get("variants", []):
            if made := each.get("generated"):
                cases = "1 case was" if made["cases"] == 1 else f"{number(made['cases'])} cases were"
                rest = RateView(made["without"])
                without = (
                    f"without them it passes {rest.share} ({rest.span})" if rest.span else f"without: {rest.share}"
                )
                yield f"{each['name']}: {cases} made by a model; {without}."

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """What the test took, and the figures beside the rate where there is one variant."""
        yield "Answers", f"{number(self.test.done - self.test.skipped)} of {number(self.test.samples)}"
        if version := self.test.dataset_version:
            yield "Cases of", f"{version.dataset.name}, version {version.number}"
        yield "Cost", self.cost
        if len(self.variants) == 1:
            yield from figures_of(self.results)

    @property
    def cost(self) -> str:
        """What it has cost so far, and of how much."""
        return cost_of(self.test) + ("" if self.test.max_cost is None else f" of {money(self.test.max_cost)}")

    @property
    def is_unpriced(self) -> bool:
        """Whether the price of a model on trial was not known."""
        return is_unpriced(self.test)

    @cached_property
    def side_by_side(self) -> list[tuple[str, list[str]]]:
        """The same figures of several variants, a line a figure."""
        return side_by_side(self.results["variants"]) if self.has_several else []

    @property
    def variants(self) -> list[str]:
        """Their names, in order."""
        return [each["name"] for each in self.results.get("variants", [])]

    @property
    def shown_lines(self) -> list[CaseLine]:
        """Of the matrix, what the page shows."""
        return self.found_lines[:MOST_LINES]

    @cached_property
    def found_lines(self) -> list[CaseLine]:
        """Of the matrix, what it is narrowed to."""
        return [line for line in self.lines if not self.show or self.show in line.kinds.split()]

    @cached_property
    def lines(self) -> list[CaseLine]:
        """The matrix of cases and variants."""
        by_case: dict[int, dict[str, Cell]] = {}
        for variant in self.results.get("variants", []):
            for case in variant["cases"]:
                consistency = percent(case["consistency"])
                cell = Cell(
                    variant["name"], case["passed"], case["scored"], case["errors"], case["is_flaky"], consistency
                )
                by_case.setdefault(case["index"], {})[variant["name"]] = cell
        cases = {case.position: case for case in self.test.cases.all()} if by_case else {}
        none = Cell("", 0, 0, 0, False, NONE)
        return [
            CaseLine(
                index,
                str(cases[index]),
                ", ".join(f"{name}: {value}" for name, value in cases[index].input.items()),
                [cells.get(name, none) for name in self.variants],
            )
            for index, cells in sorted(by_case.items())
        ]
