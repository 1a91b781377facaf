"""The playground's pages: one form, one answer, and the history of the session."""

from __future__ import annotations

import uuid
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.problems import Problem, as_problem
from playground import forms
from playground.catalogue import listing
from playground.engine.cancel import request_cancel
from playground.engine.start import start_execution
from playground.forms import EXAMPLES, Compose
from playground.models import ExecutionQuerySet, PromptExecution
from playground.presentation.execution import ExecutionView
from playground.presentation.forecast import forecast
from playground.presentation.history import HistoryFilter
from playground.presentation.model import ModelView, grouped
from playground.presentation.parameters import EFFORTS, FORMATS, parameter_rows
from sessions_app.models import PlaygroundSession

HISTORY_PAGE = 30
LOCAL = "local"
GONE = {"available": False, "unavailable_reason": "Its provider is not there any more."}
CHOICES = {"efforts": EFFORTS, "formats": FORMATS}


@require_GET
def playground(request: HttpRequest) -> HttpResponse:
    """The page; `?execution=` restores that run's form and answer, also while it is still running."""
    user = _user(request)
    shown = _execution(user, request.GET["execution"]) if "execution" in request.GET else None
    return _page(request, user, shown=shown, compose=forms.from_execution(shown) if shown else None)


@require_POST
async def run(request: HttpRequest) -> HttpResponseBase:
    """Starts a run from the form, or the same run once more (`rerun`)."""
    user = cast(User, await request.auser())
    try:
        body = await sync_to_async(_body)(request, user)
        key = request.POST.get("idempotency_key") or uuid.uuid4().hex
        started = await start_execution(user=user, body=body, idempotency_key=key)
    except (Problem, ValidationError) as error:
        return await sync_to_async(_refused)(request, user, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, user, started.id)


@require_GET
@vary_on_headers("HX-Request")
def execution(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """One run's answer as a fragment; asked for as a page, the playground with it."""
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(execution_id))
    user = _user(request)
    view = ExecutionView(_execution(user, execution_id))
    other = _other_model(view, _models(user)) if view.can_another_model_help else None
    return render(request, "playground/_execution.html", {"execution": view, "other_model": other})


@require_POST
async def cancel(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    """Asks a run to stop; its stream tells when it has."""
    user = cast(User, await request.auser())
    try:
        await request_cancel(user=user, execution_id=execution_id)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    return HttpResponse(status=204) if _is_htmx(request) else HttpResponseRedirect(_address(execution_id))


@require_GET
@vary_on_headers("HX-Request")
def history(request: HttpRequest) -> HttpResponse:
    """Runs of the session, newest first, by status and model; `?before=` is the last run of the page above."""
    user, wanted = _user(request), HistoryFilter.of(request.GET)
    runs = _runs_of(user, request.GET.get("session"))
    rows, older = _history_page(user, wanted.applied(runs), request.GET.get("before"))
    context = {"rows": rows, "older": older, "filter": wanted, "session_id": request.GET.get("session", "")}
    if not _is_htmx(request):
        return render(request, "playground/history.html", {**context, "models": wanted.models(runs), "is_page": True})
    if "before" in request.GET:
        return render(request, "playground/_history_rows.html", context)
    return render(request, "playground/_history.html", {**context, "models": wanted.models(runs)})


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """The picker's list."""
    context = {"groups": grouped(_models(_user(request))), "selected": request.GET.get("model_id", "")}
    return render(request, "playground/_models.html", context)


@require_GET
def parameters(request: HttpRequest) -> HttpResponse:
    """What the picked model is, and its parameters with the values that the form holds."""
    compose = forms.from_post(request.GET)
    model = _chosen(_models(_user(request)), compose.model_id)
    rows = parameter_rows(model, compose.parameters)
    context = {"compose": compose, "model": model, "parameters": rows, **CHOICES}
    return render(request, "playground/_picked.html", context)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _address(execution_id: UUID) -> str:
    return f"{reverse('playground')}?execution={execution_id}"


def _execution(user: User, identifier: str | UUID) -> PromptExecution:
    try:
        wanted = UUID(str(identifier))
    except ValueError as error:
        raise Http404 from error
    visible = PromptExecution.objects.visible_to(user).select_related("session")
    return get_object_or_404(visible, pk=wanted)


def _models(user: User) -> list[ModelView]:
    return [ModelView(model) for model in listing.models_for(user)]


def _chosen(found: list[ModelView], wanted: str) -> ModelView | None:
    """The wanted model, else the first that can be used."""
    if not wanted:
        return next((model for model in found if model.is_available), None)
    named = next((model for model in found if model.id == wanted), None)
    return named or ModelView(listing.model(wanted) or {**GONE, "id": wanted})


def _last_model(user: User) -> str:
    recent = PromptExecution.objects.visible_to(user).order_by("-created_at", "-id")
    return recent.values_list("model_id", flat=True).first() or ""


def _body(request: HttpRequest, user: User) -> dict[str, Any]:
    if "rerun" in request.POST:
        return forms.body_of(_execution(user, request.POST["rerun"]), model_id=request.POST.get("model_id", ""))
    return forms.body_from(forms.from_post(request.POST))


def _started(request: HttpRequest, user: User, execution_id: UUID) -> HttpResponse:
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(execution_id))
    view = ExecutionView(_execution(user, execution_id))
    context = {"execution": view, "run_key": uuid.uuid4(), "is_new": True, "fields": forms.FIELDS}
    response = render(request, "playground/_execution.html", context)
    response.headers["HX-Push-Url"] = _address(execution_id)
    return response


def _refused(request: HttpRequest, user: User, problem: Problem) -> HttpResponse:
    """The form as it was, with the reason at its field."""
    compose, errors = forms.from_post(request.POST), forms.errors_by_field(problem)
    if not _is_htmx(request):
        return _page(request, user, compose=compose, errors=errors, problem=problem)
    messages = [(field, errors.get(field, "")) for field in forms.FIELDS]
    context = {"messages_by_field": messages, "run_key": uuid.uuid4(), **_told(problem, errors)}
    page = loader.render_to_string("playground/_refused.html", context, request)
    return HttpResponse(page, status=problem.status, headers={**problem.headers, "HX-Reswap": "none"})


def _told(problem: Problem | None, errors: dict[str, str]) -> dict[str, Any]:
    """A refusal is told once: at its fields when it has any."""
    return {"problem": problem, "is_told_at_fields": bool(errors) and "" not in errors}


def _page(
    request: HttpRequest,
    user: User,
    *,
    shown: PromptExecution | None = None,
    compose: Compose | None = None,
    errors: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    found = _models(user)
    filled = compose or Compose(model_id=_last_model(user))
    model = _chosen(found, filled.model_id)
    view = ExecutionView(shown) if shown else None
    context = {
        "session": shown.session if shown else PlaygroundSession.objects.default_of(user),
        "execution": view,
        "other_model": _other_model(view, found) if view and view.can_another_model_help else None,
        "compose": filled,
        "forecast": forecast(
            model,
            texts=(filled.system_prompt, filled.prompt),
            max_tokens=filled.parameters.get("max_tokens", ""),
        ),
        "model": model,
        "groups": grouped(found),
        "parameters": parameter_rows(model, filled.parameters, forms.parameter_errors(errors or {})),
        "errors": errors or {},
        **_told(problem, errors or {}),
        "run_key": uuid.uuid4(),
        "examples": EXAMPLES,
        **CHOICES,
    }
    return render(request, "playground/index.html", context, status=problem.status if problem else 200)


def _other_model(view: ExecutionView, found: list[ModelView]) -> ModelView | None:
    """The model to offer beside Retry: the first fallback that was not asked yet, else one that runs here."""
    named = [_chosen(found, model_id) for model_id in view.fallbacks_left]
    hosted = [model for model in found if model.is_self_hosted]
    hosted.sort(key=lambda model: model.provider_slug != LOCAL)
    usable = (model for model in (*named, *hosted) if model and model.is_available and model.id != view.model_id)
    return next(usable, None)


def _runs_of(user: User, session: str | None) -> ExecutionQuerySet:
    session_id = _uuid(session) or PlaygroundSession.objects.default_of(user).id
    return PromptExecution.objects.visible_to(user).filter(session_id=session_id).order_by("-created_at", "-id")


def _history_page(user: User, runs: ExecutionQuerySet, before: str | None) -> tuple[list[ExecutionView], UUID | None]:
    if before:
        last = _execution(user, before)
        runs = runs.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id))
    found = [ExecutionView(row) for row in runs[: HISTORY_PAGE + 1]]
    rows = found[:HISTORY_PAGE]
    return rows, rows[-1].id if len(found) > HISTORY_PAGE else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
