"""A run that did not begin, told to htmx: each reason at its field, and what no field has in a box at the answer's
place; all else on the page stays as it is.
"""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse

from accounts.models import User
from accounts.pages.answers import problem_context
from foundation.problems import Problem
from playground.models import PromptExecution
from playground.pages.compose import forms, reply, source
from playground.pages.compose.affordable import affordable
from playground.pages.compose.forms import Compose
from playground.pages.presentation.refusal import (
    OF_THE_SESSION,
    RefusalView,
    Sending,
    is_for_another_model,
    others_for,
)
from playground.pages.presentation.variables import table_of
from sessions_app.models import PlaygroundSession

RUN_FORM = "run-form"
NOT_SENT_AGAIN = ("csrfmiddlewaretoken", "idempotency_key", "confirm_cost", "model_id")


def answer(request: HttpRequest, user: User, problem: Problem, compose: Compose) -> HttpResponse:
    """Out-of-band parts alone; `compose` is the form as it was sent."""
    if is_in_place(request) or not (reply.is_reply(request.POST) or _is_of_the_form(request)):
        return _in_place(request, user, problem, compose)
    if reply.is_reply(request.POST):
        errors = reply_errors(problem)
        fields: tuple[str, ...] = (*reply.FIELDS, *forms.FIELDS)
        # The form beside it keeps its variables.
        more: dict[str, Any] = {"is_in_place": True}
    else:
        errors, fields = forms.errors_by_field(problem), forms.FIELDS
        more = dict(table_of(compose, source.content_in(compose, user), errors))
    context = {**more, "messages_by_field": [(field, errors.get(field, "")) for field in fields]}
    return _answered(request, user, problem, compose, errors, context)


def reply_errors(problem: Problem) -> dict[str, str]:
    """A refusal of the composer's by the fields of the page, "" for what no field can show."""
    named = {error["field"]: error["message"] for error in problem.errors}
    return reply.errors_of(forms.errors_by_field(problem) | {name: named[name] for name in reply.OWN if name in named})


def is_in_place(request: HttpRequest) -> bool:
    """Whether the answer stands on another page than the playground's, which keeps its address and its form."""
    path = str(getattr(getattr(request, "htmx", None), "current_url_abs_path", None) or "")
    return bool(path) and path.partition("?")[0] not in (reverse("playground"), reverse("playground-open"))


def fields_in_place(request: HttpRequest) -> list[str]:
    """The places of such a page's form that can show a refusal."""
    if not _is_of_the_form(request):
        return []
    return ["model_id", *(name for name in request.POST if name.startswith(forms.VARIABLE))]


def view_of(
    request: HttpRequest, user: User, problem: Problem, compose: Compose, errors: dict[str, str]
) -> RefusalView | None:
    """The box of a refusal; None where its fields say all of it."""
    at_fields = bool(errors) and "" not in errors
    if is_for_another_model(problem):
        others = others_for(user, problem, *_asked(request, user, compose))
    else:
        others = affordable(request, user, problem, compose)
    if at_fields and not others and not is_for_another_model(problem):
        return None
    words = "" if at_fields else errors.get("") or problem.detail or problem.title
    sending = _sending(request)
    elsewhere = _elsewhere(user, problem, compose) if sending.form == RUN_FORM else None
    return RefusalView(problem, words, sending, others, elsewhere=elsewhere)


def has_left_its_session(request: HttpRequest) -> bool:
    """Whether the run was sent by the act of a refusal to another session than that of the page's form."""
    return len(set(request.POST.getlist("session_id"))) > 1


def _elsewhere(user: User, problem: Problem, compose: Compose) -> PlaygroundSession | None:
    """The session that takes what the one of the form does not; a turn of a conversation stays in its own."""
    if problem.code not in OF_THE_SESSION or not compose.session_id or compose.parent_id:
        return None
    if (
        problem.code == "not_found"
        and PlaygroundSession.objects.visible_to(user).filter(id=compose.session_id).exists()
    ):
        return None
    default = PlaygroundSession.objects.default_of(user)
    return default if str(default.id) != compose.session_id else None


def _in_place(request: HttpRequest, user: User, problem: Problem, compose: Compose) -> HttpResponse:
    errors, fields = forms.errors_by_field(problem), fields_in_place(request)
    elsewhere = [message for field, message in sorted(errors.items()) if field not in fields]
    told = {**errors, "": " ".join(elsewhere)} if elsewhere else errors
    context = {"messages_by_field": [(field, errors.get(field, "")) for field in fields], "is_in_place": True}
    return _answered(request, user, problem, compose, told, context)


def _answered(
    request: HttpRequest,
    user: User,
    problem: Problem,
    compose: Compose,
    errors: dict[str, str],
    context: dict[str, Any],
) -> HttpResponse:
    context = {
        **context,
        **problem_context(problem, errors),
        "refusal": view_of(request, user, problem, compose, errors),
        "run_key": uuid.uuid4(),
    }
    page = loader.render_to_string("playground/_refused.html", context, request)
    return HttpResponse(page, status=problem.status, headers={**problem.headers, "HX-Reswap": "none"})


def _is_of_the_form(request: HttpRequest) -> bool:
    """Whether it is the page's form that was sent, and not an act of the run that is shown beside it."""
    return "rerun" not in request.POST and bool({"prompt", "model_id", "template_id"} & request.POST.keys())


def _sending(request: HttpRequest) -> Sending:
    """From where it is sent again: by its form, while that is on the page; else with all that was sent."""
    if not is_in_place(request) and reply.is_reply(request.POST):
        return Sending(request.path, "reply")
    if not is_in_place(request) and _is_of_the_form(request):
        return Sending(request.path, RUN_FORM)
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name not in NOT_SENT_AGAIN]
    model_id = request.POST.get("model_id")
    return Sending(request.path, fields=[*sent, *([("model_id", model_id)] if model_id else [])])


def _asked(request: HttpRequest, user: User, compose: Compose) -> tuple[str, list[dict[str, Any]]]:
    """The model that was asked, and the pictures and files that it was to read."""
    if compose.model_id:
        return compose.model_id, compose.attachments
    named = request.POST.get("rerun") or request.POST.get("reply_to") or ""
    try:
        run = PromptExecution.objects.visible_to(user).filter(pk=UUID(named)).first()
    except ValueError:
        run = None
    return (run.model_id, forms.from_execution(run).attachments) if run else ("", [])
