"""The pages of suites: which there are, and one with its runs, its gate and its clock."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from evaluation_app.baselines.setting import set_baseline
from evaluation_app.lookup import governed
from evaluation_app.models import Suite, Why
from evaluation_app.pages.presentation.suite import SuiteRow, SuiteView
from evaluation_app.suites import gate, keeping, running
from evaluation_app.suites.bodies import OverrideSerializer, SuiteChangeSerializer
from evaluation_app.suites.from_test import body_of
from evaluation_app.suites.schedule import LONGEST_GAP
from foundation import words
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import checked_json
from templates_app.lookup import LABEL

A_PAGE = 50
MOST_HOURS: Final = LONGEST_GAP.days * 24
FIELDS: Final = {
    "label": "Label",
    "margin": "Loss allowed",
    "floor": "Must pass",
    "hours": "Every so many hours",
    "cron": "Cron",
    "reason": "Why",
}
"""The fields of the page's forms, with what the page calls them."""
SET: Final = ("label", "margin", "floor", "hours", "cron")
"""Fields that begin with what the suite has."""
PLACES: Final = {"every": "hours", "schedule": "hours"}
"""Fields that the page calls otherwise than the API."""


@require_GET
def suite_list(request: HttpRequest) -> HttpResponse:
    """Your suites, and those that gate templates which you may change, the newest first."""
    user = user_of(request)
    found = Suite.objects.visible_to(user).select_related("user", "template").order_by("-created_at", "-id")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"rows": [SuiteRow(suite, user) for suite in page], "page": page}
    return render(request, "evaluation_app/suites.html", context)


@require_GET
@vary_on_headers("HX-Request")
@answers_problems_on_the_page
def suite(request: HttpRequest, suite_id: UUID) -> HttpResponse:
    """The suite as it is now; `HX-Request` asks for what changes alone."""
    user = user_of(request)
    return _page(request, SuiteView(keeping.seen(user, suite_id), user))


@require_POST
@answers_problems_on_the_page
def keep(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Keeps a test in a new suite, or in one that is there (`suite`)."""
    user = user_of(request)
    test = governed(user, test_id)
    if chosen := request.POST.get("suite", ""):
        found = keeping.governed(user, _uuid(chosen, "suite"))
        kept = keeping.change(user=user, suite=found, given={"tests": [*found.tests, body_of(test)]})
        tell(request, f"“{test.name[:80]}” runs with the suite from now on.")
    else:
        kept = keeping.create(user=user, given={"name": test.name, "tests": [body_of(test)]})
        tell(request, "The test is kept as a suite: run it on each new version, by the clock, or before a label moves.")
    return HttpResponseRedirect(reverse("suite", args=[kept.id]))


@require_POST
@answers_problems_on_the_page
def make_baseline(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Makes the test what new tests of its template are compared with."""
    user = user_of(request)
    template_id = _uuid(request.POST.get("template_id", ""), "template_id")
    set_baseline(user=user, test=governed(user, test_id), template_id=template_id)
    tell(request, "It is the baseline now: each new test of the template is compared with it.")
    return HttpResponseRedirect(reverse("evaluation", args=[test_id]))


@require_POST
@answers_problems_on_the_page
def act(request: HttpRequest, suite_id: UUID, verb: str) -> HttpResponse:
    """Runs, renames, sets the gate or the clock, takes away; what is refused stands on the suite's own page."""
    if verb not in ACTS:
        raise Http404
    user = user_of(request)
    found = keeping.governed(user, suite_id)
    try:
        sentence = ACTS[verb](request, found)
    except (Problem, ValidationError) as error:
        return _page(request, SuiteView(keeping.seen(user, suite_id), user), refusal_of(error))
    tell(request, sentence)
    if verb == "delete":
        return HttpResponseRedirect(reverse("suites"))
    return HttpResponseRedirect(reverse("suite", args=[suite_id]))


@require_POST
@answers_problems_on_the_page
def override(request: HttpRequest, suite_id: UUID, run_id: UUID) -> HttpResponse:
    """A second person's word for one move of the label."""
    user = user_of(request)
    found = keeping.seen(user, suite_id)
    try:
        signed = gate.sign(user=user, suite=found, run_id=run_id, reason=_reason(request))
    except (Problem, ValidationError) as error:
        return _page(request, SuiteView(found, user), refusal_of(error))
    tell(request, f"“{signed.label}” may move once to version {signed.version.number}: by anybody but you.")
    return HttpResponseRedirect(reverse("suite", args=[suite_id]))


def _page(request: HttpRequest, shown: SuiteView, problem: Problem | None = None) -> HttpResponse:
    """The suite's page; with a refusal at the fields, what was typed in place of what is set, and the refusal's status.

    What one may not see or do at all is no matter of a form, and goes to the usual pages.
    """
    if problem and problem.status in (403, 404):
        raise problem
    errors = _errors_by_field(problem) if problem else {}
    shown_fields = {"reason"} if shown.refused else set()
    if shown.may_change:
        shown_fields |= {"hours", "cron"} | ({"label", "margin", "floor"} if shown.may_set_gate else set())
    context = {
        "shown": shown,
        "given": {name: getattr(shown, name) for name in SET} | {name: request.POST[name] for name in _typed(request)},
        "errors": errors,
        "told": " ".join(message for name, message in errors.items() if name not in shown_fields),
        "faulty": [(name, words) for name, words in FIELDS.items() if name in errors and name in shown_fields],
    }
    part = "_suite" if is_htmx(request) else "suite"
    return render(request, f"evaluation_app/{part}.html", context, status=problem.status if problem else 200)


def _typed(request: HttpRequest) -> list[str]:
    """The page's fields that were sent."""
    return [name for name in FIELDS if name in request.POST]


def _errors_by_field(problem: Problem) -> dict[str, str]:
    """The refusal's sentences by the page's fields; under the empty name what belongs to none."""
    found: dict[str, str] = {}
    for error in problem.errors:
        last = error["field"].rpartition(".")[2]
        place = PLACES.get(last, last if last in FIELDS else "")
        found[place] = f"{found[place]} {error['message']}" if place in found else error["message"]
    return found or {"": problem.detail or problem.title}


def _reason(request: HttpRequest) -> str:
    text = request.POST.get("reason", "").strip()
    if not text:
        raise invalid([FieldError("reason", "required", "Say why: the history of the template keeps it.")])
    read = OverrideSerializer(data={"reason": text})
    read.is_valid(raise_exception=True)
    return str(read.validated_data["reason"])


def _run(request: HttpRequest, suite: Suite) -> str:
    number = request.POST.get("version", "")
    if number and (not number.isdecimal() or len(number) > 9):
        raise invalid([FieldError("version", "invalid", "A version is told by its number.")])
    version = running.version_on_trial(suite, int(number) if number else None)
    running.begin(suite, version, why=Why.HAND, asked_by=user_of(request))
    return "It runs. You can leave this page: what it comes to is found here."


def _gate(request: HttpRequest, suite: Suite) -> str:
    label = request.POST.get("label", "").strip()
    if not label:
        _change(request, suite, {"gate": None})
        return "The suite holds no label any more."
    if not LABEL.fullmatch(label):
        message = "Up to 50 small letters, digits, - and _, a letter first, such as “production”."
        raise invalid([FieldError("label", "invalid", message)])
    wanted: dict[str, Any] = {"label": label, "margin": (_percent(request, "margin") or 0.0)}
    floor = _percent(request, "floor")
    kept = _change(request, suite, {"gate": {**wanted, **({} if floor is None else {"floor": floor})}})
    unknown = "" if running.labelled(kept) else f" No version of the template bears “{label}” yet."
    return f"“{label}” moves to versions that have passed, and to no others.{unknown}"


def _schedule(request: HttpRequest, suite: Suite) -> str:
    cron, hours = request.POST.get("cron", "").strip(), request.POST.get("hours", "").strip()
    if not cron and not hours:
        _change(request, suite, {"schedule": None})
        return "It does not run by itself any more."
    if cron and hours:
        raise invalid([FieldError("hours", "invalid", "Hours or cron: leave one of them empty.")])
    given = {"cron": cron} if cron else {"every": round(_number(hours, "hours", most=MOST_HOURS) * 3_600)}
    _change(request, suite, {"schedule": given})
    return "It runs by itself from now on."


def _rename(request: HttpRequest, suite: Suite) -> str:
    _change(request, suite, {"name": request.POST.get("name", "")})
    return "It has another name."


def _delete(request: HttpRequest, suite: Suite) -> str:
    keeping.delete(user=user_of(request), suite=suite)
    return f"“{suite.name[:80]}” is gone; its tests are still here."


ACTS = {"run": _run, "gate": _gate, "schedule": _schedule, "rename": _rename, "delete": _delete}


def _change(request: HttpRequest, suite: Suite, given: dict[str, Any]) -> Suite:
    read: dict[str, Any] = dict(checked_json(SuiteChangeSerializer(), given))
    return keeping.change(user=user_of(request), suite=suite, given=read)


def _percent(request: HttpRequest, name: str) -> float | None:
    """A share out of a field that is filled in in points."""
    text = request.POST.get(name, "").strip()
    return _number(text, name, most=100) / 100 if text else None


def _number(text: str, field: str, *, most: int) -> float:
    number = typed_number(text)
    if isinstance(number, str) or not 0 <= number <= most:
        raise invalid([FieldError(field, "invalid", f"A number from 0 to {words.number(most)} is expected.")])
    return number


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid([FieldError(field, "invalid", "An id is expected.")]) from None
