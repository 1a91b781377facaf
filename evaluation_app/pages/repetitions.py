"""What came of a prompt that was repeated: in the playground's place for it, and as a page of its own."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.pages.answers import is_htmx, user_of
from evaluation_app.pages.presentation.repetition import CHECKS, QuickCheck, RepetitionView
from playground import together


@require_GET
@vary_on_headers("HX-Request")
def repetition(request: HttpRequest, repetition_id: UUID) -> HttpResponse:
    """The answers as they are now, `?scorer=` and `?expected=` looked for in each; `HX-Request` asks for them alone."""
    context = {"shown": _shown(request, repetition_id), "checks": _choices()}
    page = "_repetition" if is_htmx(request) else "page"
    return render(request, f"evaluation_app/repetition/{page}.html", context)


@require_GET
@vary_on_headers("HX-Request")
def answers(request: HttpRequest, repetition_id: UUID) -> HttpResponse:
    """What changes as answers come; 204 where nothing has since `?seen=`."""
    if not is_htmx(request):
        return HttpResponseRedirect(_address(request, reverse("repeat", args=[repetition_id])))
    shown = _shown(request, repetition_id)
    if request.GET.get("seen") == shown.seen:
        return HttpResponse(status=204)
    response = render(request, "evaluation_app/repetition/_answers.html", {"shown": shown})
    if request.headers.get("HX-Trigger") == "repeat-check":
        # The address has the check: a page that is loaded again judges by it.
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path
        is_own = page == reverse("repeat", args=[repetition_id])
        at = page if is_own else f"{reverse('playground')}?repeat={repetition_id}"
        response.headers["HX-Replace-Url"] = _address(request, at)
    return response


def _address(request: HttpRequest, at: str) -> str:
    check = _check(request)
    query = urlencode({"scorer": check.scorer, "expected": check.expected}) if check.expected else ""
    return f"{at}{'&' if '?' in at else '?'}{query}" if query else at


def _shown(request: HttpRequest, repetition_id: UUID) -> RepetitionView:
    found = together.executions_of(user_of(request), repetition_id)
    if not found:
        raise Http404
    return RepetitionView(found, _check(request))


def _check(request: HttpRequest) -> QuickCheck:
    scorer = request.GET.get("scorer", "")
    return QuickCheck(scorer if scorer in CHECKS else "contains", request.GET.get("expected", ""))


def _choices() -> list[tuple[str, str]]:
    return [(name, words) for name, (_, words) in CHECKS.items()]
