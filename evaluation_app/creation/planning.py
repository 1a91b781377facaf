"""What a test would take before anybody pays: how many samples, what they can show, what they cost and how long."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.models import User
from evaluation_app.creation.bodies import MOST_CASES
from evaluation_app.creation.checking import Checked, checked
from evaluation_app.creation.forecasting import forecast, most_by_model, stopping
from evaluation_app.creation.from_dataset import with_cases
from evaluation_app.models.test import ECONOMY
from evaluation_app.running.working import CONCURRENCY
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.planning import plan
from foundation.problems import FieldError, invalid
from foundation.words import number


def planned(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan for a wanted half-width, difference or number of cases; raises Problem."""
    try:
        told = plan(**asked).as_json
    except InvalidArgument as error:
        raise invalid([FieldError(error.argument, "invalid", str(error))]) from None
    if told["cases"] > MOST_CASES:
        message = f"A test holds up to {number(MOST_CASES)} cases: ask for a wider half-width or a larger difference."
        told["warnings"].append({"code": "too_many_cases", "message": message})
    return {**told, "forecast": None}


def planned_test(user: User, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of the very test that a body asks for, with what it would cost; raises Problem as its start would."""
    return with_cases(user, asked, lambda whole, _: _planned(user, whole))


def _planned(user: User, asked: Mapping[str, Any]) -> dict[str, Any]:
    made_of, cases, runs = checked(user, asked), asked["test_cases"], asked["parameters"]["runs"]
    variants = len(made_of.variants)
    comparisons = variants * (variants - 1) // 2 if asked.get("comparisons") == "all" else max(1, variants - 1)
    blocks = len({case.get("cluster") or number for number, case in enumerate(cases)})
    told = plan(
        cases=blocks,
        runs=runs,
        confidence=asked["parameters"].get("confidence", 0.95),
        comparisons=comparisons,
        variants=variants,
    ).as_json
    samples = variants * len(cases) * runs
    told["samples"] = samples
    costs = forecast(user, made_of, cases, samples, asked.get("concurrency", CONCURRENCY))
    return {**told, "forecast": stopping(costs, blocks) if asked["parameters"].get("early_stop") else costs}


def dearest_by_model(user: User, asked: Mapping[str, Any], made_of: Checked) -> dict[str, Decimal]:
    """USD that each model of a test may cost at most, its judges' too; 0 where no price is known."""
    samples = len(made_of.variants) * len(asked["test_cases"]) * asked["parameters"]["runs"]
    is_economy = asked.get("speed") == ECONOMY
    return most_by_model(user, made_of, asked["test_cases"], samples, is_economy=is_economy)
