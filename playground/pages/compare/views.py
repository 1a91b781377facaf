"""The compare page: one prompt to two to six columns, their answers side by side, and which is best."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import user_of
from foundation import json_values
from foundation.problems import Problem, as_problem
from playground import comparing, executing
from playground.bodies.comparison import ComparisonSerializer, asks_of
from playground.pages.compare import forms, refusals, saved
from playground.pages.compare.context import (
    Shown,
    answers_of,
    begun_from,
    context_of,
    forecast_of,
    outcome_of,
    restored,
    seen,
    shown_by,
    uuid_of,
)
from playground.pages.compare.forms import ComparisonForm
from playground.pages.compare.presentation import LETTERS
from playground.pages.compare.templates import references_of
from playground.pages.compose import files, source


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def compare(request: HttpRequest) -> HttpResponse:
    """The page before its first run, or begun from what the query names; a POST adds, copies or removes a column."""
    user = user_of(request)
    if request.method == "POST":
        form = forms.edited(forms.from_post(request.POST.dict()), request.POST.dict())
        shown = shown_by(user, form)
        try:
            files.keep(request, user, form.shared)
        except Problem as problem:
            return _refused(request, user, form, problem)
        if _is_htmx(request):
            return render(request, "playground/compare/_edited.html", {**context_of(user, shown), "is_swap": True})
        return _page(request, user, shown)
    return _page(request, user, Shown(begun_from(user, request.GET.dict(), request.GET.getlist("version"))))


@require_http_methods(["GET", "HEAD", "POST"])
async def comparisons(request: HttpRequest) -> HttpResponseBase:
    """The list of those that were run; a POST runs one."""
    if request.method == "POST":
        return await _run(request)
    return await sync_to_async(saved.listed)(request)


@require_POST
def forecast(request: HttpRequest) -> HttpResponse:
    """What each column of the form, as it is typed, comes to."""
    user = user_of(request)
    told = forecast_of(user, forms.from_post(request.POST.dict()))
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


async def _run(request: HttpRequest) -> HttpResponseBase:
    """Starts all columns from the form."""
    user = cast(User, await request.auser())
    form = forms.from_post(request.POST.dict())
    try:
        await sync_to_async(files.keep)(request, user, form.shared)
        content = await sync_to_async(source.content_in)(form.shared, user)
        references = await sync_to_async(references_of)(user, form)
        body = forms.body_from(form, content, references)
        json_values.check(body)
        asked = ComparisonSerializer().run_validation(body)
        key = request.POST.get("idempotency_key") or uuid.uuid4().hex
        claim = executing.claim_of(user, key, asked, route="compare")
        started = await comparing.compare(await asks_of(user, asked), claim=claim)
    except (Problem, ValidationError) as error:
        return await sync_to_async(_refused)(request, user, form, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, user, form, started)


@require_GET
def comparison(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """One comparison with everything it was asked and answered, also while it runs; `?base=A` shows differences."""
    user = user_of(request)
    return _page(request, user, restored(user, comparison_id, base=request.GET.get("base", "")))


@require_GET
@vary_on_headers("HX-Request")
def column(request: HttpRequest, comparison_id: UUID, position: int) -> HttpResponse:
    """One column's answer as a fragment."""
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    user = user_of(request)
    answers = answers_of(user, seen(user, comparison_id))
    if position >= len(answers):
        raise Http404
    return render(request, "playground/compare/_answer.html", {"answer": answers[position]})


@require_GET
@vary_on_headers("HX-Request")
def outcome(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """Totals and votes as a fragment: asked for whenever a column has ended.

    Where the page's address names a base, the answers come along: columns that ended after it was chosen have replaced
    those that showed their differences from it.
    """
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    user = user_of(request)
    page = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    base = page.get("base", [""])[0]
    shown = restored(user, comparison_id, base=base)
    context: dict[str, Any] = {"outcome": outcome_of(user, shown), "answers": shown.answers}
    context["has_answers"] = bool(base)
    return render(request, "playground/compare/_outcome.html", context)


@require_GET
@vary_on_headers("HX-Request")
def difference(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """The answers with their differences from the column `?base=`; without one, as they are."""
    base = request.GET.get("base", "")
    address = _address(comparison_id, base=base)
    if not _is_htmx(request):
        return HttpResponseRedirect(address)
    user = user_of(request)
    shown = restored(user, comparison_id, base=base)
    context = {"outcome": outcome_of(user, shown), "answers": shown.answers, "has_answers": True}
    response = render(request, "playground/compare/_outcome.html", context)
    response.headers["HX-Push-Url"] = address
    return response


@require_POST
async def stop(request: HttpRequest, comparison_id: UUID) -> HttpResponseBase:
    """Asks every column to stop; their streams tell when they have."""
    user = cast(User, await request.auser())
    try:
        runs = await sync_to_async(lambda: comparing.executions_of(comparing.seen(user, comparison_id)))()
        await asyncio.gather(*(executing.cancel(user=user, execution_id=run.id) for run in runs))
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    return HttpResponse(status=204) if _is_htmx(request) else HttpResponseRedirect(_address(comparison_id))


@require_POST
@vary_on_headers("HX-Request")
def vote(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """Takes the reader's vote; no execution is a tie."""
    user, wanted = user_of(request), request.POST.get("execution_id", "")
    base = request.POST.get("base", "")
    try:
        comparing.vote(user=user, comparison_id=comparison_id, execution_id=uuid_of(wanted) if wanted else None)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id, base=base))
    shown = restored(user, comparison_id, base=base)
    return render(request, "playground/compare/_vote.html", {"outcome": outcome_of(user, shown)})


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _address(comparison_id: UUID, *, base: str = "") -> str:
    query = f"?base={base}" if base and base in LETTERS else ""
    return reverse("comparison", args=[comparison_id]) + query


def _started(request: HttpRequest, user: User, form: ComparisonForm, comparison_id: UUID) -> HttpResponse:
    if not _is_htmx(request):
        return HttpResponseRedirect(_address(comparison_id))
    found = seen(user, comparison_id)
    answers = answers_of(user, found)
    columns = [
        replace(each, execution_id=str(answer.execution.id))
        for each, answer in zip(form.columns, answers, strict=False)
    ]
    shown = Shown(replace(form, columns=columns, comparison_id=str(comparison_id)), found, answers)
    context = {**context_of(user, shown), "is_started": True}
    response = render(request, "playground/compare/_started.html", context)
    response.headers["HX-Push-Url"] = _address(comparison_id)
    return response


def too_soon(request: HttpRequest, user: User, problem: Problem) -> HttpResponse:
    """A comparison that its sender's limit does not take yet."""
    return _refused(request, user, forms.from_post(request.POST.dict()), problem)


def _refused(request: HttpRequest, user: User, form: ComparisonForm, problem: Problem) -> HttpResponse:
    """The form as it was, with the reason at its field, at its column, or above all of them."""
    errors = forms.errors_by_field(problem, form)
    if not _is_htmx(request):
        return _page(request, user, shown_by(user, form), errors=errors, problem=problem)
    context = {
        **context_of(user, shown_by(user, form), errors),
        "messages_by_field": [(field, errors.get(field, "")) for field in form.fields],
    }
    context |= refusals.context_of(request, user, context, problem, errors)
    page = loader.render_to_string("playground/compare/_refused.html", context, request)
    return HttpResponse(page, status=problem.status, headers={**problem.headers, "HX-Reswap": "none"})


def _page(
    request: HttpRequest,
    user: User,
    shown: Shown,
    *,
    errors: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    context = context_of(user, shown, errors or {})
    if problem:
        context |= refusals.context_of(request, user, context, problem, errors or {})
    return render(request, "playground/compare/index.html", context, status=problem.status if problem else 200)
