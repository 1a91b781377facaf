"""`/settings/retention`, for administrators: how long what is kept, what would go tonight, what went, legal holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from accounts.people import person_named
from foundation.presentation.typed_numbers import plainly
from foundation.problems import Problem
from foundation.tasks import send_task
from privacy import holds
from privacy.api.asking import checked
from privacy.api.holds import HoldBody, listed
from privacy.api.retention import RulesBody, rules_json
from privacy.below.retention import organisations
from privacy.models import Covers, LegalHold, RetentionRun
from privacy.pages.people import names_of
from privacy.retention import running
from privacy.retention.kinds import KINDS, ruled
from privacy.retention.rules import set_days

RUNS: Final = 10
LABELS: Final = {"covers": "On a", "object_id": "Which", "reason": "Why"}


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def retention(request: HttpRequest) -> HttpResponse:
    """The page; a POST sets rules of one organisation."""
    by = checked(user_of(request))
    if request.method != "POST":
        return _page(request, organisation=request.GET.get("organisation", "")[:255])
    organisation = request.POST.get("organisation", "")
    typed = {kind: request.POST.get(f"days-{kind}", "").strip() for kind in ruled()}
    try:
        body = RulesBody(
            data={"organisation": organisation, "days": {kind: plainly(days) or None for kind, days in typed.items()}}
        )
        body.is_valid(raise_exception=True)
    except ValidationError as error:
        return _page(request, organisation=organisation[:255], typed=typed, problem=refusal_of(error))
    set_days(by=by, organisation=organisation, days=body.validated_data["days"])
    tell(request, "The rules are set. They count from the next night on.")
    return _back(organisation)


@never_cache
@require_GET
@answers_problems_on_the_page
def runs(request: HttpRequest) -> HttpResponse:
    """The reports alone, while one is being made."""
    checked(user_of(request))
    return render(request, "privacy/_runs.html", _runs())


@require_POST
@answers_problems_on_the_page
def dry_run(request: HttpRequest) -> HttpResponse:
    """Has a worker count what would go tonight."""
    run = running.begin(is_dry=True, by=checked(user_of(request)))
    send_task("privacy.tasks.go_on", run_id=str(run.id))
    return HttpResponseRedirect(f"{reverse('retention')}#reports")


@require_POST
@answers_problems_on_the_page
def place(request: HttpRequest) -> HttpResponse:
    """A new legal hold."""
    by = checked(user_of(request))
    given = {name: request.POST.get(name, "").strip() for name in LABELS}
    try:
        body = HoldBody(data={**given, "object_id": _meant(given)})
        body.is_valid(raise_exception=True)
        hold = holds.place(by=by, **{**body.validated_data, "covers": Covers(body.validated_data["covers"])})
    except (Problem, ValidationError) as error:
        return _page(request, hold=given, problem=refusal_of(error))
    tell(request, f"The hold on this {hold.covers} stands: nothing that it covers goes.")
    return HttpResponseRedirect(f"{reverse('retention')}#holds")


@require_POST
@answers_problems_on_the_page
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Ends a hold."""
    hold = holds.lift(by=checked(user_of(request)), hold_id=hold_id)
    tell(request, f"The hold on this {hold.covers} is lifted: what has been kept long enough goes tonight.")
    return HttpResponseRedirect(f"{reverse('retention')}#holds")


def _back(organisation: str) -> HttpResponse:
    query = f"?{urlencode({'organisation': organisation})}" if organisation else ""
    return HttpResponseRedirect(reverse("retention") + query)


def _meant(given: Mapping[str, str]) -> str:
    """People may be typed by their name or address."""
    typed = given["object_id"]
    if given["covers"] != Covers.USER:
        return typed
    found = person_named(typed, field="object_id")
    return str(found.id) if found else typed


def _page(
    request: HttpRequest,
    *,
    organisation: str = "",
    typed: Mapping[str, str] | None = None,
    hold: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    errors = {error["field"].removeprefix("days."): error["message"] for error in problem.errors} if problem else {}
    labels = {**LABELS, **{kind: KINDS[kind].title for kind in KINDS}}
    known = organisations()
    context = {
        "organisation": organisation,
        "organisations": known if organisation in known else [*known, organisation],
        "rules": [_rule(each, typed, errors) for each in rules_json(organisation) if each["kind"] in ruled()],
        "sorts": Covers.choices,
        "hold": hold or {"covers": Covers.USER, "object_id": "", "reason": ""},
        "holds": _holds(),
        "errors": errors,
        "faulty": [(name, labels[name]) for name in errors if name in labels],
        **_runs(),
        **problem_context(problem, errors),
        "told": "" if errors else problem and problem.detail,
    }
    return render(request, "privacy/retention.html", context, status=problem.status if problem else 200)


def _rule(each: Mapping[str, Any], typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> dict[str, Any]:
    own = str(each["days"]) if each["is_own"] else ""
    by_settings = KINDS[each["kind"]].days()
    return {
        **each,
        "typed": typed[each["kind"]] if typed else own,
        "by_settings": f"{by_settings} days" if by_settings else "for ever",
        "error": errors.get(each["kind"], ""),
    }


def _runs() -> dict[str, Any]:
    found = list(RetentionRun.objects.order_by("-started_at").prefetch_related("figures")[:RUNS])
    return {"runs": found, "is_counting": any(run.is_dry and run.ended_at is None for run in found)}


def _holds() -> list[tuple[LegalHold, str, str]]:
    """Holds, what each is on, and who placed it."""
    found = listed()
    people = [UUID(each.object_id) for each in found if each.covers == Covers.USER]
    names = names_of([*people, *(each.placed_by_id for each in found)])
    return [(each, _on(each, names), names.get(each.placed_by_id, "")) for each in found]


def _on(hold: LegalHold, names: Mapping[UUID | None, str]) -> str:
    if hold.covers == Covers.USER:
        return names.get(UUID(hold.object_id), hold.object_id)
    return hold.object_id or "those who have no organisation"
