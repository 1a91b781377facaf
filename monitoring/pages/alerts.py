"""`/monitoring/alerts`: what is firing, the rules, and what was firing; for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from foundation.presentation.typed_numbers import plainly
from foundation.problems import FieldError, Problem, invalid
from monitoring.alerts import reading, rules
from monitoring.alerts.measures import MEASURES
from monitoring.api.alerts import RuleBody, RuleChangeBody
from monitoring.errors.deciding import must_administer
from monitoring.models import Alert, AlertRule, AlertState, Comparison, Firing, Severity

NUMBERS: Final = ("threshold", "minutes")
FIRST: Final = {"comparison": Comparison.ABOVE, "minutes": "5", "severity": Severity.WARNING}
LABELS: Final = {
    "name": "Name",
    "figure": "Figure",
    "provider": "Provider",
    "comparison": "It is an alert",
    "threshold": "Threshold",
    "minutes": "For minutes",
    "severity": "Severity",
}
LASTING: Final = {"1": "1 h", "8": "8 h", "168": "1 week"}
"""Hours of a mute."""


@never_cache
@require_GET
@answers_problems_on_the_page
def alerts(request: HttpRequest) -> HttpResponse:
    """Firing ones on top."""
    must_administer(user_of(request))
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    given: Mapping[str, str] = FIRST,
    rule_id: int | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    """The page with what was typed and refused: into the row of a rule, else into the form of a new one."""
    now = timezone.now()
    errors = {error["field"]: error["message"] for error in problem.errors} if problem else {}
    of_new = errors if rule_id is None else {}
    found = [_shown(alert, now=now) for alert in reading.alerts()]
    context = {
        "firing": [each for each in found if each["alert"].state == AlertState.FIRING],
        "others": [each for each in found if each["alert"].state in (AlertState.PENDING, AlertState.UNKNOWN)],
        "muted": [each for each in found if each["is_muted"] and each["alert"].state == AlertState.OK],
        "rules": [
            _row(rule, given, errors, is_refused=rule.id == rule_id) for rule in AlertRule.objects.order_by("name")
        ],
        "history": list(_told(reading.history())),
        "lasting": LASTING.items(),
        "figures": [(each.name, each.meaning) for each in MEASURES.values()],
        "comparisons": Comparison.choices,
        "severities": Severity.choices,
        "given": FIRST if rule_id else given,
        "errors": of_new,
        "faulty": [(name, LABELS[name]) for name in of_new if name in LABELS],
        **problem_context(problem, errors),
    }
    return render(request, "monitoring/alerts.html", context, status=problem.status if problem else 200)


def _row(rule: AlertRule, given: Mapping[str, str], errors: Mapping[str, str], *, is_refused: bool) -> dict[str, Any]:
    typed = given if is_refused else {"threshold": f"{rule.threshold:.15g}", "minutes": str(rule.minutes)}
    return {
        "rule": rule,
        "measure": MEASURES.get(rule.figure),
        "typed": typed,
        "errors": errors if is_refused else {},
        "is_on": "is_enabled" in given if is_refused else rule.is_enabled,
    }


def _shown(alert: Alert, *, now: Any) -> dict[str, Any]:
    measure = MEASURES.get(alert.rule.figure)
    return {
        "alert": alert,
        "rule": alert.rule,
        "unit": measure.unit if measure else "",
        "is_muted": reading.is_muted(alert, now=now),
        "error_id": alert.subject if alert.rule.figure == "new_errors" else "",
    }


def _told(firings: Iterable[Firing]) -> Iterable[dict[str, Any]]:
    for firing in firings:
        measure = MEASURES.get(firing.figure)
        yield {"firing": firing, "unit": measure.unit if measure else ""}


@require_POST
@answers_problems_on_the_page
def rules_made(request: HttpRequest) -> HttpResponse:
    """A rule of somebody's own."""
    must_administer(user_of(request))
    given = {name: str(value).strip() for name, value in request.POST.dict().items() if name in LABELS}
    try:
        body = RuleBody(data={**given, **_numbers(given)})
        body.is_valid(raise_exception=True)
        rule = rules.make(by=user_of(request), given=body.validated_data)
    except (Problem, ValidationError) as error:
        return _page(request, given=given, problem=refusal_of(error))
    tell(request, f"“{rule.name}” is watched from the next minute on.")
    return HttpResponseRedirect(reverse("alerts"))


@require_POST
@answers_problems_on_the_page
def rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Its threshold, its minutes, and whether it is on."""
    must_administer(user_of(request))
    given = {name: str(value).strip() for name, value in request.POST.dict().items()}
    try:
        body = RuleChangeBody(data={**_numbers(given), "is_enabled": "is_enabled" in given})
        body.is_valid(raise_exception=True)
        changed = rules.change(rule_id=rule_id, by=user_of(request), given=body.validated_data, at=timezone.now())
    except ValidationError as error:
        return _page(request, given=given, rule_id=rule_id, problem=refusal_of(error))
    tell(request, f"“{changed.name}” is changed.")
    return HttpResponseRedirect(reverse("alerts"))


def _numbers(given: Mapping[str, str]) -> dict[str, str]:
    return {name: plainly(given[name]) for name in NUMBERS if name in given}


@require_POST
@answers_problems_on_the_page
def rule_deletion(request: HttpRequest, rule_id: int) -> HttpResponse:
    """It goes with its alerts."""
    rules.remove(rule_id=rule_id, by=user_of(request), at=timezone.now())
    tell(request, "The rule is deleted. When it was firing stays in the history.")
    return HttpResponseRedirect(reverse("alerts"))


@require_POST
@answers_problems_on_the_page
def muting(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Nobody is told of it for so many hours."""
    hours = request.POST.get("hours", "")
    if hours not in LASTING:
        raise invalid([FieldError("hours", "invalid_choice", "One of 1, 8 and 168 hours is expected.")])
    lasting = timedelta(hours=int(hours))
    rules.mute(alert_id=alert_id, by=user_of(request), lasting=lasting, at=timezone.now())
    tell(request, f"Nobody is told of it for {LASTING[hours]}. It is judged on.")
    return HttpResponseRedirect(reverse("alerts"))


@require_POST
@answers_problems_on_the_page
def unmuting(request: HttpRequest, alert_id: int) -> HttpResponse:
    """It is told again."""
    rules.unmute(alert_id=alert_id, by=user_of(request))
    tell(request, "It is told again, from the next minute on.")
    return HttpResponseRedirect(reverse("alerts"))
