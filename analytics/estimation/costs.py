"""What one call and a month of them cost, from what is known of its tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import fmean
from typing import Final

from analytics.estimation.history import Call, History
from analytics.estimation.output_tokens import ASSUMED, GIVEN, OutputTokens
from analytics.estimation.sums import mean_to_come, quantile
from foundation.words import money, number
from providers.base import Usage
from providers.catalogue.bill import billed
from providers.catalogue.info import ModelInfo
from providers.tokenizing.input_tokens import InputTokens

DAYS_A_MONTH: Final = 30.44
NOT_KNOWN: Final = (
    "Prices are those of today in the standard tier; attempts that fail and are billed, and other texts than this one, "
    "are not in it."
)


@dataclass(frozen=True, slots=True)
class Range:
    """USD."""

    low: float
    expected: float
    high: float

    def times(self, factor: float) -> Range:
        """So many of it."""
        return Range(self.low * factor, self.expected * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Costs:
    """A call's cost in its parts, and what it may come to."""

    input: float
    output: float
    """USD of the expected call: all input, all output."""
    per_call: Range
    per_month: Range | None
    """None without a number of calls."""
    method: str
    """Of the month's range: prediction_interval; fixed: what a call costs is known; bounds: nobody knows."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the input, what is expected to be read from and written to the provider's cache; of the output, thoughts."""

    read: float = 0.0
    write: float = 0.0
    reasoning: float = 0.0


def shares_of(history: History) -> Shares:
    """Over all calls of the same model; nothing is expected where only other models were asked."""
    if not history.is_of_model:
        return Shares()
    prompts, answers = sum(call.prompt for call in history.calls), sum(call.completion for call in history.calls)
    return Shares(
        min(sum(call.cache_read for call in history.calls) / prompts, 1.0) if prompts else 0.0,
        min(sum(call.cache_write for call in history.calls) / prompts, 1.0) if prompts else 0.0,
        min(sum(call.reasoning for call in history.calls) / answers, 1.0) if answers else 0.0,
    )


def costs_of(
    model: ModelInfo,
    given: InputTokens,
    output: OutputTokens,
    history: History,
    *,
    calls_per_day: float | None,
    confidence: float,
    at: datetime,
) -> Costs | None:
    """None where the model's price is unknown."""
    prices = model.prices_at(at)
    if not prices.is_known:
        return None
    calls = calls_per_day * DAYS_A_MONTH if calls_per_day else None

    def parts(prompt: int, call: Call) -> tuple[Decimal, Decimal]:
        found = billed(prices, _usage(prompt, call)).parts
        thought = sum((part.cost for part in found if part.item in ("output", "reasoning")), Decimal(0))
        return sum((part.cost for part in found), Decimal(0)) - thought, thought

    def cost(prompt: int, call: Call) -> float:
        return float(sum(parts(prompt, call)))

    seen = _seen(history, output)
    both = [parts(given.tokens, call) for call in seen]
    into, out = (fmean(float(each[place]) for each in both) for place in (0, 1))
    if output.basis in (GIVEN, ASSUMED):
        return _known(given, output, seen[0], cost, calls, into, out)
    costs = sorted(((float(sum(each)), call) for each, call in zip(both, seen, strict=True)), key=lambda one: one[0])
    ordered = [each for each, _ in costs]
    shorter = cost(given.low, seen[0]) - cost(given.tokens, seen[0])
    longer = cost(given.high, seen[0]) - cost(given.tokens, seen[0])
    low, high = max(0.0, quantile(ordered, 0.1) + shorter), quantile(ordered, 0.9) + longer
    per_call = Range(min(low, into + out), into + out, max(high, into + out))
    reasons = [f"A call costs what {number(len(seen))} like it would with this input: eight of ten lie in the range."]
    month = None
    if calls:
        least, expected, most = mean_to_come(ordered, calls=calls, confidence=confidence)
        month = Range(max(0.0, least + shorter), expected, most + longer).times(calls)
        reasons.append(
            f"A month is {number(calls, places=0)} calls ({DAYS_A_MONTH} days). Its range is that of their mean: a "
            f"{100 * confidence:g} % prediction interval (Student's t) after {number(len(seen))} calls"
            + (", widened by what the input is unsure by." if given.low < given.high else ".")
        )
    return Costs(into, out, per_call, month, "prediction_interval", (*reasons, NOT_KNOWN))


def _known(
    given: InputTokens,
    output: OutputTokens,
    call: Call,
    cost: Callable[[int, Call], float],
    calls: float | None,
    into: float,
    out: float,
) -> Costs:
    """Where no calls were seen: the length is fixed, or all that is known are its bounds."""
    is_given = output.basis == GIVEN
    least = call if is_given else call._replace(completion=1, reasoning=0)
    per_call = Range(cost(given.low, least), into + out, cost(given.high, call))
    said = "An answer costs at least one token of output" if not is_given else "Answers of one length cost the same"
    reasons = [f"{said}: the range is {money(per_call.low)} to {money(per_call.high)} a call."]
    month = per_call.times(calls) if calls else None
    if calls:
        reasons.append(
            f"A month is {number(calls, places=0)} calls ({DAYS_A_MONTH} days), each at either end of that range."
        )
    return Costs(into, out, per_call, month, "fixed" if is_given else "bounds", (*reasons, NOT_KNOWN))


def _seen(history: History, output: OutputTokens) -> list[Call]:
    """The calls to come stand for: each with its own length and share of cached input."""
    if output.basis in (GIVEN, ASSUMED):
        shares, length = shares_of(history), round(output.mean)
        whole = 1_000_000
        return [
            Call(
                "", whole, length, round(shares.read * whole), round(shares.write * whole),
                round(shares.reasoning * length),
            )
        ]  # fmt: skip
    kept = [call._replace(completion=min(call.completion, output.most)) for call in history.calls]
    if history.is_of_model:
        return kept
    return [call._replace(cache_read=0, cache_write=0, reasoning=0) for call in kept]


def _usage(prompt: int, call: Call) -> Usage:
    read = round(call.read_share * prompt)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=call.completion,
        cache_read_tokens=read,
        cache_write_tokens=min(round(call.write_share * prompt), prompt - read),
        reasoning_tokens=min(call.reasoning, call.completion),
    )
