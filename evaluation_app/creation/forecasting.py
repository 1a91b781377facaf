"""What a test's calls come to before anybody pays: the tokens that are sent, a range of cost, and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from asgiref.sync import async_to_sync

from accounts.models import User
from evaluation_app.creation.checking import Checked
from evaluation_app.running.asking import resolved
from evaluation_app.running.judges import ONE_IN, most_of_judging
from evaluation_app.scorers.judges.judge import Judge
from evaluation_app.scorers.judging import Check
from evaluation_app.scorers.outside.desk import REPEATED
from evaluation_app.statistics.early_stopping import blocks_used
from foundation.words import number
from playground.engine.ask import Ask
from playground.engine.reservation import dearest, most_of_input
from playground.tools import registry
from playground.usage.answers import usual_answer
from providers.catalogue.info import ModelInfo
from providers.catalogue.listing import info_of, no_batches
from providers.line.fitting import longest_answer
from providers.parts import counting
from providers.tokenizing.input_tokens import Input, InputTokens

LOOKED_AT: Final = 100
"""Variants by cases that a forecast reads; it goes on as these do."""
COUNTED: Final = 300_000
"""Characters of them that a tokenizer reads, in some 30 ms; the texts beyond are estimated by their characters."""
USUAL_ANSWER: Final = 200
"""Tokens, where nobody has said how long answers are."""
USUAL_REPLY: Final = 60
"""Tokens of a judge's reply."""
BYTES_OF_A_TOKEN: Final = 4
HOURS_AT_ECONOMY: Final = 24
"""As long as both vendors let a batch wait at most."""
SECONDS_A_CALL: Final = (0.5, 20.0)
"""A quick model's short answer, and a slow one's long one."""
ENDS: Final = ("low", "expected", "long", "high")
BY_LIMIT: Final = "as long as max tokens allows"
BY_HISTORY: Final = "as long as nine of ten answers that you had from the model"
BY_MODEL: Final = "as long as the model can write"


@dataclass(frozen=True, slots=True)
class Call:
    """What one variant asks of one case, its input counted."""

    ask: Ask
    model: ModelInfo
    input: Input
    given: InputTokens
    is_rough: bool
    """Estimated without asking whether a tokenizer is at hand: the forecast reads no more."""
    usual: int | None
    """Tokens of nine of ten answers that its author had from the model (`usage.answers`), where nothing limits them."""

    @property
    def longest(self) -> int:
        """Tokens of a long answer: the most that it may have, or as `usual`."""
        most = longest_answer(self.model, self.ask.parameters)
        return most if self.usual is None else min(most, self.usual)

    @property
    def long_as(self) -> str:
        """Why that is long."""
        if self.ask.parameters.get("max_tokens") is not None:
            return BY_LIMIT
        return BY_MODEL if self.usual is None else BY_HISTORY


def forecast(
    user: User, made_of: Checked, cases: Sequence[Mapping[str, Any]], samples: int, concurrency: int
) -> dict[str, Any]:
    """`{input, cost, seconds, economy}`, as the API tells them; blocks while a tokenizer reads the texts.

    `cost` in USD: `low` with answers of a word, `expected` with usual ones, `long` with long ones, and `high`, which no
    way of it passes; None where a price is unknown.
    """
    calls = _calls(user, async_to_sync(_asks)(user, made_of, cases))
    rounds = math.ceil(samples / concurrency)
    seconds = dict(zip(("low", "high"), (rounds * each for each in SECONDS_A_CALL), strict=True))
    reason = next(filter(None, (no_batches(variant.model_id) for variant in made_of.variants)), None)
    share = Decimal(samples) / len(calls)
    told: dict[str, Any] = {"cost": None, "reason": None, "seconds": seconds}
    told["input"] = _input(calls, share, pairs=len(made_of.variants) * len(cases))
    told["economy"] = {"cost": None, "hours": HOURS_AT_ECONOMY, "reason": reason}
    judges = [judge for judge, _ in made_of.judges.values()]
    if not all(info.price_known for info in (*(call.model for call in calls), *(info_of(j.model_id) for j in judges))):
        return told
    judging = [_judging(judge, call) for call in calls for judge in judges]
    told["cost"] = _summed([*(_cost(call, call.model) for call in calls), *judging], share)
    told["reason"] = _reason(calls)
    if reason is None:
        told["economy"]["cost"] = _summed([*(_cost(call, call.model.in_batches()) for call in calls), *judging], share)
    return told


def stopping(told: Mapping[str, Any], blocks: int) -> dict[str, Any]:
    """The forecast of a test that ends once its difference is shown: its low ends are those of the largest one told.

    `early_stop` has, for each of some true differences, the cases used and what these take; the high ends stay, for a
    difference that is not there is looked for to the last case.
    """
    used = blocks_used(blocks)
    stops = [
        {"points": points, "cases": cases, "of": blocks, **_share(told, cases / blocks)}
        for points, cases in used.items()
    ]
    least = _share(told, min(used.values()) / blocks)
    cost, seconds = told["cost"], {**told["seconds"], "low": least["seconds"]["low"]}
    return {
        **told,
        "cost": cost and {**cost, "low": least["cost"]["low"]},
        "seconds": seconds,
        "early_stop": stops,
    }


def most_by_model(
    user: User, made_of: Checked, cases: Sequence[Mapping[str, Any]], samples: int, *, is_economy: bool
) -> dict[str, Decimal]:
    """USD that each model of a test may cost at most, its judges' too; 0 where no price is known."""
    asks, most = async_to_sync(_asks)(user, made_of, cases), dict[str, Decimal]()
    share = Decimal(samples) / len(asks)
    for ask in asks:
        model = info_of(ask.model_id)
        answered = _most(ask, model.in_batches() if is_economy else model)
        most[ask.model_id] = most.get(ask.model_id, Decimal(0)) + answered * share
        for judge, _ in made_of.judges.values():
            most[judge.model_id] = most.get(judge.model_id, Decimal(0)) + _most_of_judging(judge, ask) * share
    return most


async def _asks(user: User, made_of: Checked, cases: Sequence[Mapping[str, Any]]) -> list[Ask]:
    pairs = [(variant, case) for case in cases for variant in made_of.variants][:LOOKED_AT]
    return [await resolved(user, variant.body, case.get("input", {})) for variant, case in pairs]


async def _tools(asks: Iterable[Ask]) -> list[list[Mapping[str, Any]]]:
    return [await registry.defined(ask.request.get("tools", ())) for ask in asks]


def _calls(user: User, asks: Sequence[Ask]) -> list[Call]:
    usual = {model_id: usual_answer(user, model_id) for model_id in {ask.model_id for ask in asks}}
    known, tools = {model_id: info_of(model_id) for model_id in usual}, async_to_sync(_tools)(asks)
    calls, read = list[Call](), 0
    for ask, defined in zip(asks, tools, strict=True):
        model, messages = known[ask.model_id], ask.messages()
        read += counting.characters(messages)
        given = Input(
            messages,
            tools=defined,
            schema=ask.parameters.get("response_format"),
            has_neighbour=False,
            is_rough=read > COUNTED,
        )
        is_limited = ask.parameters.get("max_tokens") is not None
        told = given.tokens_of(model.id)
        calls.append(Call(ask, model, given, told, read > COUNTED, None if is_limited else usual[ask.model_id]))
    return calls


def _input(calls: Sequence[Call], share: Decimal, *, pairs: int) -> dict[str, Any]:
    """Tokens of the whole test's input, its judges' reading apart, and how they were told."""
    is_counted = len(calls) == pairs and all(call.given.method == "tokenizer" for call in calls)
    rough = sum(call.is_rough for call in calls)
    reasons = list(dict.fromkeys(call.given.reason for call in calls if not call.is_rough))
    if rough:
        reasons.append(f"Beyond {number(COUNTED)} characters the texts are estimated by their characters.")
    if len(calls) < pairs:
        reasons.append(f"Estimated from the first {number(len(calls))} of {number(pairs)} different prompts.")
    return {
        "tokens": round(sum(call.given.tokens for call in calls) * share),
        "method": "tokenizer" if is_counted else "estimated",
        "reason": " ".join(reasons),
    }


def _reason(calls: Iterable[Call]) -> str:
    """What the range of the cost is, in a sentence."""
    return f"The cost is from answers of one token to ones {' or '.join(sorted({call.long_as for call in calls}))}."


def _summed(ranges: Sequence[dict[str, Decimal]], share: Decimal) -> dict[str, float]:
    return {name: float(sum(each[name] for each in ranges) * share) for name in ENDS}


def _share(told: Mapping[str, Any], share: float) -> dict[str, Any]:
    return {
        name: ends and {end: value * share for end, value in ends.items()}
        for name, ends in (("cost", told["cost"]), ("seconds", told["seconds"]))
    }


def _cost(call: Call, model: ModelInfo) -> dict[str, Decimal]:
    """USD of one call, priced as `model`."""
    given, longest = call.given, call.longest
    expected = model.cost(prompt_tokens=given.tokens, completion_tokens=min(longest, USUAL_ANSWER))
    most = _most(call.ask, model)
    long = model.dearest(prompt_tokens=given.high, completion_tokens=longest)
    return {
        "low": model.cost(prompt_tokens=given.low, completion_tokens=1),
        "expected": expected,
        "long": min(most, max(expected, long)),
        "high": most,
    }


def _most(ask: Ask, model: ModelInfo) -> Decimal:
    given = most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))
    return dearest(model, given=given, parameters=ask.parameters).cost


def _judging(judge: Judge[Any], call: Call) -> dict[str, Decimal]:
    """USD of judging one answer: of a word with a word, as usual, of a long one at length, and with every reply asked
    for twice.
    """
    model, asked = info_of(judge.model_id), call.input.tokens_of(judge.model_id)
    own, shown = judge.size // BYTES_OF_A_TOKEN, judge.shows_several
    usual = own + asked.tokens + shown * min(call.longest, USUAL_ANSWER)
    replies = judge.questions * (1 + (REPEATED - 1) / Decimal(ONE_IN))
    expected = model.cost(prompt_tokens=usual, completion_tokens=USUAL_REPLY) * replies
    at_length = model.dearest(
        prompt_tokens=own + asked.high + shown * call.longest,
        completion_tokens=longest_answer(model, judge.asked_of_model),
    )
    most = _most_of_judging(judge, call.ask)
    return {
        "low": model.cost(prompt_tokens=own + asked.low, completion_tokens=1) * judge.questions,
        "expected": expected,
        "long": min(most, max(expected, at_length * replies)),
        "high": most,
    }


def _most_of_judging(judge: Judge[Any], ask: Ask) -> Decimal:
    given = most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))
    answered = longest_answer(info_of(ask.model_id), ask.parameters)
    return most_of_judging([Check(judge)], info_of, given=given, answer_tokens=answered, is_repeated=False)
