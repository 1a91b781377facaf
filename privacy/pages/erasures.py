"""Erasures from the page: asked for, decided, and the file that an erased person is to be handed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from accounts.people import person_named
from foundation.problems import FieldError, Problem, invalid
from foundation.tasks import send_task
from privacy.api.asking import checked
from privacy.api.erasures import RefusalBody, export_of, sent
from privacy.erasure import lifecycle
from privacy.pages.your_data import page


@require_POST
@answers_problems_on_the_page
def ask(request: HttpRequest) -> HttpResponse:
    """Asks for one's own erasure; administrators for anybody's."""
    by, typed = user_of(request), request.POST.get("person", "").strip()
    try:
        subject = by if "person" not in request.POST else _somebody(checked(by), typed)
        lifecycle.request(subject=subject, by=by, with_export="with_export" in request.POST)
    except Problem as problem:
        return page(request, problem=problem, person=typed)
    tell(request, "The erasure is asked for. An administrator decides; nothing goes before that.")
    return _back()


@require_POST
@answers_problems_on_the_page
def approve(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """It begins."""
    try:
        lifecycle.approve(erasure_id=erasure_id, by=checked(user_of(request)), now=timezone.now())
    except Problem as problem:
        return page(request, problem=problem)
    send_task("privacy.tasks.erase", erasure_id=str(erasure_id))
    tell(request, "The erasure has begun: the person is out within seconds.")
    return _back()


@require_POST
@answers_problems_on_the_page
def refuse(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """It does not take place."""
    by = checked(user_of(request))
    try:
        body = RefusalBody(data={"reason": request.POST.get("reason", "").strip()})
        body.is_valid(raise_exception=True)
        lifecycle.refuse(erasure_id=erasure_id, by=by, reason=body.validated_data["reason"], now=timezone.now())
    except (Problem, ValidationError) as error:
        return page(request, problem=refusal_of(error), refused=erasure_id)
    tell(request, "The erasure is refused; the person reads why.")
    return _back()


@require_GET
@answers_problems_on_the_page
def export(request: HttpRequest, erasure_id: UUID) -> StreamingHttpResponse:
    """The person's data, to be handed to them."""
    checked(user_of(request))
    return sent(export_of(erasure_id))


def _somebody(admin: User, typed: str) -> User:
    found = person_named(typed, field="person")
    if found is None:
        raise invalid([FieldError("person", "does_not_exist", "There is nobody of this name or address.")])
    return found


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("your-data"))
