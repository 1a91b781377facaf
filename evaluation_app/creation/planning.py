"""What a test would take before anybody pays: how many samples, what they can show, what they cost and how long."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from asgiref.sync import async_to_sync

from accounts.models import User
from evaluation_app.creation.bodies import MOST_CASES
from evaluation_app.creation.checking import Checked, checked
from evaluation_app.creation.from_dataset import with_cases
from evaluation_app.models.test import ECONOMY
from evaluation_app.running.asking import resolved
from evaluation_app.running.judges import ONE_IN, most_of_judging
from evaluation_app.running.working import CONCURRENCY
from evaluation_app.scorers.judges.judge import Judge
from evaluation_app.scorers.judging import Check
from evaluation_app.scorers.outside.desk import REPEATED
from evaluation_app.statistics.early_stopping import blocks_used
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.planning import plan
from foundation.problems import FieldError, invalid
from foundation.words import number
from playground.engine.ask import Ask
from playground.engine.reservation import dearest, most_of_input
from providers.catalogue.info import ModelInfo
from providers.catalogue.listing import info_of, no_batches
from providers.line.fitting import longest_answer
from providers.parts import counting

LOOKED_AT: Final = 100
"""Variants by cases that a forecast reads; it goes on as these do."""
USUAL_ANSWER: Final = 200
"""Tokens, where nobody has said how long answers are."""
USUAL_REPLY: Final = 60
"""Tokens of a judge's reply."""
BYTES_OF_A_TOKEN: Final = 4
HOURS_AT_ECONOMY: Final = 24
"""As long as both vendors let a batch wait at most."""
SECONDS_A_CALL: Final = (0.5, 20.0)
"""A quick model's short answer, and a slow one's long one."""


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
    forecast = _forecast(user, made_of, cases, samples, asked.get("concurrency", CONCURRENCY))
    return {**told, "forecast": _stopping(forecast, blocks) if asked["parameters"].get("early_stop") else forecast}


def dearest_by_model(user: User, asked: Mapping[str, Any], made_of: Checked) -> dict[str, Decimal]:
    """USD that each model of a test may cost at most, its judges' too; 0 where no price is known."""
    cases, most = asked["test_cases"], dict[str, Decimal]()
    asks = async_to_sync(_asks)(user, made_of, cases)
    samples = len(made_of.variants) * len(cases) * asked["parameters"]["runs"]
    share = Decimal(samples) / len(asks)
    is_economy = asked.get("speed") == ECONOMY
    for ask in asks:
        model = info_of(ask.model_id)
        answered = _cost(ask, model.in_batches() if is_economy else model)["high"]
        most[ask.model_id] = most.get(ask.model_id, Decimal(0)) + answered * share
        for judge, _ in made_of.judges.values():
            most[judge.model_id] = most.get(judge.model_id, Decimal(0)) + _judging(judge, ask)["high"] * share
    return most


def _stopping(forecast: Mapping[str, Any], blocks: int) -> dict[str, Any]:
    """The forecast of a test that ends once its difference is shown: its low ends are those of the largest one told.

    `early_stop` has, for each of some true differences, the cases used and what these take; the high ends stay, for a
    difference that is not there is looked for to the last case.
    """
    used = blocks_used(blocks)
    stops = [
        {"points": points, "cases": cases, "of": blocks, **_share(forecast, cases / blocks)}
        for points, cases in used.items()
    ]
    least = _share(forecast, min(used.values()) / blocks)
    cost, seconds = forecast["cost"], {**forecast["seconds"], "low": least["seconds"]["low"]}
    return {
        **forecast,
        "cost": cost and {**cost, "low": least["cost"]["low"]},
        "seconds": seconds,
        "early_stop": stops,
    }


def _share(forecast: Mapping[str, Any], share: float) -> dict[str, Any]:
    return {
        name: ends and {end: value * share for end, value in ends.items()}
        for name, ends in (("cost", forecast["cost"]), ("seconds", forecast["seconds"]))
    }


def _forecast(
    user: User, made_of: Checked, cases: Sequence[Mapping[str, Any]], samples: int, concurrency: int
) -> dict[str, Any]:
    asks = async_to_sync(_asks)(user, made_of, cases)
    rounds = math.ceil(samples / concurrency)
    seconds = dict(zip(("low", "high"), (rounds * each for each in SECONDS_A_CALL), strict=True))
    reason = next(filter(None, (no_batches(variant.model_id) for variant in made_of.variants)), None)
    told: dict[str, Any] = {"cost": None, "seconds": seconds}
    told["economy"] = {"cost": None, "hours": HOURS_AT_ECONOMY, "reason": reason}
    if not all(info_of(ask.model_id).price_known for ask in asks):
        return told
    if not all(info_of(judge.model_id).price_known for judge, _ in made_of.judges.values()):
        return told
    judging = [_judging(judge, ask) for ask in asks for judge, _ in made_of.judges.values()]
    share = Decimal(samples) / len(asks)
    told["cost"] = _summed([*(_cost(ask, info_of(ask.model_id)) for ask in asks), *judging], share)
    if reason is None:
        at_economy = [_cost(ask, info_of(ask.model_id).in_batches()) for ask in asks]
        told["economy"]["cost"] = _summed([*at_economy, *judging], share)
    return told


def _summed(ranges: Sequence[dict[str, Decimal]], share: Decimal) -> dict[str, float]:
    return {name: float(sum(each[name] for each in ranges) * share) for name in ("low", "expected", "high")}


async def _asks(user: User, made_of: Checked, cases: Sequence[Mapping[str, Any]]) -> list[Ask]:
    pairs = [(variant, case) for case in cases for variant in made_of.variants][:LOOKED_AT]
    return [await resolved(user, variant.body, case.get("input", {})) for variant, case in pairs]


def _cost(ask: Ask, model: ModelInfo) -> dict[str, Decimal]:
    """USD of one call: a word for an answer, one of the usual length, and the dearest way that it can go."""
    messages = ask.messages()
    given = counting.about(messages)
    usual = min(longest_answer(model, ask.parameters), USUAL_ANSWER)
    most = most_of_input(messages, ask.parameters, ask.request.get("tools", ()))
    return {
        "low": model.cost(prompt_tokens=given, completion_tokens=1),
        "expected": model.cost(prompt_tokens=given, completion_tokens=usual),
        "high": dearest(model, given=most, parameters=ask.parameters).cost,
    }


def _judging(judge: Judge[Any], ask: Ask) -> dict[str, Decimal]:
    """USD of judging one answer: of a word with a word, as usual, and with every reply asked for twice."""
    model, answered = info_of(judge.model_id), longest_answer(info_of(ask.model_id), ask.parameters)
    given = judge.size // BYTES_OF_A_TOKEN + counting.about(ask.messages())
    usual = given + judge.shows_several * min(answered, USUAL_ANSWER)
    replies = judge.questions * (1 + (REPEATED - 1) / Decimal(ONE_IN))
    most = most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))
    dearly = most_of_judging([Check(judge)], info_of, given=most, answer_tokens=answered, is_repeated=False)
    return {
        "low": model.cost(prompt_tokens=given, completion_tokens=1) * judge.questions,
        "expected": model.cost(prompt_tokens=usual, completion_tokens=USUAL_REPLY) * replies,
        "high": dearly,
    }
