"""The page of one test: live while it runs, then its verdict, the figures and the matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, tell, user_of
from evaluation_app import lifecycle
from evaluation_app.baselines.setting import presently
from evaluation_app.export.registry import FORMATS
from evaluation_app.figures.live import live_of
from evaluation_app.judges.report import report_of
from evaluation_app.lookup import editable, role_in, visible
from evaluation_app.models import Baseline, EvaluationTest
from evaluation_app.pages.presentation.judges import JudgeView
from evaluation_app.pages.presentation.rate import RateView
from evaluation_app.pages.presentation.test import KINDS, TestView

A_PAGE: Final = 20
VERBS: Final[dict[str, tuple[Callable[[EvaluationTest], object], str]]] = {
    "pause": (lifecycle.pause, "Nothing new begins; what is under way is kept."),
    "resume": (lifecycle.resume, "It goes on."),
    "cancel": (lifecycle.cancel, "It ends; what was answered is kept."),
    "rerun-errors": (lifecycle.rerun_errors, "What got no answer is asked again."),
    "rescore": (lifecycle.rescore, "Every answer is judged anew; nobody is asked for one."),
}


@require_GET
@vary_on_headers("HX-Request")
@answers_problems_on_the_page
def test(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """The test as it is now; `HX-Request` asks for what changes alone."""
    show = request.GET.get("show", "")
    user = user_of(request)
    found = visible(user, test_id)
    shown = TestView(found, show=show if show in dict(KINDS) else "", role=role_in(found, user))
    live = live_of(test_id, now=timezone.now()) if shown.is_live else None
    context: dict[str, Any] = {"shown": shown, "live": live, "formats": FORMATS.values()}
    if not shown.is_live:
        context["baselines"] = _baselines(shown) if shown.is_mine else []
        context["judges"] = [JudgeView(told) for told in report_of(shown.test)]
    if live:
        context["live_rates"] = [(rate["variant"], RateView(rate)) for rate in live["rates"]]
    page = "_test" if is_htmx(request) else "test"
    return render(request, f"evaluation_app/{page}.html", context)


def _baselines(shown: TestView) -> list[tuple[object, str, Baseline | None]]:
    """Templates that the test can be the baseline of, by id and name, each with what it is already."""
    present = presently(shown.test)
    return [(template_id, name, present.get(template_id)) for template_id, name in shown.baseline_templates]


@require_POST
@answers_problems_on_the_page
def steer(request: HttpRequest, test_id: UUID, verb: str) -> HttpResponse:
    """Pauses, resumes, cancels, asks again, judges anew."""
    found = editable(user_of(request), test_id)
    if verb not in VERBS:
        raise Http404
    act, sentence = VERBS[verb]
    act(found)
    tell(request, sentence)
    return HttpResponseRedirect(reverse("evaluation", args=[test_id]))
