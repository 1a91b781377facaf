"""Sharing: who sees a template, and as what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.share_bodies import MemberSerializer
from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from foundation.http import body_gate
from foundation.problems import Problem
from foundation.rest.serializers import StrictSerializer
from templates_app import lookup, sharing
from templates_app.errors import forbidden
from templates_app.lookup import visible
from templates_app.models import Visibility
from templates_app.pages.presentation.sharing import ShareForm


class ShareBody(StrictSerializer):
    """Who sees the template, and as what."""

    visibility = serializers.ChoiceField(choices=Visibility.choices)
    members: Any = serializers.ListSerializer(child=MemberSerializer(), max_length=200)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
@vary_on_headers("HX-Request")
def share(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The list of those whom it is shared with; every change of it is saved at once."""
    user = user_of(request)
    template = visible(user, template_id)
    if not lookup.may_govern(lookup.role_in(template, user)):
        raise forbidden("Only its owner may change who sees this template.")
    if request.method == "GET":
        return _shown(request, template, ShareForm.of(template, user))
    form = ShareForm.from_post(request.POST.dict(), template, user)
    try:
        body = form.body()
        body_gate.check(body)
        given = ShareBody(data=body)
        given.is_valid(raise_exception=True)
        shared = sharing.share(user=user, template_id=template_id, **given.validated_data)
    except (Problem, ValidationError) as error:
        problem = refusal_of(error)
        if problem.status in (403, 404):
            raise problem from error
        return _shown(request, template, form.refused(problem), status=problem.status)
    if not is_htmx(request):
        tell(request, "Saved.")
        return redirect("template-share", template_id)
    return _shown(request, shared, ShareForm.of(shared, user, is_saved=True))


def _shown(request: HttpRequest, template: Any, form: ShareForm, *, status: int = 200) -> HttpResponse:
    context = {"template": template, "form": form}
    if not is_htmx(request):
        return render(request, "templates_app/share.html", context, status=status)
    page = loader.render_to_string("templates_app/_share.html", context, request)
    return HttpResponse(page, status=status, headers={"HX-Reswap": "outerHTML"} if status >= 400 else {})
