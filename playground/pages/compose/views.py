"""The playground's pages: one form, one answer, and the history of the session."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx, problem_context, user_of
from foundation import json_values
from foundation.problems import FieldError, Problem, as_problem, invalid
from playground import executing, replay
from playground import together as wholes
from playground.bodies.execution import check
from playground.bodies.resolve import resolve
from playground.feedback import thumb_of
from playground.models import Origin, PromptExecution
from playground.pages.compose import beginning, files, forecasting, forms, refusals, reply, source, sources
from playground.pages.compose.beginning import chosen
from playground.pages.compose.forms import EXAMPLES, Compose
from playground.pages.presentation.attachments import views_of
from playground.pages.presentation.choosing import offer_others, with_rests
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.forecast import ForecastView
from playground.pages.presentation.model import ModelView, grouped
from playground.pages.presentation.parameters import EFFORTS, FORMATS, parameter_rows
from playground.pages.presentation.rows import RowsView
from playground.pages.presentation.thread import thread_of
from playground.pages.presentation.tools import tool_choices
from playground.pages.presentation.variables import table_of
from playground.together import Kind, noted
from providers.catalogue import listing
from sessions_app.models import PlaygroundSession
from templates_app.content import Content

SESSIONS_LISTED = 12
CHOICES = {"efforts": EFFORTS, "formats": FORMATS}


@require_GET
def playground(request: HttpRequest) -> HttpResponse:
    """The page. `?execution=` restores that run's form and answer, also while it is still running, `?repeat=`, `?rows=`
    those of several; `?continue=` goes on from a run, `?template=` (`&version=`, `&label=`), `?model=` and `?session=`
    begin with these.
    """
    user, asked = user_of(request), request.GET
    if "execution" in asked:
        shown = _execution(user, asked["execution"])
        return _page(request, user, shown=shown, compose=forms.from_execution(shown, source.version_of(shown, user)))
    for kind in ("repeat", "rows"):
        if kind in asked:
            return _page(request, user, together=_together(user, asked[kind]))
    if "continue" in asked:
        shown = _execution(user, asked["continue"])
        compose = forms.from_execution(shown, source.version_of(shown, user))
        return _page(request, user, shown=shown, compose=compose, is_continued=True)
    if "template" in asked:
        return _page(request, user, compose=source.compose_of(asked, user))
    return _page(request, user, compose=beginning.new_form(user, _models(user), model_id=asked.get("model", "")))


@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """The page with a template's version, and the values and the model that were sent for it: in no address, since they
    may be private.
    """
    user = user_of(request)
    compose = forms.from_post(request.POST.dict())
    if not compose.template_id:
        return HttpResponseRedirect(reverse("playground"))
    return _page(request, user, compose=source.with_its_texts(compose, user))


@require_POST
async def run(request: HttpRequest) -> HttpResponseBase:
    """Starts a run from the form, or the same run once more (`rerun`)."""
    user = cast(User, await request.auser())
    try:
        key = request.POST.get("idempotency_key") or uuid.uuid4().hex
        if "rerun" in request.POST:
            execution_id = await _again(request, user, key)
        elif reply.is_reply(request.POST):
            execution_id = await _reply(request, user, key)
        else:
            asked = await sync_to_async(asked_of)(request, user)
            claim = executing.claim_of(user, key, asked, route="stream")
            execution_id = await executing.begin(await resolve(user, asked, origin=Origin.PERSON), claim=claim)
    except (Problem, ValidationError) as error:
        return await sync_to_async(refused)(request, user, cast(Problem, as_problem(error)))
    return await sync_to_async(started)(request, user, execution_id)


@require_GET
@vary_on_headers("HX-Request")
def execution(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """One run's answer as a fragment; asked for as a page, the playground with it."""
    if not is_htmx(request):
        return HttpResponseRedirect(_address(execution_id))
    user = user_of(request)
    return render(request, "playground/_execution.html", _answer(_execution(user, execution_id), user))


@require_POST
async def cancel(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    """Asks a run to stop; its stream tells when it has."""
    user = cast(User, await request.auser())
    try:
        await executing.cancel(user=user, execution_id=execution_id)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    return HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect(_address(execution_id))


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """The list of models, of which the page's script marks the chosen ones."""
    return render(request, "playground/_models.html", {"groups": grouped(with_rests(_models(user_of(request))))})


@require_GET
def parameters(request: HttpRequest) -> HttpResponse:
    """What the picked model is, and its parameters with the values that the form holds.

    For a draft (`restores`) another model where that one is gone.
    """
    user, compose = user_of(request), forms.from_post(request.GET.dict())
    found, wanted = _models(user), compose.model_id
    model = beginning.instead_of(user, wanted, found) if "restores" in request.GET else chosen(found, wanted)
    rows = parameter_rows(model, compose.parameters)
    context = {"compose": compose, "model": model, "models_known": len(found), "parameters": rows, **CHOICES}
    return render(request, "playground/_picked.html", context)


@require_POST
def forecast(request: HttpRequest) -> HttpResponse:
    """What the form, as it is typed, comes to; a template's page sends values alone, and repeats nothing."""
    user = user_of(request)
    compose = _whole(request, user)
    if "prompt" not in request.POST:
        compose = replace(compose, times="")
    model = chosen(_models(user), compose.model_id)
    told = _forecast(user, compose, source.content_in(compose, user), model)
    return render(request, "playground/_forecast.html", {"forecast": told})


def _forecast(
    user: User, compose: Compose, content: Content | None, model: ModelView | None, *, is_rough: bool = False
) -> ForecastView:
    info = listing.info_of(compose.model_id)
    told: ForecastView = async_to_sync(forecasting.told)(user, compose, content, model, info, is_rough=is_rough)
    return told


def _address(execution_id: UUID) -> str:
    return f"{reverse('playground')}?execution={execution_id}"


def _execution(user: User, identifier: str | UUID) -> PromptExecution:
    try:
        wanted = UUID(str(identifier))
    except ValueError as error:
        raise Http404 from error
    seen = PromptExecution.objects.visible_to(user).select_related("session", "template_version")
    return get_object_or_404(seen, pk=wanted)


def _together(user: User, whole: str) -> list[PromptExecution]:
    wanted = _uuid(whole)
    found = wholes.executions_of(user, wanted) if wanted else []
    if not found:
        raise Http404
    return found


def _models(user: User) -> list[ModelView]:
    return [ModelView(model) for model in listing.models_for(user)]


def asked_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """The checked body of the form that was sent; raises Problem and ValidationError."""
    compose = sent(request, user)
    body = forms.body_from(compose, source.content_in(compose, user))
    json_values.check(body)
    return check(body)


def sent(request: HttpRequest, user: User) -> Compose:
    """The form as it was sent; files that came with it, where no script had uploaded them before, are kept now."""
    compose = _whole(request, user)
    # A refusal shows the form with what was kept.
    request.compose = compose  # type: ignore[attr-defined]
    files.keep(request, user, compose)
    return compose


def _whole(request: HttpRequest, user: User) -> Compose:
    compose = forms.from_post(request.POST.dict())
    if compose.template_id and "prompt" not in request.POST:
        return source.with_its_texts(compose, user)
    return compose


async def _reply(request: HttpRequest, user: User, key: str) -> UUID:
    said = await sync_to_async(reply.read)(request, user)
    claim = executing.claim_of(user, key, said.claimed, route="reply")
    ask = await resolve(user, said.body, origin=Origin.PERSON)
    return await executing.begin(said.continuation.ask_of(ask), claim=claim)


async def _again(request: HttpRequest, user: User, key: str) -> UUID:
    execution = await sync_to_async(_execution)(user, request.POST["rerun"])
    changes = forms.changes_for(execution, model_id=request.POST.get("model_id", ""))
    if "edited_prompt" in request.POST:
        prompt = request.POST["edited_prompt"].replace("\r\n", "\n")
        if not prompt.strip():
            raise invalid([FieldError("prompt", "required", "There is no prompt: an edited turn asks something.")])
        changes = {**changes, "prompt": prompt}
    if request.POST.get("confirm_cost") == "true":
        changes = {**changes, "confirm_cost": True}
    repeat = await replay.repeat_of(user=user, execution_id=execution.id, changes=changes)
    ask = await resolve(user, check(repeat.body), origin=Origin.PERSON)
    claim = executing.claim_of(user, key, repeat.claimed, route="replay")
    return await executing.begin(replay.ask_of(repeat, ask), claim=claim)


def _view(execution: PromptExecution, user: User) -> ExecutionView:
    view = ExecutionView(execution, thread=thread_of(execution))
    view.thumb = thumb_of(execution, user)
    offer_others([view], user)
    return view


def _answer(execution: PromptExecution, user: User) -> dict[str, Any]:
    """What `_execution.html` needs; a quick run may have ended before it is shown for the first time."""
    return {"execution": _view(execution, user)}


def started(request: HttpRequest, user: User, execution_id: UUID) -> HttpResponse:
    """The answer of a run that has just begun."""
    if not is_htmx(request):
        return HttpResponseRedirect(_address(execution_id))
    if refusals.has_left_its_session(request):
        return HttpResponseClientRedirect(_address(execution_id))
    answer = _answer(_execution(user, execution_id), user)
    context = {**answer, "run_key": uuid.uuid4(), "is_new": True, "fields": forms.FIELDS}
    if refusals.is_in_place(request):
        context["fields"] = refusals.fields_in_place(request)
        return render(request, "playground/_execution.html", context)
    response = render(request, "playground/_execution.html", context)
    response.headers["HX-Push-Url"] = _address(execution_id)
    return response


def refused(request: HttpRequest, user: User, problem: Problem, *, run_id: UUID | None = None) -> HttpResponse:
    """The form as it was, with the reason at its field, or where the answer would stand; `run_id`: the run that was to
    be gone on with.
    """
    compose: Compose = getattr(request, "compose", None) or forms.from_post(request.POST.dict())
    if is_htmx(request):
        return refusals.answer(request, user, problem, compose)
    named = run_id or request.POST.get("rerun") or request.POST.get("reply_to")
    if not named:
        return _page(request, user, compose=compose, errors=forms.errors_by_field(problem), problem=problem)
    # A turn of what is shown, or that once more: it is shown again.
    shown = _execution(user, named)
    compose = forms.from_execution(shown, source.version_of(shown, user))
    is_reply = reply.is_reply(request.POST)
    errors = refusals.reply_errors(problem) if is_reply else {"": _told(problem)}
    return _page(request, user, shown=shown, compose=compose, errors=errors, problem=problem, is_continued=is_reply)


def _told(problem: Problem) -> str:
    return " ".join(error["message"] for error in problem.errors) or problem.detail or problem.title


def _page(
    request: HttpRequest,
    user: User,
    *,
    shown: PromptExecution | None = None,
    together: list[PromptExecution] | None = None,
    compose: Compose | None = None,
    errors: dict[str, str] | None = None,
    problem: Problem | None = None,
    is_continued: bool = False,
) -> HttpResponse:
    found, told = _models(user), errors or {}
    first = together[0] if together else None
    filled = compose or _compose_of(together or [], user)
    session = _session(request, user, shown or first, filled)
    context = {
        **_place(request, user, session, filled, found),
        **_composed(user, filled, chosen(found, filled.model_id), told),
        **_answered(user, shown, together or []),
        "is_prefilled": "template" in request.GET or request.path == reverse("playground-open"),
        "is_continued": is_continued,
        "models_known": len(found),
        "groups": grouped(found),
        "errors": told,
        **problem_context(problem, told),
        "refusal": refusals.view_of(request, user, problem, filled, told) if problem else None,
        "run_key": uuid.uuid4(),
        "examples": EXAMPLES,
        **CHOICES,
    }
    return render(request, "playground/index.html", context, status=problem.status if problem else 200)


def _compose_of(together: list[PromptExecution], user: User) -> Compose:
    """The form as it was for several runs; an empty one for none."""
    if not together:
        return Compose()
    version = source.version_of(together[0], user)
    if noted(together[0], Kind.REPETITION):
        return forms.from_repetition(together[0], version)
    return forms.from_rows(together, version)


def _place(
    request: HttpRequest, user: User, session: PlaygroundSession, filled: Compose, found: list[ModelView]
) -> dict[str, Any]:
    """Where the next run goes; a form without a model is given the one that is used there."""
    project = None
    if not filled.model_id:
        project = sources.project_of(request, session)
        filled.model_id = beginning.first_there(
            found,
            beginning.last_model(user, session),
            sources.model_of(project, found),
            beginning.last_model(user),
        )
    return {
        "session": session,
        "has_run": bool(session.execution_count) or PromptExecution.objects.filter(session=session).exists(),
        "has_sources": sources.are_there(session),
        "project_note": sources.note_of(project, filled.model_id, found),
        "sessions": _recent_sessions(user),
    }


def _composed(user: User, filled: Compose, model: ModelView | None, errors: dict[str, str]) -> dict[str, Any]:
    """The form with what was typed into it, and what that may cost."""
    content = source.content_in(filled, user)
    return {
        "compose": filled,
        "template": source.template_context(filled, content),
        **table_of(filled, content, errors),
        # The page does not wait for a tokenizer; its script asks again.
        "forecast": _forecast(user, filled, content, model, is_rough=True),
        "model": model,
        "tools": tool_choices(filled.tools),
        "attachments": views_of(filled.attachments, [model]),
        "parameters": parameter_rows(model, filled.parameters, forms.parameter_errors(errors)),
    }


def _answered(user: User, shown: PromptExecution | None, together: list[PromptExecution]) -> dict[str, Any]:
    """What stands beside the form: one run, a repetition, or the rows of a table."""
    repetition = noted(together[0], Kind.REPETITION) if together else None
    return {
        "execution": _view(shown, user) if shown else None,
        "repetition": repetition,
        "answers": RowsView(together) if together and not repetition else None,
    }


def _session(request: HttpRequest, user: User, shown: PromptExecution | None, compose: Compose) -> PlaygroundSession:
    """The session that the next run goes to: the shown run's, the one that the address names, else the default one."""
    if shown is not None:
        return shown.session
    named = _uuid(compose.session_id or request.GET.get("session"))
    found = PlaygroundSession.objects.visible_to(user).filter(id=named).first() if named else None
    # A form that was sent is shown again, also once its session is gone.
    if found is None and named is not None and not compose.session_id:
        raise Http404
    return found or PlaygroundSession.objects.default_of(user)


def _recent_sessions(user: User) -> Any:
    """Sessions that `user` may run in, for the picker."""
    found = PlaygroundSession.objects.editable_by(user).listed().filter(archived_at=None)
    return found.order_by(F("last_executed").desc(nulls_last=True), "-created_at")[:SESSIONS_LISTED]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
