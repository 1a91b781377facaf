"""An estimate as the page shows it: models side by side, what a month of each costs, quality against cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from analytics.estimation.costs import Range
from analytics.estimation.estimating import Estimate, ModelEstimate
from analytics.estimation.representation import estimate_json
from analytics.estimation.savings import GOAL, OtherCost
from foundation.presentation.chart import Bar, Chart
from foundation.presentation.tradeoff import Point, Tradeoff
from foundation.presentation.words import percent
from foundation.words import NOT_KNOWN, THIN, counted, money, number

A_THOUSAND: Final = 1_000
OF_TESTS: Final = "the newest test of each model, on whatever cases it had"


@dataclass(frozen=True)
class ModelShown:
    """A model's line."""

    each: ModelEstimate
    is_cheapest: bool
    is_qualified: bool
    told: list[str]
    """How it came about."""
    is_clear: bool
    """Whether its cost is below every other's, whatever is in their ranges."""

    @property
    def id(self) -> str:
        """Of the model."""
        return self.each.model.id

    @property
    def input(self) -> str:
        """Tokens that go in; a range where they are estimated."""
        given = self.each.input
        if given.low == given.high:
            return number(given.tokens)
        return f"{number(given.low)} to {number(given.high)}, estimated"

    @property
    def output(self) -> str:
        """Tokens that come out."""
        output = self.each.output
        if output.p10 is None or output.p50 is None or output.p90 is None:
            return f"{number(round(output.mean))} ({output.basis.replace('_', ' ')})"
        middle, low, high = (number(round(each)) for each in (output.p50, output.p10, output.p90))
        return f"{middle} ({low} to {high}) of {counted(output.n, 'call')}"

    @property
    def call(self) -> str:
        """USD of a thousand calls: a single one is too little to be read."""
        costs = self.each.costs
        return span(costs.per_call, times=A_THOUSAND) if costs else NOT_KNOWN

    @property
    def month(self) -> str:
        """USD of a month."""
        costs = self.each.costs
        return span(costs.per_month) if costs and costs.per_month else "" if costs else NOT_KNOWN

    @property
    def quality(self) -> str:
        """What a test showed."""
        known = self.each.quality
        if known is None:
            return "not tested"
        of = counted(known.samples, "answer")
        if known.low is None or known.high is None:
            return f"{percent(known.rate, 1)} of {of}"
        return f"{percent(known.rate, 1)} ({percent(known.low, 1)} to {percent(known.high, 1)}) of {of}"


class EstimateShown:
    """All of it."""

    def __init__(self, estimate: Estimate) -> None:
        self._estimate = estimate
        self._json = estimate_json(estimate)

    @cached_property
    def models(self) -> list[ModelShown]:
        """In the order asked."""
        return [
            ModelShown(
                each,
                told["cheapest"],
                told["cheapest_qualified"],
                [line["sentence"] for line in told["derivation"]],
                self._is_clear(each),
            )
            for each, told in zip(self._estimate.models, self._json["models"], strict=True)
        ]

    def _is_clear(self, one: ModelEstimate) -> bool:
        """Whether the most that it may cost is below the least that any other may."""
        others = [each.costs for each in self._estimate.models if each is not one and each.costs]
        return one.costs is not None and all(one.costs.per_call.high < other.per_call.low for other in others)

    @property
    def has_months(self) -> bool:
        """Whether it is known how often a day."""
        return self._estimate.question.calls_per_day is not None

    @property
    def finding(self) -> str:
        """The answer in a sentence or two."""
        cheapest = next((each for each in self.models if each.is_cheapest), None)
        if cheapest is None:
            return "No price of these models is known."
        least = "costs least" if cheapest.is_clear else "is expected to cost least, but the ranges overlap"
        told = f"{cheapest.id} {least}: {cheapest.call} a thousand calls"
        told = f"{told}, {cheapest.month} a month." if self.has_months else f"{told}."
        minimum = percent(self._estimate.question.minimum_rate, 1)
        qualified = next((each for each in self.models if each.is_qualified), None)
        if qualified is None:
            return f"{told} None of them has passed {minimum} of a test."
        if qualified is cheapest:
            return f"{told} It passed {minimum} or more in a test, too."
        return f"{told} Of those that passed {minimum} or more in a test it is {qualified.id}."

    @cached_property
    def chart(self) -> Chart | None:
        """What they cost beside each other; None for one alone."""
        priced = [(each, costs) for each in self.models if (costs := self._range_of(each)) is not None]
        if len(priced) < 2:
            return None
        ordered = sorted(priced, key=lambda pair: pair[1].expected)
        (first, low), (last, high) = ordered[0], ordered[-1]
        times = (
            f"{high.expected / low.expected:.1f} times as much as {first.id}"
            if low.expected
            else f"more than {first.id}"
        )
        finding = (
            f"{last.id} costs {times}" if high.expected > low.expected
            else f"{' and '.join(each.id for each, _ in ordered)} cost the same"
        )  # fmt: skip
        unit = "USD a month, expected and range" if self.has_months else "USD a thousand calls, expected and range"
        scale = 1 if self.has_months else A_THOUSAND
        bars = [Bar(each.id, costs.expected * scale, span(costs, times=scale)) for each, costs in ordered]
        return Chart("costs", finding, unit, "Model", bars)

    def _range_of(self, each: ModelShown) -> Range | None:
        costs = each.each.costs
        return None if costs is None else costs.per_month if self.has_months else costs.per_call

    @cached_property
    def tradeoff(self) -> Tradeoff | None:
        """Quality against cost of those that were tested; None for fewer than two."""
        points = [
            Point(each.id, A_THOUSAND * costs.per_call.expected, known.rate, known.low, known.high, known.samples)
            for each in self.models
            if (costs := each.each.costs) is not None and (known := each.each.quality) is not None
        ]
        return Tradeoff("quality", points, OF_TESTS) if len(points) > 1 else None

    @property
    def savings(self) -> list[str]:
        """What last month's calls would have cost, the most saved first."""
        savings = self._estimate.savings
        if savings.actual_cost is None or not savings.calls:
            return []
        whose = "this template's calls" if savings.basis == "template" else "your calls of these models"
        others = sorted(savings.if_model, key=lambda each: each.cost if each.cost is not None else float("inf"))
        told = [
            f"On {each.name}, {whose} of last month would have cost {_changed(each, savings.actual_cost)}."
            for each in others
            if each.cost is not None
        ]
        shorter = savings.if_prompt_shorter
        if shorter.cost is not None:
            changed = _changed(shorter, savings.actual_cost)
            told.append(f"With prompts shorter by {100 * GOAL:g}{THIN}%, they would have cost {changed}.")
        return told

    @property
    def savings_note(self) -> str:
        """What that rests on."""
        return str(self._json["savings"]["note"])


def span(costs: Range, *, times: int = 1) -> str:
    """An amount with its range."""
    expected, low, high = (money(each * times) for each in (costs.expected, costs.low, costs.high))
    return expected if low == high == expected else f"{expected} ({low} to {high})"


def _changed(other: OtherCost, actual: float) -> str:
    cost: Any = other.cost
    if other.share is None:
        return money(cost)
    way = "less" if other.share < 0 else "more"
    return f"{money(cost)} in the place of {money(actual)}: {percent(abs(other.share), 1)} {way}"
