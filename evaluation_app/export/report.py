"""What a report of a test tells, whatever it is written in: the sentence first, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from evaluation_app.export.outcomes import ERRING, FAILING, CaseOutcome, outcomes
from evaluation_app.models import EvaluationTest
from evaluation_app.pages.presentation.forest import signed
from evaluation_app.pages.presentation.rate import NONE, SPACE, RateView
from evaluation_app.pages.presentation.test import TestView
from foundation.words import NOT_KNOWN, money, number


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A variant with its rate, and what it rests on."""

    name: str
    model: str
    rate: str
    interval: str
    answers: str
    cases: str
    errors: str
    cost: str


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """Two variants on the same cases; differences are B - A, in points."""

    pair: str
    difference: str
    interval: str
    p_value: str
    verdict: str


class Report:
    """A test that has results; `most` of its cases that did not pass are listed."""

    def __init__(self, test: EvaluationTest, *, most: int) -> None:
        self.test = test
        self.shown = TestView(test)
        self._results: dict[str, Any] = test.results or {}
        self._most = most

    @property
    def verdicts(self) -> list[str]:
        """What a person is told first."""
        return [verdict if verdict.endswith(".") else f"{verdict}." for verdict in self.shown.verdicts]

    @property
    def notes(self) -> list[str]:
        """What the figures do not say by themselves."""
        return self.shown.notes

    @property
    def confidence(self) -> str:
        """Such as `95 %`."""
        return f"{100 * self.test.confidence:g}{SPACE}%"

    @property
    def variants(self) -> list[VariantLine]:
        """In their order."""
        models = [variant.model_id for variant in self.test.variants.order_by("position")]
        return [_variant(told, model) for told, model in zip(self._results["variants"], models, strict=True)]

    @property
    def comparisons(self) -> list[ComparisonLine]:
        """As they were planned."""
        return [_comparison(told) for told in self._results["comparisons"]]

    @property
    def method(self) -> str:
        """How the figures were found."""
        figure = self._results["variants"][0]["figures"]["success_rate"]
        told = [f"Intervals: {figure['method']}, {figure['estimand']}"]
        compared = self._results["comparisons"]
        if compared:
            told.append(f"comparisons: {compared[0]['method']}, {compared[0]['estimand']}")
        return "; ".join([*told, f"seed {self.test.seed}"]) + "."

    @cached_property
    def unfortunate(self) -> int:
        """Cases with a variant in which a run failed, or broke."""
        return self.test.totals.filter(FAILING | ERRING).count()

    @cached_property
    def listed(self) -> list[CaseOutcome]:
        """The first of them, in the order of the cases."""
        if not self.unfortunate:
            return []
        found = (outcome for outcome in outcomes(self.test, chosen=FAILING | ERRING) if outcome)
        return list(islice(found, self._most))

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.unfortunate - len(self.listed)


def _variant(told: Mapping[str, Any], model: str) -> VariantLine:
    figure = told["figures"]["success_rate"]
    rate = RateView(figure)
    return VariantLine(
        name=told["name"],
        model=model,
        rate=rate.share,
        interval=rate.span or NONE,
        answers=number(figure["n"]),
        cases=number(figure["cases"]),
        errors=number(told["failed_runs"]),
        cost=NOT_KNOWN if told["cost"] is None else money(told["cost"]),
    )


def _comparison(told: Mapping[str, Any]) -> ComparisonLine:
    interval, p_value = told["interval_adjusted"], told["p_value_adjusted"]
    return ComparisonLine(
        pair=f"{told['b']} against {told['a']}",
        difference=NONE if told["difference"] is None else signed(told["difference"]),
        interval=f"{signed(interval['low'])} to {signed(interval['high'])}" if interval else NONE,
        p_value=NONE if p_value is None else f"{p_value:.4f}" if p_value >= 0.0001 else "< 0.0001",
        verdict=told["verdict"],
    )
