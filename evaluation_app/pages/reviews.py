"""A test's reviews as their owner sees them: made, followed, read; the link to send on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.api.reviews import NewReviewBody
from evaluation_app.figures.totals import variant_names
from evaluation_app.lookup import governed
from evaluation_app.models import (
    EvaluationSample,
    EvaluationTest,
    ReviewKind,
    ReviewLabel,
    ReviewQueue,
    ReviewScale,
    ReviewSelection,
    TestStatus,
)
from evaluation_app.pages.presentation.review import AgreementView
from evaluation_app.review import creating
from evaluation_app.review.adopting import adopt_from, adopted_answers
from evaluation_app.review.agreement import agreement_of
from evaluation_app.review.errors import no_queue
from evaluation_app.review.progress import progress_of
from evaluation_app.review.raters import names_of
from evaluation_app.review.representation import link_json
from evaluation_app.review.said import labels_of
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.serializers import checked_json
from foundation.words import number

MOST_SHOWN: Final = 50
"""Disagreements and corrections on the page; the API has all."""
BEGUN: Final = {"scale": "pass_fail", "raters_per_item": "1", "size": "50", "link_days": "30", "blind": "on"}
NUMBERS: Final = ("size", "raters_per_item", "link_days")
FIELDS: Final = ("name", "kind", "selection", "scale", "pass_from", "rubric", "first", "second", *NUMBERS)


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def test_reviews(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """The test's reviews, and the form of a new one."""
    user = user_of(request)
    test = governed(user, test_id)
    if request.method == "GET":
        return _list(request, user, test, {**BEGUN, "name": f"Answers of {test.name}"[:255]})
    form = {name: request.POST.get(name, "") for name in (*FIELDS, "blind")}
    try:
        body = checked_json(NewReviewBody(), _body(test, form))
        queue = creating.create(user=user, asked=body, now=timezone.now())
    except (Problem, ValidationError) as error:
        return _list(request, user, test, form, refusal_of(error))
    tell(request, "The review is made: send its link to whoever should judge.")
    return HttpResponseRedirect(reverse("evaluation-review", args=[test_id, queue.id]))


@require_GET
@answers_problems_on_the_page
def test_review(request: HttpRequest, test_id: UUID, review_id: UUID) -> HttpResponse:
    """One review: its link, how far it is, how far people agree, and what they corrected."""
    user = user_of(request)
    queue = _queue(user, test_id, review_id)
    told = agreement_of(queue)
    corrections = _corrections(queue)
    adopted = adopted_answers(user, [label.item.sample.case.key for label in corrections])
    progress, names = progress_of(queue), names_of(queue)
    context = {
        "queue": queue,
        "test": queue.test,
        "progress": progress,
        "judgements": f"{number(progress.labels)} of {number(progress.needed)}",
        "link": link_json(queue, origin=request.build_absolute_uri("/"), now=timezone.now()),
        "agreement": AgreementView(told, raters_per_item=queue.raters_per_item),
        "disagreements": _with_answers(told["disagreements"][:MOST_SHOWN]),
        "disagreements_in_all": len(told["disagreements"]),
        "corrections": [
            (label, names[label.rater_id], adopted.get(label.item.sample.case.key) == label.corrected)
            for label in corrections[:MOST_SHOWN]
        ],
        "corrections_in_all": len(corrections),
    }
    return render(request, "evaluation_app/reviews/review.html", context)


@require_POST
@answers_problems_on_the_page
def link(request: HttpRequest, test_id: UUID, review_id: UUID) -> HttpResponse:
    """Makes a new link, or takes the one that there is back."""
    queue = _queue(user_of(request), test_id, review_id)
    wanted = request.POST.get("link", "")
    if wanted not in ("new", "revoked"):
        raise invalid([FieldError("link", "invalid", "new or revoked.")])
    creating.change(queue, {"link": wanted}, now=timezone.now())
    tell(request, "The link before leads nowhere now." if wanted == "new" else "The link leads nowhere any more.")
    return HttpResponseRedirect(reverse("evaluation-review", args=[test_id, review_id]))


@require_POST
@answers_problems_on_the_page
def adopt(request: HttpRequest, test_id: UUID, review_id: UUID, label_id: UUID) -> HttpResponse:
    """Makes a corrected answer what is expected of its case in later tests."""
    user = user_of(request)
    queue = _queue(user, test_id, review_id)
    label = labels_of(queue).filter(id=label_id).first()
    if label is None:
        raise no_queue()
    adopt_from(label.item, owner=user, text=None, label_id=label_id)
    tell(request, f"Later tests of {label.item.sample.case} can expect this answer; results that there are stay.")
    return HttpResponseRedirect(reverse("evaluation-review", args=[test_id, review_id]))


@require_POST
@answers_problems_on_the_page
def delete(request: HttpRequest, test_id: UUID, review_id: UUID) -> HttpResponse:
    """Deletes the review with all its labels, once its name was typed."""
    queue = _queue(user_of(request), test_id, review_id)
    if request.POST.get("name", "").strip() != queue.name.strip():
        raise invalid([FieldError("name", "invalid", "That is not the review's name: nothing was deleted.")])
    creating.delete(queue)
    tell(request, "The review is deleted.")
    return HttpResponseRedirect(reverse("evaluation-reviews", args=[test_id]))


def _queue(user: User, test_id: UUID, review_id: UUID) -> ReviewQueue:
    queue = creating.visible(user, review_id)
    if queue.test_id != test_id:
        raise no_queue()
    return queue


def _with_answers(disagreements: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[str]]]:
    """Each with the answers that it is about, A first."""
    ids = {sample for each in disagreements for sample in each["samples"]}
    found = EvaluationSample.objects.select_related("execution").in_bulk(ids)
    return [(each, [_text(found[sample]) for sample in each["samples"] if sample in found]) for each in disagreements]


def _text(sample: EvaluationSample) -> str:
    answer = (sample.execution.answer if sample.execution else None) or {}
    return answer.get("response") or ""


def _corrections(queue: ReviewQueue) -> list[ReviewLabel]:
    return [label for label in labels_of(queue).order_by("item__position", "created_at") if label.corrected]


def _list(
    request: HttpRequest, user: User, test: EvaluationTest, form: dict[str, Any], problem: Problem | None = None
) -> HttpResponse:
    queues = ReviewQueue.objects.visible_to(user).filter(test=test).order_by("-created_at", "-id")
    context = {
        "test": test,
        "rows": [(queue, progress_of(queue)) for queue in queues],
        "form": form,
        "errors": _by_field(problem) if problem else {},
        "kinds": ReviewKind.choices,
        "selections": ReviewSelection.choices,
        "scales": ReviewScale.choices,
        "variants": list(variant_names(test).values()),
        "ratings": ["1", "2", "3", "4", "5"],
        "is_ended": TestStatus(test.status).is_final,
    }
    return render(request, "evaluation_app/reviews/list.html", context, status=problem.status if problem else 200)


def _body(test: EvaluationTest, post: Mapping[str, str]) -> dict[str, Any]:
    """What the API would be sent for this form."""
    kind = post.get("kind") or ReviewKind.SINGLE.value
    rubric: dict[str, Any] = {"text": post.get("rubric", "").replace("\r\n", "\n")}
    body: dict[str, Any] = {
        "test_id": str(test.id),
        "name": post.get("name", "").strip(),
        "kind": kind,
        "blind": post.get("blind") == "on",
        "rubric": rubric,
    }
    body |= {name: typed_number(post[name]) for name in NUMBERS if post.get(name, "").strip()}
    if kind == ReviewKind.PAIRWISE:
        return {**body, "variants": [post.get("first", ""), post.get("second", "")]}
    rubric["scale"] = post.get("scale") or ReviewScale.PASS_FAIL.value
    if rubric["scale"] == ReviewScale.ONE_TO_FIVE and post.get("pass_from"):
        rubric["pass_from"] = typed_number(post["pass_from"])
    return {**body, "selection": post.get("selection") or ReviewSelection.RANDOM.value}


def _by_field(problem: Problem) -> dict[str, str]:
    """Sentences by the form's fields; what belongs to none stands under `other`."""
    told: dict[str, str] = {}
    for error in problem.errors:
        parts = error["field"].split(".")
        name = {"variants": "second"}.get(parts[0], parts[-1] if parts[0] == "rubric" and len(parts) > 1 else parts[0])
        name = "rubric" if name == "text" else name
        told.setdefault(name if name in FIELDS else "other", error["message"])
    return told or {"other": problem.detail or problem.title}
