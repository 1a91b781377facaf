"""`/settings/usage`: how one stands, and, for administrators, everybody's limits; the budget in the top bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.models import Role, Team, User
from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from accounts.people import person_named
from foundation.presentation.typed_numbers import plainly
from foundation.problems import FieldError, Problem, invalid
from quotas.api.views import LONGEST_ID, LimitsBody
from quotas.ledger.permission import MANAGED, REFUSED, check_may_set, limits_set_by, managed_by, may_see
from quotas.ledger.setting import MEASURES, check_subject, name_of, set_limits
from quotas.ledger.standing import Standing, are_there_limits, standings_at, standings_of
from quotas.models import EVERY, SETTABLE, Period, QuotaAlert, QuotaLimit, SubjectKind
from quotas.pages.presentation import Line, tightest

FIRST: Final = {"kind": SubjectKind.USER, "subject": "", "period": Period.DAY, "is_hard": "true"}
BEYOND: Final = (("true", "runs are refused"), ("false", "it is only told"))
LABELS: Final = {"subject": "Whose", "executions": "Executions", "tokens": "Tokens", "cost": "Cost"}


@never_cache
@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """One's own limits, used, set aside and left, and the shares that were told.

    `kind` and `subject`: those of a team and the like that one sees to, too.
    """
    user, lines = user_of(request), lines_of(request)
    alerts = QuotaAlert.objects.filter(usage__subject_kind=SubjectKind.USER, usage__subject_id=str(user.id))
    context = {
        "lines": lines,
        "others": _lines_of_another(request, user),
        "alerts": alerts.select_related("usage").order_by("-reached_at", "-percent")[:20],
        "is_admin": user.has_role(Role.ADMIN) or managed_by(user),
    }
    return render(request, "quotas/usage.html", context)


def _lines_of_another(request: HttpRequest, user: User) -> list[Line]:
    kind, subject_id = request.GET.get("kind", ""), request.GET.get("subject", "")[:LONGEST_ID]
    if kind not in SETTABLE or not subject_id:
        return []
    meant = SubjectKind(kind)
    try:
        check_subject(meant, subject_id)
    except Problem:
        return []
    # Of what one does not see to nothing is told, as of what there is not.
    return _lines(standings_at(kind=meant, subject_id=subject_id)) if may_see(user, meant, subject_id) else []


@never_cache
@require_GET
def bar(request: HttpRequest) -> HttpResponse:
    """What is left of the limit that is nearest to its end, for the top bar; empty where there is none."""
    line = tightest(lines_of(request)) if are_there_limits() else None
    return render(request, "quotas/_bar.html", {"line": line})


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def limits(request: HttpRequest) -> HttpResponse:
    """The limits that one may set, and the form that sets one; for administrators and managers of an organisation."""
    user = user_of(request)
    if not user.has_role(Role.ADMIN) and not managed_by(user):
        raise PermissionDenied(REFUSED)
    if request.method != "POST":
        return _limits_page(request, {**FIRST, **request.GET.dict()})
    given = {name: str(value).strip() for name, value in request.POST.items()}
    try:
        _set(request, given)
    except (Problem, ValidationError) as error:
        return _limits_page(request, given, problem=refusal_of(error))
    return HttpResponseRedirect(reverse("quotas"))


def lines_of(request: HttpRequest) -> list[Line]:
    """Every measure of every limit that the user's next run meets; those of the project that is being looked at too."""
    return _lines(standings_of(user_id=user_of(request).id, project_id=request.GET.get("project", "")[:255]))


def _lines(standings: Sequence[Standing]) -> list[Line]:
    now = timezone.now()
    names = {each.subject_id: name_of(each.subject_kind, each.subject_id) for each in standings}
    return [
        Line(standing, amount, names[standing.subject_id], now) for standing in standings for amount in standing.amounts
    ]


def _set(request: HttpRequest, given: Mapping[str, str]) -> None:
    for name, known in (("kind", SETTABLE), ("period", tuple(Period))):
        if given.get(name) not in known:
            raise invalid([FieldError(name, "invalid_choice", f"It is one of {', '.join(known)}.")])
    kind, period = SubjectKind(given["kind"]), Period(given["period"])
    user = user_of(request)
    numbers = {name: plainly(given[name]) for name in MEASURES if given.get(name)}
    limit = {"period": period, "is_hard": given.get("is_hard") == "true", **numbers}
    rules = LimitsBody(data={"limits": [limit]})
    subject_id, faults = _found(user, kind, given.get("subject", ""))
    if not rules.is_valid():
        faults += refusal_of(ValidationError(rules.errors)).errors
    if faults:
        raise invalid([FieldError(**fault) for fault in faults])
    check_may_set(user, kind, subject_id)
    others = QuotaLimit.objects.filter(subject_kind=kind, subject_id=subject_id).exclude(period=period)
    kept = list(others.values("period", "is_hard", *MEASURES))
    set_limits(kind=kind, subject_id=subject_id, limits=[*kept, *rules.validated_data["limits"]], by=user)
    named = name_of(kind, subject_id)
    done = "set" if numbers else "taken away"
    tell(request, f"The quota of {named} a {period} is {done}. What was run in it before counts within seconds.")


def _found(user: User, kind: SubjectKind, typed: str) -> tuple[str, list[dict[str, str]]]:
    """Whose quota is meant, and what is wrong with how that was said."""
    if typed == EVERY:
        return EVERY, []
    try:
        return _subject(user, kind, typed), []
    except Problem as problem:
        if not problem.errors:
            raise
        return "", list(problem.errors)


def _subject(user: User, kind: SubjectKind, typed: str) -> str:
    """The id that is meant: people are named by user name or e-mail, teams by their name, the others by their id."""
    if not typed:
        raise invalid([FieldError("subject", "required", "Say whose quota it is; * stands for everybody.")])
    if len(typed) > LONGEST_ID:
        raise invalid([FieldError("subject", "max_length", f"It has up to {LONGEST_ID} characters.")])
    found: User | Team | None = None
    # A manager learns of nobody elsewhere, and names what is of their own organisation.
    narrowed = {} if user.has_role(Role.ADMIN) else {"organisation": managed_by(user)}
    if kind == SubjectKind.USER:
        found = person_named(typed, field="subject", among=User.objects.filter(**narrowed))
    elif kind == SubjectKind.TEAM:
        named = list(Team.objects.filter(name=typed, **narrowed)[:2])
        if len(named) > 1:
            raise invalid([FieldError("subject", "ambiguous", "More than one team has this name: give its id.")])
        found = named[0] if named else None
    if found is not None:
        return str(found.id)
    if kind in (SubjectKind.USER, SubjectKind.TEAM) and not _is_id(typed):
        raise invalid([FieldError("subject", "unknown", f"There is no {kind.label.lower()} of this name.")])
    return typed


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _limits_page(request: HttpRequest, given: Mapping[str, Any], *, problem: Problem | None = None) -> HttpResponse:
    user = user_of(request)
    rows = list(limits_set_by(user).order_by("subject_kind", "subject_id", "period"))
    kinds = [(kind, kind.label) for kind in (SETTABLE if user.has_role(Role.ADMIN) else MANAGED)]
    errors = {error["field"].rpartition(".")[2]: error["message"] for error in problem.errors} if problem else {}
    context = {
        "rows": [(row, name_of(SubjectKind(row.subject_kind), row.subject_id)) for row in rows],
        "given": given,
        "kinds": kinds,
        "periods": Period.choices,
        "beyond": BEYOND,
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
    }
    return render(request, "quotas/limits.html", context, status=problem.status if problem else 200)
