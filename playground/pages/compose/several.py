"""Several runs at once from the form: the prompt again and again, or once for each row of values."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx, user_of
from foundation import json_values
from foundation.problems import FieldError, Problem, as_problem, invalid
from foundation.words import counted
from playground import together
from playground.bodies.execution import check
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.models import Origin
from playground.pages.compose import forms, reply, source, views
from playground.pages.compose.forms import ROW, VARIABLE, Compose
from playground.pages.compose.refusals import has_left_its_session
from playground.pages.presentation.rows import RowsView
from playground.together import FEWEST_TIMES, MOST_TIMES, Kind
from templates_app.content import Content


@require_POST
async def run(request: HttpRequest) -> HttpResponseBase:
    """Starts a run from the form; where it has several rows, one for each."""
    if reply.is_reply(request.POST) or not forms.from_post(request.POST.dict()).rows:
        answer: HttpResponseBase = await views.run(request)
        return answer
    user = cast(User, await request.auser())
    whole_id = together.id_of(user, request.POST.get("idempotency_key") or uuid.uuid4().hex, Kind.ROWS)
    try:
        compose = await sync_to_async(views.sent)(request, user)
        content = await sync_to_async(source.content_in)(compose, user)
        asks = await _asks(user, compose, content)
        refusals = await together.begin(asks, whole_id=whole_id, kind=Kind.ROWS)
    except (Problem, ValidationError) as error:
        return await sync_to_async(views.refused)(request, user, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, user, whole_id, refusals, Kind.ROWS)


@require_POST
async def repeat(request: HttpRequest) -> HttpResponseBase:
    """Starts the form's prompt `times` times; what has begun of the same repetition before is not begun again."""
    user = cast(User, await request.auser())
    whole_id = together.id_of(user, request.POST.get("idempotency_key") or uuid.uuid4().hex, Kind.REPETITION)
    try:
        times = _times(request.POST.get("times", ""))
        if forms.from_post(request.POST.dict()).rows:
            message = "Repeat takes one row of values: make the rows a test, which asks each of them several times."
            raise invalid([FieldError("times", "contradiction", message)])
        asked = await sync_to_async(views.asked_of)(request, user)
        ask = await resolve(user, asked, origin=Origin.PERSON)
        refusals = await together.repeat(ask, times=times, whole_id=whole_id)
    except (Problem, ValidationError) as error:
        return await sync_to_async(views.refused)(request, user, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, user, whole_id, refusals, Kind.REPETITION)


@require_GET
@vary_on_headers("HX-Request")
def rows(request: HttpRequest, whole_id: UUID) -> HttpResponse:
    """The answers of rows as they are now, as a fragment; 204 where nothing has changed since `?seen=`."""
    if not is_htmx(request):
        return HttpResponseRedirect(_address(whole_id, Kind.ROWS))
    executions = together.executions_of(user_of(request), whole_id)
    if not executions:
        raise Http404
    shown = RowsView(executions)
    if request.GET.get("seen") == shown.seen:
        return HttpResponse(status=204)
    return render(request, "playground/_rows.html", {"answers": shown})


@require_POST
async def stop(request: HttpRequest, whole_id: UUID) -> HttpResponseBase:
    """Asks every run of a whole to stop."""
    user = cast(User, await request.auser())
    executions = await sync_to_async(together.executions_of)(user, whole_id)
    if not executions:
        raise Http404
    try:
        await together.stop(user, executions)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    kind = Kind.REPETITION if together.noted(executions[0], Kind.REPETITION) else Kind.ROWS
    return HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect(_address(whole_id, kind))


async def _asks(user: User, compose: Compose, content: Content | None) -> list[Ask]:
    """One for each row that holds something; a Problem stands at the row's own fields."""
    filled = [(number, row) for number, row in enumerate(compose.rows) if any(map(str.strip, row.values()))]
    asks, errors = list[Ask](), list[FieldError]()
    for number, row in filled or [(0, compose.rows[0])]:
        try:
            body = forms.body_from(replace(compose, variables=row, rows=[]), content)
            json_values.check(body)
            asks.append(await resolve(user, check(body), origin=Origin.PERSON))
        except (Problem, ValidationError) as error:
            problem = cast(Problem, as_problem(error))
            if not problem.errors:
                raise
            errors += [_at_row(FieldError(**each), number) for each in problem.errors]
    if errors:
        raise invalid(dict.fromkeys(errors))
    return asks


def _at_row(error: FieldError, number: int) -> FieldError:
    if not error.field.startswith(VARIABLE):
        return error
    return error._replace(field=f"{ROW}{number}.{error.field.removeprefix(VARIABLE)}")


def _times(text: str) -> int:
    text = text.strip()
    if text.isdecimal() and len(text) <= 2 and FEWEST_TIMES <= int(text) <= MOST_TIMES:
        return int(text)
    message = f"Repeat takes a number from {FEWEST_TIMES} to {MOST_TIMES}."
    raise invalid([FieldError("times", "invalid", message)])


def _address(whole_id: UUID, kind: Kind) -> str:
    """A repetition has a page of its own, in a layer above; rows stand in the playground."""
    if kind is Kind.REPETITION:
        return reverse("repeat", args=[whole_id])
    return f"{reverse('playground')}?rows={whole_id}"


def _started(request: HttpRequest, user: User, whole_id: UUID, refusals: list[Problem], kind: Kind) -> HttpResponse:
    if not is_htmx(request):
        return HttpResponseRedirect(_address(whole_id, kind))
    if has_left_its_session(request):
        return HttpResponseClientRedirect(_address(whole_id, kind))
    told = ""
    if refusals:
        told = f"{counted(len(refusals), 'run')} did not begin: {refusals[0].detail or refusals[0].title}"
    context = {"refused": told, "run_key": uuid.uuid4(), "fields": forms.FIELDS}
    if kind is Kind.REPETITION:
        context["repetition"] = {"id": whole_id}
    else:
        context["answers"] = RowsView(together.executions_of(user, whole_id))
    response = render(request, "playground/_several.html", context)
    name = "repeat" if kind is Kind.REPETITION else "rows"
    response.headers["HX-Push-Url"] = f"{reverse('playground')}?{name}={whole_id}"
    return response
