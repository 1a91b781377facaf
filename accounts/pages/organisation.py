"""`/settings/organisation`: one's organisation, and, for its managers, its name, its time zone, and its people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.api.organisations import OrganisationBody, RoleBody
from accounts.models import Organisation, Standing, User
from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from accounts.teams.organisations import change_organisation, give_organisation_role
from accounts.teams.roles import manages_organisation, organisation_of
from foundation.problems import Problem

LABELS: Final = {"name": "Name", "time_zone": "Time zone"}
PEOPLE_A_PAGE: Final = 50


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def organisation(request: HttpRequest) -> HttpResponse:
    """What is said of it, and who is of it; a POST changes its name and time zone."""
    user = user_of(request)
    if not user.organisation:
        return render(request, "accounts/organisation.html", {"organisation": None})
    if request.method != "POST":
        return _page(request)
    given = {name: request.POST.get(name, "").strip() for name in LABELS}
    try:
        body = OrganisationBody(data=given)
        body.is_valid(raise_exception=True)
        change_organisation(key=organisation_of(user), change=body.validated_data, by=user)
    except (Problem, ValidationError) as error:
        return _page(request, given, problem=refusal_of(error))
    tell(request, "The organisation is changed.")
    return HttpResponseRedirect(reverse("organisation"))


@require_POST
@answers_problems_on_the_page
def give_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Makes somebody a manager, or a member again."""
    user = user_of(request)
    role = role_given(request)
    person = give_organisation_role(key=organisation_of(user), user_id=user_id, role=role, by=user)
    tell(request, f"{person} is a {role.label.lower()} of the organisation now.")
    return HttpResponseRedirect(reverse("organisation"))


def role_given(request: HttpRequest) -> Standing:
    """The role that a form's button names."""
    body = RoleBody(data={"role": request.POST.get("role", "")})
    body.is_valid(raise_exception=True)
    return Standing(body.validated_data["role"])


def _page(
    request: HttpRequest, given: Mapping[str, Any] | None = None, *, problem: Problem | None = None
) -> HttpResponse:
    user = user_of(request)
    key = organisation_of(user)
    found = Organisation.objects.get(key=key)
    is_managed = manages_organisation(user, key)
    people = User.objects.filter(organisation=key).order_by("username")
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    context = {
        "organisation": found,
        "given": given or {"name": found.name, "time_zone": found.time_zone},
        "is_managed": is_managed,
        "page": Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page")) if is_managed else None,
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
    }
    return render(request, "accounts/organisation.html", context, status=problem.status if problem else 200)
