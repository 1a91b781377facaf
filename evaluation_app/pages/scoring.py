"""The page of rules by which calls made elsewhere are scored, and what they have found."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.datasets.from_run import run_of
from evaluation_app.datasets.inputs import read_json
from evaluation_app.models import CallScore, ScoringRule, Suite
from evaluation_app.pages.presentation.dataset import faults_of
from evaluation_app.sampled import rules
from evaluation_app.sampled.bodies import ScoringRuleSerializer
from evaluation_app.sampled.representation import rule_json
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import checked_json

FIELDS: Final = ("name", "service", "model_id", "project_id", "share", "suite_id", "scorers", "budget_per_day")
BEGUN: Final = {"share": "10", "budget_per_day": "1"}
SHOWN: Final = 20
MOST_RULES: Final = 100


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def scoring(request: HttpRequest) -> HttpResponse:
    """Your rules with what they have found lately, and the form of a new one."""
    user = user_of(request)
    if request.method == "GET":
        return _page(request, user, dict(BEGUN))
    given = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        rule = rules.create(user=user, given=checked_json(ScoringRuleSerializer(), _body(given)))
    except (Problem, ValidationError) as error:
        return _page(request, user, given, refusal_of(error))
    tell(request, f"“{rule.name[:80]}” scores calls that come from now on.")
    return HttpResponseRedirect(reverse("scoring"))


@require_POST
@answers_problems_on_the_page
def act(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """Stops a rule, starts it again, or takes it away (`act`)."""
    user, verb = user_of(request), request.POST.get("act", "")
    if verb == "remove":
        rules.delete(user=user, rule_id=rule_id)
    else:
        rules.change(user=user, rule_id=rule_id, given={"is_active": verb == "start"})
    return HttpResponseRedirect(reverse("scoring"))


@require_GET
@answers_problems_on_the_page
def call_scores(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """What rules have found of one call, for its own place on other pages."""
    run = run_of(user_of(request), execution_id)
    found = CallScore.objects.filter(execution=run).select_related("rule").order_by("id")
    return render(request, "evaluation_app/_call_scores.html", {"calls": found})


def _body(given: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {name: value for name, value in given.items() if value}
    if "scorers" in body:
        body["scorers"] = read_json(given["scorers"], None)
        if not isinstance(body["scorers"], list):
            raise invalid([FieldError("scorers", "malformed_json", "A JSON list of scorers is expected.")])
    return {**body, **{name: typed_number(given[name]) for name in ("share", "budget_per_day")}}


def _page(request: HttpRequest, user: User, given: dict[str, str], problem: Problem | None = None) -> HttpResponse:
    found = ScoringRule.objects.visible_to(user).order_by("-created_at", "-id")[:MOST_RULES]
    context = {
        "rules": [{**rule_json(rule), "calls": _calls(rule)} for rule in found],
        "suites": Suite.objects.visible_to(user).order_by("-created_at")[:MOST_RULES],
        "given": given,
        "faults": faults_of(problem.errors) or [problem.detail] if problem else [],
    }
    return render(request, "evaluation_app/scoring.html", context, status=problem.status if problem else 200)


def _calls(rule: ScoringRule) -> Any:
    return rule.calls.select_related("execution").order_by("-created_at", "-id")[:SHOWN]
