"""The playground's whole page: where the next run goes, the form, and what stands beside it."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.pages.answers import problem_context
from foundation.problems import Problem
from playground.feedback import thumb_of
from playground.models import PromptExecution
from playground.pages.compose import beginning, forecasting, forms, refusals, source, sources
from playground.pages.compose.beginning import chosen
from playground.pages.compose.forms import EXAMPLES, Compose
from playground.pages.presentation.attachments import views_of
from playground.pages.presentation.choosing import offer_others
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


def page_with(
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
    """The page with a run (`shown`) or several (`together`), a form, and what of that was refused; `is_continued`: the
    composer beneath the run is where one goes on.
    """
    found, told = models_of(user), errors or {}
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
        "forecast": forecast_of(user, filled, content, model, is_rough=True),
        "model": model,
        "tools": tool_choices(filled.tools),
        "attachments": views_of(filled.attachments, [model]),
        "parameters": parameter_rows(model, filled.parameters, forms.parameter_errors(errors)),
    }


def _answered(user: User, shown: PromptExecution | None, together: list[PromptExecution]) -> dict[str, Any]:
    """What stands beside the form: one run, a repetition, or the rows of a table."""
    repetition = noted(together[0], Kind.REPETITION) if together else None
    return {
        "execution": view_of(shown, user) if shown else None,
        "repetition": repetition,
        "answers": RowsView(together) if together and not repetition else None,
    }


def _session(request: HttpRequest, user: User, shown: PromptExecution | None, compose: Compose) -> PlaygroundSession:
    """The session that the next run goes to: the shown run's, the one that the address names, else the default one.

    Beside the run of a test the next one goes to the default session, too: nobody runs in a test's.
    """
    if shown is not None:
        return PlaygroundSession.objects.default_of(user) if shown.session.is_hidden else shown.session
    named = named_id(compose.session_id or request.GET.get("session"))
    found = PlaygroundSession.objects.visible_to(user).listed().filter(id=named).first() if named else None
    # A form that was sent is shown again, also once its session is gone.
    if found is None and named is not None and not compose.session_id:
        raise Http404
    return found or PlaygroundSession.objects.default_of(user)


def _recent_sessions(user: User) -> Any:
    """Sessions that `user` may run in, for the picker."""
    found = PlaygroundSession.objects.editable_by(user).listed().filter(archived_at=None)
    return found.order_by(F("last_executed").desc(nulls_last=True), "-created_at")[:SESSIONS_LISTED]


def models_of(user: User) -> list[ModelView]:
    """What `user` may run."""
    return [ModelView(model) for model in listing.models_for(user)]


def forecast_of(
    user: User, compose: Compose, content: Content | None, model: ModelView | None, *, is_rough: bool = False
) -> ForecastView:
    """What the form comes to; roughly, without a tokenizer to wait for."""
    info = listing.info_of(compose.model_id)
    told: ForecastView = async_to_sync(forecasting.told)(user, compose, content, model, info, is_rough=is_rough)
    return told


def view_of(execution: PromptExecution, user: User) -> ExecutionView:
    """A run as it is shown to `user`."""
    view = ExecutionView(execution, thread=thread_of(execution))
    view.thumb = thumb_of(execution, user)
    offer_others([view], user)
    return view


def named_id(text: str | None) -> UUID | None:
    """The id that an address names; 404 for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
