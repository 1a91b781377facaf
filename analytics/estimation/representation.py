"""An estimate in the API's shape: USD as numbers, what is not known null."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from analytics.estimation.costs import Range
from analytics.estimation.estimating import Estimate, ModelEstimate
from analytics.estimation.savings import DAYS, GOAL, OtherCost, Savings
from foundation.words import number

DIGITS = 12
"""Of USD after the point: a call may cost millionths."""
GOAL_WORDS = f"{100 * GOAL:g} %"


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """The body of `POST /api/analytics/cost-estimation`."""
    cheapest, qualified = estimate.cheapest, estimate.cheapest_qualified
    return {
        "currency": "USD",
        "period": {"from": estimate.since, "to": estimate.until},
        "calls_per_day": estimate.question.calls_per_day,
        "confidence": estimate.question.confidence,
        "models": [
            {
                **_model(each, estimate),
                "cheapest": each.model.id == cheapest,
                "cheapest_qualified": each.model.id == qualified,
            }
            for each in estimate.models
        ],
        "cheapest": cheapest,
        "cheapest_qualified": qualified,
        "quality": {"minimum_rate": estimate.question.minimum_rate},
        "savings": _savings(estimate.savings),
    }


def _model(each: ModelEstimate, estimate: Estimate) -> dict[str, Any]:
    costs = each.costs
    return {
        "model_id": each.model.id,
        "price_known": costs is not None,
        "fits_window": each.fits,
        "input": {
            "tokens": each.input.tokens,
            "low": each.input.low,
            "high": each.input.high,
            "method": each.input.method,
            "tokenizer": each.input.tokenizer,
            "cache_read_share": round(each.shares.read, 6),
            "cache_write_share": round(each.shares.write, 6),
            "seen": asdict(each.seen) if each.seen else None,
        },
        "output": {
            "basis": each.output.basis,
            "n": each.output.n,
            "mean": round(each.output.mean, 2),
            "p10": each.output.p10,
            "p50": each.output.p50,
            "p90": each.output.p90,
            "most": each.output.most,
            "cut": each.output.cut,
            "reasoning_share": round(each.shares.reasoning, 6),
        },
        "breakdown": {"input_cost": round(costs.input, DIGITS), "output_cost": round(costs.output, DIGITS)}
        if costs
        else None,
        "per_call": _range(costs.per_call) if costs else None,
        "per_month": _range(costs.per_month) if costs and costs.per_month else None,
        "range_method": costs.method if costs else None,
        "quality": _quality(each, estimate.question.minimum_rate),
        "derivation": [{"subject": subject, "sentence": sentence} for subject, sentence in _derivation(each)],
    }


def _quality(each: ModelEstimate, minimum_rate: float) -> dict[str, Any] | None:
    known = each.quality
    if known is None:
        return None
    return {
        "test_id": known.test_id,
        "version": known.version,
        "success_rate": known.rate,
        "low": known.low,
        "high": known.high,
        "samples": known.samples,
        "is_met": known.rate >= minimum_rate,
        "is_sure": known.low is not None and known.low >= minimum_rate,
    }


def _derivation(each: ModelEstimate) -> list[tuple[str, str]]:
    told = [("input", each.input.reason)]
    if not each.fits:
        window = number(each.model.context_window or 0)
        told.append(("input", f"It does not fit into the model's window of {window} tokens: the call would fail."))
    if seen := each.seen:
        told.append(
            (
                "input",
                f"The template's own calls on this model had {number(round(seen.p50))} tokens of input in the middle, "
                f"as the provider counted them, eight of ten {number(round(seen.p10))} to {number(round(seen.p90))}.",
            )
        )
    told.append(("output", each.output.reason))
    told += [("output", f"Calls by {basis} were too many to be looked at in time.") for basis in each.too_slow]
    if each.shares.read or each.shares.write:
        has_price = each.model.prices_now.standard.cache_read is not None
        of_price = "at the price of cached input" if has_price else "at the price of input: cached input has none"
        told.append(
            (
                "cache",
                f"{100 * each.shares.read:.1f} % of the input of those calls was read from the provider's cache, "
                f"{100 * each.shares.write:.1f} % was written to it; it is counted {of_price}.",
            )
        )
    if each.shares.reasoning:
        told.append(
            ("output", f"{100 * each.shares.reasoning:.1f} % of those answers were thoughts, billed as output.")
        )
    if each.costs is None:
        return [*told, ("price", f"The price of {each.model.id} is unknown: no cost can be told.")]
    return [*told, *(("cost", reason) for reason in each.costs.reasons)]


def _range(costs: Range) -> dict[str, float]:
    return {name: round(getattr(costs, name), DIGITS) for name in ("low", "expected", "high")}


def _savings(savings: Savings) -> dict[str, Any]:
    return {
        "basis": savings.basis,
        "period": {"from": savings.first, "to": savings.last},
        "executions": savings.calls,
        "actual_cost": savings.actual_cost,
        "goal_share": GOAL,
        "if_model": [{"model_id": each.name, **_other(each)} for each in savings.if_model],
        "if_prompt_shorter": {"prompt_share": GOAL, **_other(savings.if_prompt_shorter)},
        "note": _note(savings),
    }


def _other(each: OtherCost) -> dict[str, Any]:
    return {
        "cost": each.cost,
        "difference": each.difference,
        "share": each.share,
        "goal_reached": None if each.share is None else each.reaches_goal,
    }


def _note(savings: Savings) -> str:
    if savings.too_slow:
        return f"The calls of the last {DAYS} days are too many to be added up in time."
    if not savings.calls:
        return f"There were no calls in the last {DAYS} days."
    said = (
        f"{number(savings.calls)} calls of the last {DAYS} days at today's standard prices, with the tokens that their "
        "providers counted: another model's tokenizer and the length of its answers would differ, and its cache is "
        "taken to be hit as often."
    )
    reached = [each.name for each in savings.if_model if each.reaches_goal]
    if reached:
        return f"{said} {' and '.join(reached)} would have saved {GOAL_WORDS} or more."
    if savings.actual_cost is None:
        return f"{said} What they did cost is not known: the price of some was unknown."
    return said
