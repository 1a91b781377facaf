"""Where a template is used, and one of its versions as code."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, user_of
from foundation.problems import Problem
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.of_version import handover_of
from templates_app.lookup import chosen, visible
from templates_app.pages.acts import whole_number
from templates_app.versions.uses import uses_of


@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def uses(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The places that use it, by kind: a part of its page, or a page of their own."""
    user = user_of(request)
    template = visible(user, template_id)
    context = {"template": template, "uses": uses_of(template, user)}
    return render(request, f"templates_app/{'_uses' if is_htmx(request) else 'uses'}.html", context)


@never_cache
@require_GET
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def code(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One version (`?version=`, the present one without) as code in every language."""
    user = user_of(request)
    template = visible(user, template_id)
    version = chosen(template, number=whole_number(request.GET.get("version")), label=None)
    context = {"template": template, "version": version, "snippets": [], "problem": ""}
    try:
        handover = handover_of(template, version, service_url=request.build_absolute_uri("/").rstrip("/"))
        context["snippets"] = [
            {"key": each.name, "name": each.language, "text": each.render(handover)} for each in FORMATS.values()
        ]
    except Problem as problem:
        context["problem"] = problem.detail or problem.title  # a partial that is gone, which only its saving can mend
    return render(request, f"templates_app/{'_code' if is_htmx(request) else 'code'}.html", context)
