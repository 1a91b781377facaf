"""The playground's pages: one form, one answer, and the history of the session."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx, user_of
from foundation import json_values
from foundation.problems import FieldError, Problem, as_problem, invalid
from playground import executing, replay
from playground import together as wholes
from playground.bodies.execution import check
from playground.bodies.resolve import resolve
from playground.models import Origin, PromptExecution
from playground.pages.compose import beginning, files, forms, refusals, reply, source
from playground.pages.compose.beginning import chosen
from playground.pages.compose.forms import Compose
from playground.pages.compose.page import CHOICES, forecast_of, models_of, named_id, page_with, view_of
from playground.pages.presentation.choosing import with_rests
from playground.pages.presentation.model import grouped
from playground.pages.presentation.parameters import parameter_rows


@require_GET
def playground(request: HttpRequest) -> HttpResponse:
    """The page. `?execution=` restores that run's form and answer, also while it is still running, `?repeat=`, `?rows=`
    those of several; `?continue=` goes on from a run, `?template=` (`&version=`, `&label=`), `?model=` and `?session=`
    begin with these.
    """
    user, asked = user_of(request), request.GET
    if "execution" in asked:
        shown = _execution(user, asked["execution"])
        return page_with(
            request, user, shown=shown, compose=forms.from_execution(shown, source.version_of(shown, user))
        )
    for kind in ("repeat", "rows"):
        if kind in asked:
            return page_with(request, user, together=_together(user, asked[kind]))
    if "continue" in asked:
        shown = _execution(user, asked["continue"])
        compose = forms.from_execution(shown, source.version_of(shown, user))
        return page_with(request, user, shown=shown, compose=compose, is_continued=True)
    if "template" in asked:
        return page_with(request, user, compose=source.compose_of(asked, user))
    return page_with(request, user, compose=beginning.new_form(user, models_of(user), model_id=asked.get("model", "")))


@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """The page with a template's version, and the values and the model that were sent for it: in no address, since they
    may be private.
    """
    user = user_of(request)
    compose = forms.from_post(request.POST.dict())
    if not compose.template_id:
        return HttpResponseRedirect(reverse("playground"))
    return page_with(request, user, compose=source.with_its_texts(compose, user))


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
    return render(request, "playground/_models.html", {"groups": grouped(with_rests(models_of(user_of(request))))})


@require_GET
def parameters(request: HttpRequest) -> HttpResponse:
    """What the picked model is, and its parameters with the values that the form holds.

    For a draft (`restores`) another model where that one is gone.
    """
    user, compose = user_of(request), forms.from_post(request.GET.dict())
    found, wanted = models_of(user), compose.model_id
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
    model = chosen(models_of(user), compose.model_id)
    told = forecast_of(user, compose, source.content_in(compose, user), model)
    return render(request, "playground/_forecast.html", {"forecast": told})


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
    wanted = named_id(whole)
    found = wholes.executions_of(user, wanted) if wanted else []
    if not found:
        raise Http404
    return found


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


def _answer(execution: PromptExecution, user: User) -> dict[str, Any]:
    """What `_execution.html` needs; a quick run may have ended before it is shown for the first time."""
    return {"execution": view_of(execution, user)}


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
        return page_with(request, user, compose=compose, errors=forms.errors_by_field(problem), problem=problem)
    # A turn of what is shown, or that once more: it is shown again.
    shown = _execution(user, named)
    compose = forms.from_execution(shown, source.version_of(shown, user))
    is_reply = reply.is_reply(request.POST)
    errors = refusals.reply_errors(problem) if is_reply else {"": _told(problem)}
    return page_with(request, user, shown=shown, compose=compose, errors=errors, problem=problem, is_continued=is_reply)


def _told(problem: Problem) -> str:
    return " ".join(error["message"] for error in problem.errors) or problem.detail or problem.title
