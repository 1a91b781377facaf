"""Why a comparison did not begin: in its column where it is about one of them, else above all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.pages.answers import problem_context
from foundation.problems import Problem
from playground.pages.compare.presentation import ColumnView
from playground.pages.presentation.refusal import RefusalView, Sending, is_for_another_model, others_for


def context_of(
    request: HttpRequest, user: User, page: Mapping[str, Any], problem: Problem, errors: dict[str, str]
) -> dict[str, Any]:
    """What the templates read of a refusal beside the rest of the `page`; a column's own goes into its view there."""
    at_fields = bool(errors) and "" not in errors
    told = problem_context(problem, errors)
    if at_fields and not is_for_another_model(problem):
        return told
    words = "" if at_fields else errors.get("") or problem.detail or problem.title
    column = _column_of(page["columns"], problem)
    if column is None:
        return {**told, "refusal": RefusalView(problem, words, Sending(request.path, "compare-form"))}
    others = others_for(user, problem, column.compose.model_id, page["shared"].attachments)
    sending = Sending(request.path, "compare-form", model_field=f"{column.key}.model_id")
    column.refusal = RefusalView(problem, words, sending, others)
    return told


def _column_of(columns: Sequence[ColumnView], problem: Problem) -> ColumnView | None:
    at = problem.extra.get("variant")
    if at is not None:
        return next((column for column in columns if column.position == at), None)
    names = [error["field"] for error in problem.errors]
    return next((column for column in columns if any(name.startswith(f"{column.key}.") for name in names)), None)
