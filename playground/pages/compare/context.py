"""What the compare page shows: which form, which comparison behind it, and everything that its templates read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from playground import comparing
from playground.models import Comparison, PromptExecution
from playground.pages.compare import forms
from playground.pages.compare.forms import FEWEST, MOST, Column, ComparisonForm
from playground.pages.compare.presentation import LETTERS, AnswerView, ColumnView, OutcomeView
from playground.pages.compare.templates import form_of_versions, versions_of_columns
from playground.pages.compose import beginning, forecasting, source
from playground.pages.presentation.attachments import reasons, views_of
from playground.pages.presentation.choosing import likeliest, offer_others
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.model import GONE, ModelView
from playground.pages.presentation.parameters import EFFORTS, FORMATS
from playground.pages.presentation.tools import tool_choices
from playground.pages.presentation.variables import fields_of
from providers.catalogue import listing
from sessions_app.models import PlaygroundSession


@dataclass(frozen=True)
class Shown:
    """What the page shows: the form, with the comparison behind it and the answers that its columns keep."""

    form: ComparisonForm
    comparison: Comparison | None = None
    answers: Sequence[AnswerView] = ()
    base: str = ""

    @property
    def is_edited(self) -> bool:
        """Whether the columns are not those that were run."""
        return [column.execution_id for column in self.form.columns] != [
            str(each.execution.id) for each in self.answers
        ]


def uuid_of(text: str) -> UUID:
    """The id that an address or a form names; raises Http404."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def begun_from(user: User, query: Mapping[str, str], numbers: Sequence[str] = ()) -> ComparisonForm:
    """An empty form, or one that holds what a run, a comparison or a template's version would send; of several
    versions (`numbers`) each in a column of its own.
    """
    if "execution" in query:
        visible = PromptExecution.objects.visible_to(user)
        found = _form_of(user, [get_object_or_404(visible, pk=uuid_of(query["execution"]))])
        return replace(found, columns=[replace(found.columns[0], execution_id=""), Column()])
    if "comparison" in query:
        found = _form_of(user, comparing.executions_of(seen(user, uuid_of(query["comparison"]))))
        return replace(found, columns=[replace(each, execution_id="") for each in found.columns])
    if "template" in query and len(numbers) > 1:
        form = form_of_versions(user, query["template"], numbers)
    else:
        form = forms.from_template(source.compose_of(query, user)) if "template" in query else ComparisonForm()
    last = beginning.of_person(user)[0] or beginning.last_model(user)
    # Versions are compared on one model; else the other columns begin with models of their own.
    for column in form.columns if len(numbers) > 1 else form.columns[:1]:
        column.compose.model_id = column.compose.model_id or last
    return form


def _form_of(user: User, runs: Sequence[PromptExecution]) -> ComparisonForm:
    return forms.from_executions([(each, source.version_of(each, user)) for each in runs])


def seen(user: User, comparison_id: UUID) -> Comparison:
    """The comparison with its session; raises Http404 for strangers."""
    return get_object_or_404(Comparison.objects.visible_to(user).select_related("session"), pk=comparison_id)


def answers_of(user: User, found: Comparison, *, base: str = "") -> list[AnswerView]:
    """The answers in their order; those of ended runs told apart from the column `base`, a letter."""
    views = [ExecutionView(run) for run in comparing.executions_of(found)]
    offer_others(views, user)
    at = LETTERS.find(base) if len(base) == 1 else -1
    chosen = views[at] if 0 <= at < len(views) and not any(view.is_live for view in views) else None
    return [AnswerView(found.id, number, view, chosen, max(at, 0)) for number, view in enumerate(views)]


def restored(user: User, comparison_id: UUID, *, base: str = "") -> Shown:
    """The comparison with the form that would run it again."""
    found = seen(user, comparison_id)
    answers = answers_of(user, found, base=base)
    form = _form_of(user, [answer.execution.execution for answer in answers])
    shared = replace(form.shared, session_id=str(found.session_id))
    return Shown(replace(form, shared=shared, comparison_id=str(found.id)), found, answers)


def shown_by(user: User, form: ComparisonForm) -> Shown:
    """What a form that was sent shows: the comparison that it names, when its sender may see it."""
    if not form.comparison_id:
        return Shown(form)
    found = seen(user, uuid_of(form.comparison_id))
    return Shown(form, found, answers_of(user, found))


def outcome_of(user: User, shown: Shown) -> OutcomeView | None:
    """What came out of all columns; None before a run."""
    if shown.comparison is None:
        return None
    found = shown.comparison
    may_name = PlaygroundSession.objects.editable_by(user).filter(pk=found.session_id).exists()
    voters = comparing.voters_of(found)
    return OutcomeView(found, shown.answers, comparing.votes_json(found, user), voters=voters, may_name=may_name)


def context_of(user: User, shown: Shown, errors: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything that the templates read; `errors` by field."""
    found = [ModelView(model) for model in listing.models_for(user)]
    columns = _columns(user, shown, found, errors or {})
    content = source.content_in(shown.form.shared, user)
    session = shown.comparison.session if shown.comparison else PlaygroundSession.objects.default_of(user)
    can_run = shown.comparison is None or PlaygroundSession.objects.editable_by(user).filter(pk=session.pk).exists()
    return {
        "session": session,
        "form": shown.form,
        "shared": shown.form.shared,
        "template": source.template_context(shown.form.shared, content),
        "variables": fields_of(shown.form.shared, content, errors),
        "tools": tool_choices(shown.form.shared.tools),
        "attachments": views_of(shown.form.shared.attachments, [column.model for column in columns]),
        "comparison": shown.comparison,
        "can_run": can_run,
        "columns": columns,
        "can_add": len(shown.form.columns) < MOST,
        "can_remove": len(shown.form.columns) > FEWEST,
        "is_edited": shown.comparison is not None and shown.is_edited,
        "outcome": outcome_of(user, shown),
        "errors": errors or {},
        "models": found,
        "run_key": uuid.uuid4(),
        "forecast": forecast_of(user, shown.form),
        "efforts": EFFORTS,
        "formats": FORMATS,
    }


def _columns(user: User, shown: Shown, found: list[ModelView], errors: dict[str, str]) -> list[ColumnView]:
    versions = versions_of_columns(user, shown.form)
    is_open = any(not each.compose.model_id for each in shown.form.columns)
    free = likeliest(found) if is_open else []
    answers = {str(answer.execution.id): answer for answer in shown.answers}
    views: list[ColumnView] = []
    for number, each in enumerate(shown.form.columns):
        model = _chosen(found, each.compose.model_id, free=free, taken={view.model.id for view in views if view.model})
        answer = answers.get(each.execution_id)
        refusals = reasons(shown.form.shared.attachments, model)
        view = ColumnView(number, each, model=model, errors=errors, answer=answer, refusals=refusals)
        view.version = versions[number]
        views.append(view)
    return views


def _chosen(found: list[ModelView], wanted: str, *, free: list[ModelView], taken: set[str]) -> ModelView | None:
    """The wanted model; without a wish, the first of the `free` ones that no other column has."""
    if wanted:
        named = next((model for model in found if model.id == wanted), None)
        return named or ModelView(listing.model(wanted) or {**GONE, "id": wanted})
    return next((model for model in free if model.id not in taken), free[0] if free else None)


def forecast_of(user: User, form: ComparisonForm) -> str:
    """What each column comes to, by its letter; nothing while all are empty."""
    found = [ModelView(model) for model in listing.models_for(user)]
    content = source.content_in(form.shared, user)
    told: list[str] = []
    for number, each in enumerate(form.columns):
        asked = forms.asked_by(each, form.shared)
        model = _chosen(found, asked.model_id, free=[], taken=set()) if asked.model_id else None
        info = listing.info_of(asked.model_id)
        one = async_to_sync(forecasting.told)(user, asked, None if each.has_own_prompt else content, model, info)
        told += [f"{LETTERS[number]}: {one}"] if str(one) else []
    return " · ".join(told)
