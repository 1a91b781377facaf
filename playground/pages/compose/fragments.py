"""What the playground's page has beside its form and its answer: variables, a thumb, the way to a template."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages.answers import user_of
from foundation.problems import Problem
from playground import feedback
from playground.pages.compose import forms, source
from playground.pages.presentation.code import snippets_of
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.variables import table_of
from templates_app.pages import editor


@require_POST
def variables(request: HttpRequest) -> HttpResponse:
    """A field for each variable of the prompt as it is typed; what was filled in stays. Rows are added and removed."""
    compose = forms.edited(forms.from_post(request.POST.dict()), request.POST.dict())
    context = table_of(compose, source.content_in(compose, user_of(request)))
    return render(request, "playground/_variables.html", context)


@require_POST
def rate(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """A thumb for the answer."""
    user, thumb = user_of(request), request.POST.get("thumb", "")
    if thumb not in ("up", "down"):
        return HttpResponseBadRequest("A thumb is up or down.", content_type="text/plain")
    try:
        execution = feedback.seen(user, execution_id)
    except Problem as problem:
        return HttpResponse(problem.detail, status=problem.status, content_type="text/plain")
    feedback.rate(user=user, execution=execution, value=None, thumb=thumb)
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(f"{reverse('playground')}?execution={execution_id}")
    view = ExecutionView(execution)
    view.thumb = thumb
    return render(request, "playground/_thumbs.html", {"execution": view})


@never_cache
@require_GET
def as_code(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """This run's request in several languages."""
    try:
        execution = feedback.seen(user_of(request), execution_id)
    except Problem as problem:
        raise Http404 from problem
    snippets = snippets_of(execution, service_url=request.build_absolute_uri("/"))
    return render(request, "playground/_code.html", {"snippets": snippets})


@require_GET
def as_template(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """The editor with what this run was asked, its variables with their values for samples, and its parameters: saved
    there, it is a template.
    """
    try:
        execution = feedback.seen(user_of(request), execution_id)
    except Problem as problem:
        raise Http404 from problem
    content = source.content_of(execution, user_of(request))
    return editor.blank(request, content, example=source.samples_of(execution, content))
