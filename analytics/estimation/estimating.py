"""The estimate of a call: for each model its tokens, its costs and how they came about, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from asgiref.sync import async_to_sync

from accounts.models import User
from analytics.estimation.costs import Costs, Shares, costs_of, shares_of
from analytics.estimation.history import DAYS, History, Reader
from analytics.estimation.output_tokens import OutputTokens, output_of
from analytics.estimation.savings import Savings, savings_of
from analytics.estimation.sums import quantile
from foundation.problems import FieldError, Problem, not_found
from playground.attachments.references import looked_up
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.models import Origin
from playground.tools import registry
from providers.base import Message
from providers.catalogue import listing
from providers.catalogue.info import ModelInfo
from providers.line.fitting import longest_answer
from providers.tokenizing.input_tokens import Input, InputTokens
from sessions_app.models import PlaygroundSession
from templates_app.versions.measured import Measured, Subject, measured

CONFIDENCE: Final = 0.95
MINIMUM_RATE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be estimated."""

    body: Mapping[str, Any]
    """As `POST /api/prompts/execute` takes it, checked."""
    models: Sequence[str] = ()
    """Empty: the model that the template names."""
    calls_per_day: float | None = None
    output_tokens: int | None = None
    confidence: float = CONFIDENCE
    minimum_rate: float = MINIMUM_RATE


@dataclass(frozen=True, slots=True)
class SeenInput:
    """Tokens of input as the provider counted them, beside our count of the text that is asked about."""

    n: int
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """One model's."""

    model: ModelInfo
    input: InputTokens
    output: OutputTokens
    shares: Shares
    seen: SeenInput | None
    """What calls of the same template by the same model had; None where there were none."""
    costs: Costs | None
    """None: its price is unknown."""
    quality: Measured | None
    """None: no test of this on this model is known."""
    fits: bool
    """Whether the input can fit into the model's window."""
    too_slow: Sequence[str] = ()
    """Histories that could not be looked at in time."""

    def meets(self, minimum_rate: float) -> bool:
        """Whether a test showed at least this success rate."""
        return self.quality is not None and self.quality.rate >= minimum_rate


@dataclass(frozen=True, slots=True)
class Estimate:
    """All models asked, in their order."""

    question: Question
    since: datetime
    until: datetime
    """Of the calls that were looked at."""
    models: tuple[ModelEstimate, ...]
    savings: Savings

    @property
    def cheapest(self) -> str | None:
        """The model whose call is expected to cost least; None where no price is known."""
        return _cheapest(self.models)

    @property
    def cheapest_qualified(self) -> str | None:
        """Of those that met the bar in a test."""
        return _cheapest([each for each in self.models if each.meets(self.question.minimum_rate)])


def estimate(user: User, question: Question, *, at: datetime) -> Estimate:
    """An ordinary blocking call; writes nothing and asks no model. Raises Problem as the run would."""
    ask, messages, tools = async_to_sync(_asked)(user, question)
    session_id = question.body.get("session_id")
    if session_id is not None and not PlaygroundSession.objects.visible_to(user).filter(id=session_id).exists():
        raise not_found("The session")
    template_id = question.body.get("template_id")
    models = [
        _model(model_id, f"models.{place}" if len(question.models) > 1 else "model_id")
        for place, model_id in enumerate(question.models or [ask.model_id])
    ]
    known = measured(user, _subject(question.body), [model.id for model in models])
    given = Input(messages, tools=tools, schema=ask.parameters.get("response_format"))
    reader, found = Reader(user, template_id=template_id, session_id=session_id, at=at), []
    for model in models:
        history = reader.history_of(model.id)
        found.append(_of_model(model, ask, given.tokens_of(model.id), history, question, known.get(model.id), at))
    savings = savings_of(user, models, template_id=template_id, at=at, info_of=listing.info_of)
    return Estimate(question, at - timedelta(days=DAYS), at, tuple(found), savings)


async def _asked(user: User, question: Question) -> tuple[Ask, list[Message], list[Mapping[str, Any]]]:
    """What would be sent, with what is known of its files and the definitions of registered tools."""
    body = {**question.body, **({"model_id": question.models[0]} if question.models else {})}
    # As of a comparison: an estimate takes part in no split of a label.
    ask = await resolve(user, body, origin=Origin.COMPARISON)
    ask = replace(ask, request=await looked_up(user, ask.request))
    return ask, ask.messages(), await registry.defined(ask.request.get("tools", ()))


def _model(model_id: str, field: str) -> ModelInfo:
    if listing.model(model_id) is None:
        message = f"There is no provider {model_id.partition('/')[0]!r} here: GET /api/providers/status lists them."
        error = FieldError(field, "unknown_provider", message)
        raise Problem(404, "unknown_provider", message, errors=[error])
    return listing.info_of(model_id)


def _of_model(
    model: ModelInfo,
    ask: Ask,
    given: InputTokens,
    history: History,
    question: Question,
    quality: Measured | None,
    at: datetime,
) -> ModelEstimate:
    output = output_of(history, most=longest_answer(model, ask.parameters), given=question.output_tokens)
    costs = costs_of(
        model, given, output, history,
        calls_per_day=question.calls_per_day, confidence=question.confidence, at=at,
    )  # fmt: skip
    return ModelEstimate(
        model=model,
        input=given,
        output=output,
        shares=shares_of(history),
        seen=_seen(history),
        costs=costs,
        quality=quality,
        fits=model.context_window is None or given.low <= model.context_window,
        too_slow=history.too_slow,
    )


def _seen(history: History) -> SeenInput | None:
    if not history.is_of_this:
        return None
    prompts = sorted(call.prompt for call in history.calls)
    return SeenInput(len(prompts), *(quantile(prompts, share) for share in (0.1, 0.5, 0.9)))


def _subject(body: Mapping[str, Any]) -> Subject:
    if "template_id" in body:
        return Subject(template_id=body["template_id"])
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or body.get("messages") or body.get("attachments"):
        return Subject()  # tests are known by a prompt alone
    return Subject(prompt=prompt, system_prompt=body.get("system_prompt") or "")


def _cheapest(models: Sequence[ModelEstimate]) -> str | None:
    priced = [each for each in models if each.costs is not None and each.fits]
    return min(priced, key=_expected).model.id if priced else None


def _expected(each: ModelEstimate) -> float:
    return each.costs.per_call.expected if each.costs else 0.0
