"""Whether what somebody allows is enough for a single call: told before a worker finds out."""

from __future__ import annotations

from decimal import Decimal

from foundation.problems import FieldError, Problem, invalid
from playground.engine.ask import Ask
from playground.engine.reservation import Reserve, check_max_cost, dearest, most_of_input
from providers.catalogue.info import ModelInfo
from providers.catalogue.listing import info_of


def most_of(ask: Ask, *, in_batches: bool = False) -> Reserve:
    """What this call may need at most, at a batch's price where it goes there. An ordinary blocking call."""
    given = most_of_input(ask.messages(), ask.parameters, ask.request.get("tools", ()))
    return dearest(_model(ask, in_batches=in_batches), given=given, parameters=ask.parameters)


def check_ceiling(ask: Ask, max_cost: Decimal, field: str, *, in_batches: bool = False) -> None:
    """A 400 problem at `field` where this call could cost more than `max_cost` USD, or nobody knows what it costs."""
    model, needed = _model(ask, in_batches=in_batches), most_of(ask, in_batches=in_batches)
    try:
        check_max_cost(max_cost, model=model, needed=needed, parameters=ask.parameters)
    except Problem as problem:
        raise invalid([FieldError(field, error["code"], error["message"]) for error in problem.errors]) from None


def _model(ask: Ask, *, in_batches: bool) -> ModelInfo:
    model = info_of(ask.model_id)
    return model.in_batches() if in_batches else model
