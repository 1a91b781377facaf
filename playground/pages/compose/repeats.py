"""Repeat: the form's prompt several times at once. What came back is shown by a layer above (`repeat`, its address)."""

from __future__ import annotations

import uuid
from typing import cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx
from foundation.problems import FieldError, Problem, as_problem, invalid
from foundation.words import counted
from playground import repeating
from playground.bodies.resolve import resolve
from playground.models import Origin
from playground.pages.compose import forms, views


@require_POST
async def repeat(request: HttpRequest) -> HttpResponseBase:
    """Starts the form's prompt `times` times; what has begun of the same repetition before is not begun again."""
    user = cast(User, await request.auser())
    key = request.POST.get("idempotency_key") or uuid.uuid4().hex
    repetition_id = repeating.id_of(user, key)
    try:
        times = _times(request.POST.get("times", ""))
        asked = await sync_to_async(views.asked_of)(request, user)
        ask = await resolve(user, asked, origin=Origin.PERSON)
        refusals = await repeating.repeat(ask, times=times, repetition_id=repetition_id)
    except (Problem, ValidationError) as error:
        return await sync_to_async(views.refused)(request, user, cast(Problem, as_problem(error)))
    return await sync_to_async(_started)(request, repetition_id, refusals)


@require_POST
async def stop(request: HttpRequest, repetition_id: UUID) -> HttpResponseBase:
    """Asks every run of the repetition to stop."""
    user = cast(User, await request.auser())
    executions = await sync_to_async(repeating.executions_of)(user, repetition_id)
    if not executions:
        raise Http404
    try:
        await repeating.stop(user, executions)
    except Problem as problem:
        return HttpResponse(problem.detail or problem.title, status=problem.status, content_type="text/plain")
    return HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect(_address(repetition_id))


def _times(text: str) -> int:
    text = text.strip()
    if text.isdecimal() and len(text) <= 2 and repeating.FEWEST <= int(text) <= repeating.MOST:
        return int(text)
    message = f"Repeat takes a number from {repeating.FEWEST} to {repeating.MOST}."
    raise invalid([FieldError("times", "invalid", message)])


def _address(repetition_id: UUID) -> str:
    return reverse("repeat", args=[repetition_id])


def _started(request: HttpRequest, repetition_id: UUID, refusals: list[Problem]) -> HttpResponse:
    if not is_htmx(request):
        return HttpResponseRedirect(_address(repetition_id))
    told = ""
    if refusals:
        told = f"{counted(len(refusals), 'run')} did not begin: {refusals[0].detail or refusals[0].title}"
    context = {"repetition": {"id": repetition_id}, "refused": told, "run_key": uuid.uuid4(), "fields": forms.FIELDS}
    response = render(request, "playground/_repeated.html", context)
    response.headers["HX-Push-Url"] = f"{reverse('playground')}?repeat={repetition_id}"
    return response
