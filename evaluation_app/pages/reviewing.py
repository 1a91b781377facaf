"""The page of whoever reviews, by the queue's secret link: with an account, or with nothing but a name.

The link opens its own queue and nothing else: these views start from the queue that the token leads to, and every
item they touch is looked up in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import is_htmx, refusal_of
from evaluation_app.api.reviewing import SaidBody
from evaluation_app.models import ReviewLock, ReviewQueue, ReviewRater
from evaluation_app.pages.presentation.review import ReviewPage, shown_item
from evaluation_app.review import limits
from evaluation_app.review.claiming import keep, next_item
from evaluation_app.review.guests import guest_of, introduce
from evaluation_app.review.labelling import Said, label, undo
from evaluation_app.review.links import queue_behind
from evaluation_app.review.raters import LONGEST_NAME, guest_rater, user_rater
from foundation.brake import address_of
from foundation.problems import FieldError, Problem, invalid

VERDICTS: Final[dict[str, dict[str, Any]]] = {
    "pass": {"passed": True},
    "fail": {"passed": False},
    **{str(rating): {"rating": rating} for rating in range(1, 6)},
    **{side: {"winner": side} for side in ("a", "b", "tie")},
    "skip": {"skip": True},
}


class Review(NamedTuple):
    """A queue by its link, and who is at it; no rater yet: who has not said their name."""

    queue: ReviewQueue
    rater: ReviewRater | None
    token: str

    @property
    def known(self) -> ReviewRater:
        """The rater; raises Problem (403) for who has none."""
        if self.rater is None:
            raise Problem(403, "no_name", "Say who you are first: load the page again.")
        return self.rater


View = Callable[..., HttpResponse]


def by_link(view: View) -> Callable[..., HttpResponseBase]:
    """Finds the queue behind the token; what is refused is a page, or JSON for the page's own script."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        try:
            response = view(request, _review(request, token), **named)
        except (Problem, ValidationError) as error:
            response = _refused(request, refusal_of(error))
        # The address is a secret. Not "no-referrer": browsers would post "Origin: null", which the CSRF check refuses.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


@require_GET
@by_link
def review(request: HttpRequest, found: Review) -> HttpResponse:
    """One item, or the question for a name."""
    if found.rater is None:
        return render(request, "evaluation_app/review/name.html", {"queue": found.queue, "token": found.token})
    return _page(request, found, next_item(found.queue, found.rater, now=timezone.now()))


@require_POST
@by_link
def name(request: HttpRequest, found: Review) -> HttpResponse:
    """Remembers a guest's name in a cookie."""
    given = " ".join(request.POST.get("name", "").split())
    context = {"queue": found.queue, "token": found.token, "given": given}
    if not 0 < len(given) <= LONGEST_NAME:
        context["error"] = f"A name is needed, of {LONGEST_NAME} characters at most."
        return render(request, "evaluation_app/review/name.html", context, status=400)
    response = HttpResponseRedirect(reverse("review", args=[found.token]))
    if found.rater is None:
        limits.count(limits.NAMES, address_of(request))
        guest = introduce(response, given)
        guest_rater(found.queue, guest_id=guest.id, name=guest.name)
    return response


@require_POST
@by_link
def following(request: HttpRequest, found: Review) -> HttpResponse:
    """The item after the one that is looked at now, so that it is there when it is wanted."""
    lock = next_item(found.queue, found.known, now=timezone.now(), besides=_id(request, "besides"))
    return JsonResponse(_told(request, found, lock))


@require_POST
@by_link
def item(request: HttpRequest, found: Review, item_id: UUID) -> HttpResponse:
    """What was said of an item; then the one after the next, which is `showing` already, or the next one."""
    try:
        given = _said(request)
        is_skip, now = given.pop("skip", False), timezone.now()
        label(found.queue, found.known, item_id, Said(**given), is_skip=is_skip, now=now)
    except (Problem, ValidationError) as error:
        if is_htmx(request):
            raise
        return _page_with_what_was_typed(request, found, refusal_of(error))
    if not is_htmx(request):
        return HttpResponseRedirect(reverse("review", args=[found.token]))
    showing = _id(request, "showing")
    is_kept = showing is None or keep(found.queue, found.known, showing, now=now)
    lock = next_item(found.queue, found.known, now=now, besides=showing)
    return JsonResponse({**_told(request, found, lock), "is_kept": is_kept})


@require_POST
@by_link
def undone(request: HttpRequest, found: Review) -> HttpResponse:
    """Takes the last thing back that this person said, and shows its item."""
    try:
        lock = undo(found.queue, found.known, now=timezone.now())
    except Problem as problem:
        if is_htmx(request):
            raise
        return _page_with_what_was_typed(request, found, problem)
    if is_htmx(request):
        return JsonResponse(_told(request, found, lock))
    return _page(request, found, lock)


def _review(request: HttpRequest, token: str) -> Review:
    address = address_of(request)
    # Whoever is known already is not shut out by what others guess behind the same address.
    if not isinstance(request.user, User) and guest_of(request) is None:
        limits.check(limits.GUESSES, address)
    try:
        queue = queue_behind(token, now=timezone.now())
    except Problem:
        limits.count(limits.GUESSES, address)
        raise
    rater = _rater(request, queue)
    limits.count(limits.CALLS, rater.id if rater else address)
    return Review(queue, rater, token)


def _rater(request: HttpRequest, queue: ReviewQueue) -> ReviewRater | None:
    if isinstance(request.user, User):
        return user_rater(queue, request.user)
    guest = guest_of(request)
    return guest and guest_rater(queue, guest_id=guest.id, name=guest.name)


def _page(
    request: HttpRequest,
    found: Review,
    lock: ReviewLock | None,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "page": ReviewPage(found.queue, found.known, now=timezone.now()),
        "shown": shown_item(found.queue, lock),
        "token": found.token,
        "problem": problem,
        "typed": typed,
        "is_owner": found.queue.owner_id == request.user.pk,
    }
    return render(request, "evaluation_app/review/review.html", context, status=problem.status if problem else 200)


def _page_with_what_was_typed(request: HttpRequest, found: Review, problem: Problem) -> HttpResponse:
    """Without a script the whole page is answered: what was typed stands in it, whatever became of its item."""
    typed = {name: request.POST.get(name, "") for name in ("comment", "corrected") if request.POST.get(name)}
    lock = next_item(found.queue, found.known, now=timezone.now())
    return _page(request, found, lock, problem=problem, typed=typed)


def _told(request: HttpRequest, found: Review, lock: ReviewLock | None) -> dict[str, Any]:
    page = ReviewPage(found.queue, found.known, now=timezone.now())
    context = {"page": page, "shown": shown_item(found.queue, lock), "token": found.token}
    return {
        "id": lock and str(lock.item_id),
        "item": render_to_string("evaluation_app/review/_item.html", context, request),
        "progress": render_to_string("evaluation_app/review/_progress.html", context, request),
    }


def _said(request: HttpRequest) -> dict[str, Any]:
    verdict = VERDICTS.get(request.POST.get("said", ""))
    if verdict is None:
        raise invalid([FieldError("said", "required", "Say what you think of it, or skip it.")])
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in ("comment", "corrected")}
    seconds = {"seconds": request.POST["seconds"]} if request.POST.get("seconds") else {}
    given = SaidBody(data={**verdict, **typed, **seconds})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.POST[name]) if request.POST.get(name) else None
    except ValueError:
        raise invalid([FieldError(name, "invalid", "This is no item.")]) from None


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    if is_htmx(request):
        return problem.response("/review")
    context = {"problem": problem}
    page = "ended" if problem.status == 410 else "refused"
    response = render(request, f"evaluation_app/review/{page}.html", context, status=problem.status)
    for header, value in problem.headers.items():
        response.headers[header] = value
    return response
