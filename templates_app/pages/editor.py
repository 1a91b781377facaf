"""The editor: a form that saves, and what is said about its text while one types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, problem_context, refusal_of, tell, user_of
from foundation.http import body_gate
from foundation.problems import Problem
from templates_app import lookup
from templates_app.bodies import TemplateSerializer
from templates_app.content import Content
from templates_app.errors import forbidden
from templates_app.library import facets
from templates_app.lookup import visible
from templates_app.models import PromptTemplate
from templates_app.pages import forms, unchanged
from templates_app.pages.forms import EditorForm
from templates_app.pages.presentation.conflict import Conflict
from templates_app.pages.presentation.draft import DraftView
from templates_app.pages.presentation.variable_row import VariableRow
from templates_app.versions import lifecycle, saving

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def new(request: HttpRequest) -> HttpResponse:
    """An empty editor; what it sends becomes a template."""
    if request.method == "GET":
        return blank(request)

    def save(attrs: dict[str, Any], found: list[str]) -> PromptTemplate:
        return lifecycle.create(owner=user_of(request), change=saving.new(attrs, found=found))

    return _saved(request, save)


def blank(
    request: HttpRequest, content: Content | None = None, *, example: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The editor for a template that is not there yet, with `content` in it, and `example`'s values for samples."""
    if content is None:
        return _page(request, EditorForm())
    # What was typed into an empty editor before does not belong here.
    return _page(request, forms.from_content(content, example=example), draft_name="from-a-run", is_named_first=True)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def edit(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The editor with the template in it; what it sends is its next version."""
    user = user_of(request)
    template = _editable(user, template_id)
    if request.method == "GET":
        return _page(request, forms.from_template(template), template)

    def save(attrs: dict[str, Any], found: list[str]) -> PromptTemplate:
        change_of = saving.changing(attrs, replaces=True, found=found)
        return lifecycle.save(user=user, template_id=template_id, change_of=change_of)

    return _saved(request, save, template)


@require_POST
@answers_problems_on_the_page
def turns(request: HttpRequest) -> HttpResponse:
    """The editor with one turn more, less or elsewhere, or as the other form of a call; nothing is saved."""
    form = forms.with_act(forms.from_post(request.POST.dict()), request.POST.get("act", ""))
    named = request.POST.get("template", "")
    template = _editable(user_of(request), UUID(named)) if _UUID.fullmatch(named) else None
    if not is_htmx(request):
        return _page(request, form, template)
    return render(request, "templates_app/_editor.html", _context(request, form, template))


@require_POST
@answers_problems_on_the_page
def draft(request: HttpRequest) -> HttpResponse:
    """Lint, rendering and length of what stands in the form."""
    form = forms.completed(forms.from_post(request.POST.dict()))
    shown = DraftView(form, user=user_of(request), is_counted=True)
    return render(request, "templates_app/_draft.html", {"draft": shown, "is_swapped": True})


def _editable(user: User, template_id: UUID) -> Any:
    template = visible(user, template_id)
    if not lookup.may_change(lookup.role_in(template, user)):
        raise forbidden("You may read this template, not change it.")
    return template


def _saved(
    request: HttpRequest, save: Callable[[dict[str, Any], list[str]], PromptTemplate], template: Any = None
) -> HttpResponse:
    form = forms.completed(forms.from_post(request.POST.dict()))
    try:
        body = unchanged.body_of(form, template=template, content=_edited(form, template))
        body_gate.check(body)
        given = TemplateSerializer(data=body)
        given.is_valid(raise_exception=True)
        made = save(dict(given.validated_data), forms.found_of(form))
    except (Problem, ValidationError) as error:
        return _refused(request, form, refusal_of(error), template)
    number = made.version.number
    tell(request, "Saved." if form.base_version == number else f"Saved as version {number}.")
    address = reverse("template", args=[made.id])
    return HttpResponse(status=204, headers={"HX-Redirect": address}) if is_htmx(request) else redirect(address)


def _edited(form: EditorForm, template: Any) -> Content | None:
    """The content that was in the form before anybody changed it."""
    if template is None:
        return None
    base = template.versions.filter(number=form.base_version).first() if form.base_version else None
    content: Content = (base or template.version).content
    return content


def _refused(request: HttpRequest, form: EditorForm, problem: Problem, template: Any) -> HttpResponse:
    """The form as it was, with the reason at its field; of a conflict, both texts."""
    if problem.code == "conflict":
        return _conflict(request, form, problem, template)
    if problem.status in (403, 404):
        raise problem
    errors = forms.errors_by_field(problem, form)
    if not is_htmx(request):
        return _page(request, form, template, errors=errors, problem=problem)
    context = {
        "messages": [(place, errors.get(place, "")) for place in forms.places(form)],
        **problem_context(problem, errors),
    }
    page = loader.render_to_string("templates_app/_editor_refused.html", context, request)
    return HttpResponse(page, status=problem.status, headers={**problem.headers, "HX-Reswap": "none"})


def _conflict(request: HttpRequest, form: EditorForm, problem: Problem, template: Any) -> HttpResponse:
    conflict = Conflict.of(problem.extra["current"], problem.extra["yours"])
    form.base_version = conflict.current_number
    if not is_htmx(request):
        return _page(request, form, template, conflict=conflict, status=409)
    page = loader.render_to_string(
        "templates_app/_editor.html", _context(request, form, template, conflict=conflict), request
    )
    headers = {"HX-Retarget": "#editor", "HX-Reswap": "outerHTML show:#conflict:top"}
    return HttpResponse(page, status=409, headers=headers)


def _context(
    request: HttpRequest,
    form: EditorForm,
    template: Any = None,
    *,
    errors: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    completed = forms.with_errors(forms.completed(form), errors or {})
    draft = DraftView(completed, user=user_of(request), template=template)
    told = {"errors": errors or {}, "prototype": VariableRow("9999", "", found="string required")}
    return {"form": completed, "template": template, "draft": draft, **told, **more}


def _page(
    request: HttpRequest,
    form: EditorForm,
    template: Any = None,
    *,
    errors: dict[str, str] | None = None,
    problem: Problem | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {**_context(request, form, template, errors=errors, **more), **problem_context(problem, errors or {})}
    context["categories"] = facets.categories(user_of(request))
    return render(request, "templates_app/editor.html", context, status=problem.status if problem else status)
