"""The compare page: one prompt to two to six columns, their answers side by side, and which is best."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.problems import Problem, as_problem
from playground import compare_forms
from playground.catalogue import listing
from playground.compare_forms import MOST, Column, ComparisonForm
from playground.compare_serializers import ComparisonSerializer
from playground.engine import comparing
from playground.engine.cancel import request_cancel
from playground.forms import Compose
from playground.models import Comparison, PromptExecution
from playground.presentation.comparison import LETTERS, AnswerView, ColumnView, OutcomeView, marks
from playground.presentation.execution import ExecutionView
from playground.presentation.model import ModelView
from playground.presentation.parameters import EFFORTS, FORMATS
from sessions_app.models import PlaygroundSession

GONE = {"available": False, "unavailable_reason": "Its provider is not there any more."}


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


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def compare(request: HttpRequest) -> HttpResponse:
    """The page before its first run, or begun from what the query names; a POST adds, copies or removes a column."""
    user = _user(request)
    if request.method == "POST":
        form = compare_forms.edited(compare_forms.from_post(request.POST), request.POST)
        shown = _shown_by(user, form)
        if _is_htmx(request):
            return render(request, "playground/compare/_edited.html", {**_context(user, shown), "is_swap": True})
        return _page(request, user, shown)
    return _page(request, user, Shown(_begun_from(user, request.GET)))


@require_POST
async def run(request: HttpRequest) -> HttpResponseBase:
    """Starts all columns from the form."""
    user = cast(User, await request.auser())
    form = compare_forms.from_post(request.POST)
    try:
        asked = ComparisonSerializer().run_validation(compare_forms.body_from(form))
        key = request.POST.get("idempotency_key") or uuid.uuid4().hex
        started = await comparing.compare(user=user, asked=asked, idempotency_key=key)
    except (Problem, ValidationError) as error:
        return await sync_to_async(_refused)(request, user, form, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, user, form, started)


@require_GET
def comparison(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """One comparison with everything it was asked and answered, also while it runs; `?base=A` shows differences."""
    user = _user(request)
    return _page(request, user, _restored(user, comparison_id, base=request.GET.get("base", "")))


@require_GET
@vary_on_headers("HX-Request")
def column(request: HttpRequest, comparison_id: UUID, position: int) -> HttpResponse:
    """One column's answer as a fragment."""
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    answers = _answers(comparing.seen(_user(request), comparison_id))
    if position >= len(answers):
        raise Http404
    return render(request, "playground/compare/_answer.html", {"answer": answers[position]})


@require_GET
@vary_on_headers("HX-Request")
def outcome(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """Totals, marks and votes as a fragment: asked for whenever a column has ended."""
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    user = _user(request)
    shown = _restored(user, comparison_id)
    context = {"outcome": _outcome(user, shown), "answers": shown.answers, "has_marks": True}
    return render(request, "playground/compare/_outcome.html", context)


@require_GET
@vary_on_headers("HX-Request")
def difference(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """The answers with their differences from the column `?base=`; without one, as they are."""
    base = request.GET.get("base", "")
    address = _address(comparison_id, base=base)
    if not _is_htmx(request):
        return HttpResponseRedirect(address)
    user = _user(request)
    shown = _restored(user, comparison_id, base=base)
    context = {"outcome": _outcome(user, shown), "answers": shown.answers, "has_answers": True}
    response = render(request, "playground/compare/_outcome.html", context)
    response.headers["HX-Push-Url"] = address
    return response


@require_POST
async def stop(request: HttpRequest, comparison_id: UUID) -> HttpResponseBase:
    """Asks every column to stop; their streams tell when they have."""
    user = cast(User, await request.auser())
    try:
        runs = await sync_to_async(lambda: comparing.executions_of(comparing.seen(user, comparison_id)))()
        await asyncio.gather(*(request_cancel(user=user, execution_id=run.id) for run in runs))
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    return HttpResponse(status=204) if _is_htmx(request) else HttpResponseRedirect(_address(comparison_id))


@require_POST
@vary_on_headers("HX-Request")
def vote(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """Takes the reader's vote; no execution is a tie."""
    user, wanted = _user(request), request.POST.get("execution_id", "")
    base = request.POST.get("base", "")
    try:
        comparing.vote(user=user, comparison_id=comparison_id, execution_id=_uuid(wanted) if wanted else None)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id, base=base))
    shown = _restored(user, comparison_id, base=base)
    return render(request, "playground/compare/_outcome.html", {"outcome": _outcome(user, shown)})


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _address(comparison_id: UUID, *, base: str = "") -> str:
    query = f"?base={base}" if base and base in LETTERS else ""
    return reverse("comparison", args=[comparison_id]) + query


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _begun_from(user: User, query: Mapping[str, str]) -> ComparisonForm:
    """An empty form, or one that holds what a run, a comparison or a template's version would send."""
    if "execution" in query:
        visible = PromptExecution.objects.visible_to(user)
        found = compare_forms.from_executions([get_object_or_404(visible, pk=_uuid(query["execution"]))])
        return replace(found, columns=[replace(found.columns[0], execution_id=""), Column()])
    if "comparison" in query:
        found = compare_forms.from_executions(_runs(user, _uuid(query["comparison"])))
        return replace(found, columns=[replace(each, execution_id="") for each in found.columns])
    recent = PromptExecution.objects.visible_to(user).order_by("-created_at", "-id")
    last = recent.values_list("model_id", flat=True).first() or ""
    return ComparisonForm(columns=[Column(Compose(model_id=last)), Column()])


def _runs(user: User, comparison_id: UUID) -> list[PromptExecution]:
    return comparing.executions_of(_seen(user, comparison_id))


def _seen(user: User, comparison_id: UUID) -> Comparison:
    return get_object_or_404(Comparison.objects.visible_to(user).select_related("session"), pk=comparison_id)


def _answers(found: Comparison, *, base: str = "") -> list[AnswerView]:
    views = [ExecutionView(run) for run in comparing.executions_of(found)]
    marked = marks(views)
    at = LETTERS.find(base) if len(base) == 1 else -1
    chosen = views[at] if 0 <= at < len(views) and not any(view.is_live for view in views) else None
    return [
        AnswerView(found.id, number, view, chosen, max(at, 0), marked[view.id]) for number, view in enumerate(views)
    ]


def _restored(user: User, comparison_id: UUID, *, base: str = "") -> Shown:
    found = _seen(user, comparison_id)
    answers = _answers(found, base=base)
    form = compare_forms.from_executions([answer.execution.execution for answer in answers])
    return Shown(replace(form, comparison_id=str(found.id), session_id=str(found.session_id)), found, answers)


def _shown_by(user: User, form: ComparisonForm) -> Shown:
    """What a form that was sent shows: the comparison that it names, when its sender may see it."""
    if not form.comparison_id:
        return Shown(form)
    found = _seen(user, _uuid(form.comparison_id))
    return Shown(form, found, _answers(found))


def _outcome(user: User, shown: Shown) -> OutcomeView | None:
    if shown.comparison is None:
        return None
    return OutcomeView(shown.comparison, shown.answers, comparing.votes_json(shown.comparison, user))


def _started(request: HttpRequest, user: User, form: ComparisonForm, comparison_id: UUID) -> HttpResponse:
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    found = _seen(user, comparison_id)
    answers = _answers(found)
    columns = [
        replace(each, execution_id=str(answer.execution.id))
        for each, answer in zip(form.columns, answers, strict=False)
    ]
    shown = Shown(replace(form, columns=columns, comparison_id=str(comparison_id)), found, answers)
    context = {**_context(user, shown), "is_new": True, "is_swap": True}
    response = render(request, "playground/compare/_started.html", context)
    response.headers["HX-Push-Url"] = _address(comparison_id)
    return response


def _refused(request: HttpRequest, user: User, form: ComparisonForm, problem: Problem) -> HttpResponse:
    """The form as it was, with the reason at its field."""
    errors = compare_forms.errors_by_field(problem, form)
    if not _is_htmx(request):
        return _page(request, user, _shown_by(user, form), errors=errors, problem=problem)
    messages = [(field, errors.get(field, "")) for field in form.fields]
    context = {"messages_by_field": messages, "run_key": uuid.uuid4(), **_told(problem, errors)}
    page = loader.render_to_string("playground/_refused.html", context, request)
    return HttpResponse(page, status=problem.status, headers={**problem.headers, "HX-Reswap": "none"})


def _told(problem: Problem | None, errors: dict[str, str]) -> dict[str, Any]:
    """A refusal is told once: at its fields when it has any."""
    return {"problem": problem, "is_told_at_fields": bool(errors) and "" not in errors}


def _page(
    request: HttpRequest,
    user: User,
    shown: Shown,
    *,
    errors: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    context = {**_context(user, shown, errors or {}), **_told(problem, errors or {})}
    return render(request, "playground/compare/index.html", context, status=problem.status if problem else 200)


def _context(user: User, shown: Shown, errors: dict[str, str] | None = None) -> dict[str, Any]:
    found = [ModelView(model) for model in listing.models_for(user)]
    session = shown.comparison.session if shown.comparison else PlaygroundSession.objects.default_of(user)
    can_run = shown.comparison is None or PlaygroundSession.objects.editable_by(user).filter(pk=session.pk).exists()
    return {
        "session": session,
        "form": shown.form,
        "comparison": shown.comparison,
        "can_run": can_run,
        "columns": _columns(shown, found, errors or {}),
        "can_add": len(shown.form.columns) < MOST,
        "can_remove": len(shown.form.columns) > compare_forms.FEWEST,
        "is_edited": shown.comparison is not None and shown.is_edited,
        "outcome": _outcome(user, shown),
        "errors": errors or {},
        "models": found,
        "run_key": uuid.uuid4(),
        "efforts": EFFORTS,
        "formats": FORMATS,
    }


def _columns(shown: Shown, found: list[ModelView], errors: dict[str, str]) -> list[ColumnView]:
    answers = {str(answer.execution.id): answer for answer in shown.answers}
    views: list[ColumnView] = []
    for number, each in enumerate(shown.form.columns):
        model = _chosen(found, each.compose.model_id, taken={view.model.id for view in views if view.model})
        answer = answers.get(each.execution_id)
        views.append(ColumnView(number, each, model=model, errors=errors, answer=answer))
    return views


def _chosen(found: list[ModelView], wanted: str, *, taken: set[str]) -> ModelView | None:
    """The wanted model; without a wish, the first usable one that no other column has."""
    if wanted:
        named = next((model for model in found if model.id == wanted), None)
        return named or ModelView(listing.model(wanted) or {**GONE, "id": wanted})
    usable = [model for model in found if model.is_available]
    return next((model for model in usable if model.id not in taken), usable[0] if usable else None)
