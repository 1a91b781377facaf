"""Models that would be let in where the chosen one is refused for what it may cost or take of a limit, be that one of
an installation or the run's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from foundation.problems import Problem
from playground.engine.ask import Ask
from playground.engine.confirmation import estimate_of
from playground.engine.reservation import Reserve, dearest, most_of_input
from playground.models import PromptExecution
from playground.pages.compose import forms, reply, source
from playground.pages.compose.forecasting import as_asked
from playground.pages.compose.forms import Compose
from playground.pages.presentation.attachments import reasons
from playground.pages.presentation.choosing import MOST_OTHERS, likeliest
from playground.pages.presentation.forecast import between
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.refusal import is_over_its_own
from playground.usage.answers import usual_answer
from playground.usage.forecast import forecast_of, together
from providers.catalogue import listing
from providers.catalogue.info import ModelInfo
from providers.tokenizing.input_tokens import Input
from quotas.ledger.refusal import has_room
from quotas.ledger.standing import standings_of
from sessions_app.access import place_to_run_in
from sessions_app.models import PlaygroundSession

OF_COST: Final = frozenset({"quota_exceeded", "cost_confirmation_required"})
"""Refusals that a cheaper model may pass."""
LOOKED_AT: Final = 40
"""Models by their price, the cheapest first; those that are offered are among them."""
Fits = Callable[[ModelInfo], bool]


@dataclass(frozen=True)
class Beside:
    """What is asked in one go with it, and stays as it is: the other columns of a comparison."""

    runs: int = 0
    most: Reserve = field(default_factory=Reserve)


ALONE: Final = Beside()


@dataclass
class Sent:
    """What is asked, ready to be held against any model."""

    asks: Sequence[Ask]
    inputs: Sequence[Input]
    times: int
    """How often all of it is asked."""

    @cached_property
    def _given(self) -> list[int]:
        """Tokens that the inputs may be billed as."""
        return [most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ())) for ask in self.asks]

    @property
    def runs(self) -> int:
        """How many runs it is."""
        return len(self.asks) * self.times

    @property
    def needs_tools(self) -> bool:
        """Whether a model without tools would be asked something else."""
        return any(ask.request.get("tools") for ask in self.asks)

    def most(self, model: ModelInfo) -> Reserve:
        """Tokens and USD that this model may need for all of it."""
        each = self._most_of_each(model)
        cost = sum((one.cost for one in each), Decimal(0))
        return Reserve(sum(one.tokens for one in each) * self.times, cost * self.times)

    def is_within_its_own(self, model: ModelInfo) -> bool:
        """Whether no run could cost more with this model than its `max_cost` allows."""
        return all(
            ask.max_cost is None or most.cost <= ask.max_cost
            for ask, most in zip(self.asks, self._most_of_each(model), strict=True)
        )

    def _most_of_each(self, model: ModelInfo) -> list[Reserve]:
        return [
            dearest(model, given=given, parameters=ask.parameters)
            for ask, given in zip(self.asks, self._given, strict=True)
        ]

    def has_room_in(self, model: ModelInfo) -> bool:
        """Whether each input is within the model's window, where that is known."""
        return model.context_window is None or all(
            given.tokens_of(model.id).tokens <= model.context_window for given in self.inputs
        )

    def told(self, model: ModelInfo, usual: int | None) -> str:
        """Between what all of it may cost, as a forecast has it; empty where a price is unknown."""
        found = together(
            forecast_of(model, given, ask.parameters, usual_answer=usual)
            for ask, given in zip(self.asks, self.inputs, strict=True)
        )
        return between(found.cost.times(self.times)) if found.cost else ""


def affordable(
    request: HttpRequest, user: User, problem: Problem, compose: Compose, beside: Beside = ALONE
) -> list[ModelView]:
    """The cheapest that `user` may choose, that take what is sent and that would be let in, each with its `estimate`;
    none whose price is unknown, and none where it is another refusal.

    Blocks while a tokenizer reads the texts.
    """
    if problem.code not in OF_COST and not is_over_its_own(problem):
        return []
    compose = _whole(request, user, compose)
    sent, parts = _sent(request, user, compose), compose.attachments
    if not sent.asks:
        return []
    fits = _fits(user, problem, compose, sent, beside)
    models = [
        model
        for model in likeliest(ModelView(row) for row in listing.models_for(user))
        if model.id != compose.model_id and model.has_price and not reasons(parts, model)
        if not sent.needs_tools or not model.capabilities or "tools" in model.capabilities
    ]
    models.sort(key=lambda model: (model.output_price or Decimal(0), model.input_price or Decimal(0)))
    known = listing.infos_of(model.id for model in models[:LOOKED_AT])
    found = list[tuple[Decimal, ModelView]]()
    for model in models[:LOOKED_AT]:
        info = known[model.id]
        if fits(info) and sent.is_within_its_own(info) and sent.has_room_in(info):
            model.estimate = model.price if model.is_free else sent.told(info, usual_answer(user, model.id))
            found.append((sent.most(info).cost, model))
    return [model for _, model in sorted(found, key=lambda each: each[0])][:MOST_OTHERS]


def most_of(request: HttpRequest, user: User, compose: Compose) -> Reserve:
    """Tokens and USD that the form's runs may need with the form's own model; USD 0 where its price is unknown."""
    return _sent(request, user, compose).most(listing.info_of(compose.model_id))


def _fits(user: User, problem: Problem, compose: Compose, sent: Sent, beside: Beside) -> Fits:
    if is_over_its_own(problem):
        return sent.is_within_its_own
    if estimate := estimate_of(problem):
        limit = Decimal(str(estimate["confirm_above"]))
        # An attempt at a fallback is confirmed as well.
        others = {model_id for ask in sent.asks for model_id in ask.parameters.get("fallback_models", ())}
        after = max((sent.most(info).cost for info in listing.infos_of(others).values()), default=Decimal(0))
        return lambda info: max(sent.most(info).cost, after) + beside.most.cost <= limit
    session_id = UUID(compose.session_id) if compose.session_id else None
    place = async_to_sync(place_to_run_in)(user, session_id)
    standings = standings_of(user_id=user.id, project_id=place.project_id)

    def has_room_for(info: ModelInfo) -> bool:
        most = sent.most(info)
        return has_room(
            standings,
            runs=sent.runs + beside.runs,
            tokens=most.tokens + beside.most.tokens,
            cost=most.cost + beside.most.cost,
        )

    return has_room_for


def _sent(request: HttpRequest, user: User, compose: Compose) -> Sent:
    is_repeated = request.path == reverse("repeats") and compose.times.isdecimal()
    content = source.content_in(compose, user)
    rows = compose.rows or [compose.variables]
    asks, inputs = async_to_sync(as_asked)(user, [replace(compose, rows=[], variables=row) for row in rows], content)
    return Sent(asks, inputs, int(compose.times) if is_repeated else 1)


def _whole(request: HttpRequest, user: User, compose: Compose) -> Compose:
    """The form that would ask the same: of the run that is asked once more, or gone on with, what it holds."""
    named = request.POST.get("rerun") or request.POST.get("reply_to")
    if not named:
        return compose
    run = _run(user, named)
    if run is None:
        return compose
    if reply.is_reply(request.POST):
        beside = compose if compose.model_id else forms.from_execution(run)
        said = request.POST.get("reply", "").replace("\r\n", "\n")
        return replace(beside, prompt=said, parent_id=str(run.id), attachments=[], template_id="", session_id="")
    again = forms.from_execution(run, source.version_of(run, user))
    if "edited_prompt" in request.POST:
        again = replace(again, prompt=request.POST["edited_prompt"], template_id="")
    model_id = request.POST.get("model_id") or again.model_id
    may_run_there = PlaygroundSession.objects.editable_by(user).filter(id=run.session_id).exists()
    return replace(again, model_id=model_id, session_id=str(run.session_id) if may_run_there else "")


def _run(user: User, named: str) -> PromptExecution | None:
    try:
        return PromptExecution.objects.visible_to(user).filter(pk=UUID(named)).first()
    except ValueError:
        return None
