"""Why a comparison did not begin: in its column where it is about one of them, else above all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.pages.answers import problem_context
from foundation.problems import Problem
from playground.engine.reservation import Reserve
from playground.pages.compare.forms import asked_by
from playground.pages.compare.presentation import ColumnView
from playground.pages.compose.affordable import OF_COST, Beside, affordable, most_of
from playground.pages.compose.forms import Compose
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.refusal import RefusalView, Sending, is_for_another_model, others_for


def context_of(
    request: HttpRequest, user: User, page: Mapping[str, Any], problem: Problem, errors: dict[str, str]
) -> dict[str, Any]:
    """What the templates read of a refusal beside the rest of the `page`; a column's own goes into its view there."""
    at_fields = bool(errors) and "" not in errors
    told = problem_context(problem, errors)
    shared: Compose = page["shared"]
    words = "" if at_fields else errors.get("") or problem.detail or problem.title
    column = _column_of(page["columns"], problem)
    if column is None:
        if at_fields and not is_for_another_model(problem):
            return told
        dearest, others = _cheaper(request, user, problem, shared, page["columns"])
        sending = Sending(request.path, "compare-form", model_field=f"{dearest.key}.model_id")
        return {**told, "refusal": RefusalView(problem, words, sending, others, column=dearest.letter)}
    if is_for_another_model(problem):
        others = others_for(user, problem, column.compose.model_id, shared.attachments)
    else:
        others = affordable(request, user, problem, asked_by(column.column, shared))
    if others or not at_fields or is_for_another_model(problem):
        sending = Sending(request.path, "compare-form", model_field=f"{column.key}.model_id")
        column.refusal = RefusalView(problem, words, sending, others)
    return told


def _cheaper(
    request: HttpRequest, user: User, problem: Problem, shared: Compose, columns: Sequence[ColumnView]
) -> tuple[ColumnView, list[ModelView]]:
    """The column that may cost or take most, and the models in whose place all columns together would be let in."""
    if problem.code not in OF_COST:
        return columns[0], []
    asked = [asked_by(each.column, shared) for each in columns]
    most = [most_of(request, user, each) for each in asked]
    at = max(range(len(columns)), key=lambda each: (most[each].cost, most[each].tokens))
    others = [each for number, each in enumerate(most) if number != at]
    beside = Reserve(sum(each.tokens for each in others), sum((each.cost for each in others), Decimal(0)))
    return columns[at], affordable(request, user, problem, asked[at], Beside(len(others), beside))


def _column_of(columns: Sequence[ColumnView], problem: Problem) -> ColumnView | None:
    at = problem.extra.get("variant")
    if at is not None:
        return next((column for column in columns if column.position == at), None)
    names = [error["field"] for error in problem.errors]
    return next((column for column in columns if any(name.startswith(f"{column.key}.") for name in names)), None)
