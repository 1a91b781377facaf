"""The pages of suites: which there are, and one with its runs, its gate and its clock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from evaluation_app.baselines.setting import set_baseline
from evaluation_app.lookup import governed
from evaluation_app.models import Suite, Why
from evaluation_app.pages.presentation.suite import SuiteRow, SuiteView
from evaluation_app.suites import gate, keeping, running
from evaluation_app.suites.bodies import OverrideSerializer, SuiteChangeSerializer
from evaluation_app.suites.from_test import body_of
from foundation.problems import FieldError, invalid
from foundation.rest.serializers import checked_json

A_PAGE = 50


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
    context = {"shown": SuiteView(keeping.seen(user, suite_id), user)}
    part = "_suite" if is_htmx(request) else "suite"
    return render(request, f"evaluation_app/{part}.html", context)


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
    """Runs, renames, sets the gate or the clock, takes away."""
    if verb not in ACTS:
        raise Http404
    user = user_of(request)
    sentence = ACTS[verb](request, keeping.governed(user, suite_id))
    tell(request, sentence)
    if verb == "delete":
        return HttpResponseRedirect(reverse("suites"))
    return HttpResponseRedirect(reverse("suite", args=[suite_id]))


@require_POST
@answers_problems_on_the_page
def override(request: HttpRequest, suite_id: UUID, run_id: UUID) -> HttpResponse:
    """A second person's word for one move of the label."""
    user = user_of(request)
    read = OverrideSerializer(data={"reason": request.POST.get("reason", "")})
    read.is_valid(raise_exception=True)
    signed = gate.sign(user=user, suite=keeping.seen(user, suite_id), run_id=run_id, **read.validated_data)
    tell(request, f"“{signed.label}” may move once to version {signed.version.number}: by anybody but you.")
    return HttpResponseRedirect(reverse("suite", args=[suite_id]))


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
    wanted: dict[str, Any] = {"label": label, "margin": (_percent(request, "margin") or 0.0)}
    floor = _percent(request, "floor")
    _change(request, suite, {"gate": {**wanted, **({} if floor is None else {"floor": floor})}})
    return f"“{label}” moves to versions that have passed, and to no others."


def _schedule(request: HttpRequest, suite: Suite) -> str:
    cron, hours = request.POST.get("cron", "").strip(), request.POST.get("hours", "").strip()
    if not cron and not hours:
        _change(request, suite, {"schedule": None})
        return "It does not run by itself any more."
    if hours and not cron:
        seconds = round(_number(hours, "schedule.every") * 3_600)
        _change(request, suite, {"schedule": {"every": seconds}})
    else:
        given = {"cron": cron, **({"every": 3_600} if hours else {})}
        _change(request, suite, {"schedule": given})
    return "It runs by itself from now on."


def _rename(request: HttpRequest, suite: Suite) -> str:
    _change(request, suite, {"name": request.POST.get("name", "")})
    return "It has another name."


def _delete(request: HttpRequest, suite: Suite) -> str:
    keeping.delete(user=user_of(request), suite=suite)
    return f"“{suite.name[:80]}” is gone; its tests are still here."


ACTS = {"run": _run, "gate": _gate, "schedule": _schedule, "rename": _rename, "delete": _delete}


def _change(request: HttpRequest, suite: Suite, given: dict[str, Any]) -> None:
    read: dict[str, Any] = dict(checked_json(SuiteChangeSerializer(), given))
    keeping.change(user=user_of(request), suite=suite, given=read)


def _percent(request: HttpRequest, name: str) -> float | None:
    """A share out of a field that is filled in in points."""
    text = request.POST.get(name, "").strip()
    return _number(text, f"gate.{name}") / 100 if text else None


def _number(text: str, field: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise invalid([FieldError(field, "invalid", "A number is expected.")]) from None
    if not 0 <= number < 1e9:  # no infinity either, and nothing that is no number
        raise invalid([FieldError(field, "invalid", "It is out of range.")])
    return number


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid([FieldError(field, "invalid", "An id is expected.")]) from None
