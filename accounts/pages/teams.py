"""`/settings/teams`: the teams that one is in, and one of them with its people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.api.teams import NewMemberBody, TeamBody
from accounts.models import Standing, TeamMember
from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from accounts.pages.organisation import role_given
from accounts.teams import membership
from accounts.teams.roles import manages_organisation, manages_team, own_organisation, teams_seen_by
from foundation.problems import Problem

LABELS = {"name": "Name", "user": "User name or e-mail"}
ROWS_A_PAGE = 50


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def teams(request: HttpRequest) -> HttpResponse:
    """The list, and for managers of the organisation the form that makes one."""
    if request.method != "POST":
        return _list(request)
    user, given = user_of(request), {"name": request.POST.get("name", "").strip()}
    try:
        body = TeamBody(data=given)
        body.is_valid(raise_exception=True)
        team = membership.make_team(organisation=own_organisation(user), by=user, **body.validated_data)
    except (Problem, ValidationError) as error:
        return _list(request, given, problem=refusal_of(error))
    tell(request, f"{team.name} is made. Now say who is in it.")
    return HttpResponseRedirect(reverse("team", args=[team.id]))


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Who is in it; a POST renames it (`name`), or has somebody in it (`user`)."""
    user = user_of(request)
    membership.team_seen(user, team_id)
    if request.method != "POST":
        return _team(request, team_id)
    given = {name: request.POST[name].strip() for name in ("name", "user", "role") if name in request.POST}
    try:
        if "user" in given:
            _add(request, team_id, given)
        else:
            body = TeamBody(data=given)
            body.is_valid(raise_exception=True)
            membership.rename_team(team_id=team_id, by=user, **body.validated_data)
            tell(request, "The team is renamed.")
    except (Problem, ValidationError) as error:
        return _team(request, team_id, given, problem=refusal_of(error))
    return HttpResponseRedirect(reverse("team", args=[team_id]))


@require_POST
@answers_problems_on_the_page
def give_role(request: HttpRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """Makes somebody who is in it its manager, or a member again."""
    role = role_given(request)
    member = membership.put_into_team(team_id=team_id, user_id=user_id, role=role, by=user_of(request))
    tell(request, f"{member.user} is a {role.label.lower()} of the team now.")
    return HttpResponseRedirect(reverse("team", args=[team_id]))


@require_POST
@answers_problems_on_the_page
def take_out(request: HttpRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """Takes somebody out, or oneself."""
    user = user_of(request)
    membership.take_from_team(team_id=team_id, user_id=user_id, by=user)
    tell(request, "You have left the team." if user_id == user.id else "They are in the team no longer.")
    is_seen = teams_seen_by(user).filter(id=team_id).exists()
    return HttpResponseRedirect(reverse("team", args=[team_id]) if is_seen else reverse("teams"))


@require_POST
@answers_problems_on_the_page
def delete(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Deletes it."""
    membership.delete_team(team_id=team_id, by=user_of(request))
    tell(request, "The team is deleted, and nothing is shared with it any more.")
    return HttpResponseRedirect(reverse("teams"))


def _add(request: HttpRequest, team_id: UUID, given: Mapping[str, str]) -> None:
    user = user_of(request)
    found = membership.team_seen(user, team_id)
    body = NewMemberBody(data={"user": given["user"], "role": given.get("role") or Standing.MEMBER})
    body.is_valid(raise_exception=True)
    person = membership.person_named(team=found, named=body.validated_data["user"], by=user)
    role = Standing(body.validated_data["role"])
    membership.put_into_team(team_id=team_id, user_id=person.id, role=role, by=user)
    tell(request, f"{person} is in the team now.")


def _list(
    request: HttpRequest, given: Mapping[str, str] | None = None, *, problem: Problem | None = None
) -> HttpResponse:
    user = user_of(request)
    rows = teams_seen_by(user).annotate(size=Count("memberships")).order_by("name", "id")
    context = {
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "given": given or {"name": ""},
        "may_make": manages_organisation(user, own_organisation(user)),
        **_refused(problem),
    }
    return render(request, "accounts/teams.html", context, status=problem.status if problem else 200)


def _team(
    request: HttpRequest, team_id: UUID, given: Mapping[str, str] | None = None, *, problem: Problem | None = None
) -> HttpResponse:
    user = user_of(request)
    found = membership.team_seen(user, team_id)
    rows = TeamMember.objects.filter(team=found).select_related("user").order_by("user__username")
    context = {
        "team": found,
        "given": {"name": found.name, **(given or {})},
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "is_managed": manages_team(user, found),
        "may_delete": membership.may_delete(user, found),
        "is_in_it": rows.filter(user=user).exists(),
        **_refused(problem),
    }
    return render(request, "accounts/team.html", context, status=problem.status if problem else 200)


def _refused(problem: Problem | None) -> dict[str, Any]:
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    faulty = [(name, LABELS[name]) for name in errors if name in LABELS]
    return {"errors": errors, "faulty": faulty, **problem_context(problem, errors)}
