"""A run becomes a case: what was asked is its input, and what should have come is written beside it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, refusal_of, tell, user_of
from evaluation_app.datasets import editing, from_run
from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats.plain_expected import TAKING, expected_of_text
from evaluation_app.datasets.inputs import read_json, types_of
from evaluation_app.datasets.reading import visible
from evaluation_app.datasets.writing import create
from evaluation_app.models import CaseOrigin, Dataset, Split
from evaluation_app.pages.presentation.dataset import JUDGED, faults_of
from foundation import json_values
from foundation.problems import FieldError, Problem, invalid, not_found
from foundation.rest.rendering import dumps
from playground.models import PromptExecution

FIELDS: Final = ("dataset_id", "new_name", "input", "expected", "judged_by", "split")
MOST_CHOICES: Final = 200
LAST_CHOSEN: Final = "dataset_of_cases"
"""In the browser's session: the id of the dataset that took the last case."""


@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def add_run(request: HttpRequest) -> HttpResponse:
    """The form of a case made of a run (`?execution=`), and what it sends."""
    user = user_of(request)
    run = _run(user, request.GET.get("execution") or request.POST.get("execution", ""))
    if request.method == "GET":
        return _form(request, user, run, _begun(run))
    given = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        dataset = _added(user, given)
    except (Problem, ValidationError) as error:
        return _form(request, user, run, given, refusal_of(error))
    request.session[LAST_CHOSEN] = str(dataset.id)
    tell(request, f"The run is a case of “{dataset.name[:80]}” now.")
    return HttpResponseRedirect(reverse("dataset", args=[dataset.id]))


@require_POST
@answers_problems_on_the_page
def add_bad_run(request: HttpRequest) -> HttpResponse:
    """One click: the run, whose answer was bad, into the dataset that was last chosen."""
    user = user_of(request)
    run = _run(user, request.POST.get("execution", ""))
    chosen = request.POST.get("dataset_id") or request.session.get(LAST_CHOSEN, "")
    dataset = from_run.dataset_for_bad_runs(user, str(chosen))
    from_run.add_bad_run(user=user, run=run, dataset_id=dataset.id)
    tell(request, f"The call is a case of “{dataset.name[:80]}” now: what it should have answered is left to you.")
    return HttpResponseRedirect(reverse("dataset", args=[dataset.id]))


def _run(user: User, text: str) -> PromptExecution:
    try:
        return from_run.run_of(user, UUID(text))
    except ValueError:
        raise not_found("The run") from None


def _begun(run: PromptExecution) -> dict[str, str]:
    answer = run.answer or {}
    return {
        "input": dumps(from_run.input_of(run)).decode(),
        "expected": str(answer.get("response") or ""),
        "judged_by": "semantic",
        "split": Split.TRAIN,
    }


def _added(user: User, given: dict[str, str]) -> Dataset:
    input_ = read_json(given["input"], None)
    if not isinstance(input_, dict):
        raise invalid([FieldError("input", "malformed_json", "A JSON object of variables and values is expected.")])
    body: dict[str, Any] = {"input": input_, "split": given["split"], "origin": CaseOrigin.HISTORY.value}
    expected = given["expected"].replace("\r\n", "\n")
    if expected.strip():
        scorer = given["judged_by"] if given["judged_by"] in TAKING else "semantic"
        body["expected_output"] = expected_of_text(scorer, expected, place="expected")
    json_values.check(body)
    dataset = _chosen(user, given)
    checked = checked_cases([body], types=types_of(user, dataset) if dataset else None)
    if dataset is None:
        made = create(owner=user, name=given["new_name"].strip()[:255])
        dataset = made.dataset
    editing.add(user=user, dataset_id=dataset.id, bodies=checked, origin=CaseOrigin.HISTORY)
    return dataset


def _chosen(user: User, given: dict[str, str]) -> Dataset | None:
    """The dataset that is meant; None where one of a new name is to be made."""
    if not given["dataset_id"]:
        if not given["new_name"].strip():
            raise invalid([FieldError("dataset_id", "required", "Choose a dataset, or name a new one.")])
        return None
    try:
        return visible(user, UUID(given["dataset_id"]))
    except ValueError:
        raise invalid([FieldError("dataset_id", "invalid", "This is no dataset's id.")]) from None


def _form(
    request: HttpRequest, user: User, run: PromptExecution, given: dict[str, str], problem: Problem | None = None
) -> HttpResponse:
    context = {
        "run": run,
        "given": given,
        "faults": faults_of(problem.errors) or [problem.detail] if problem else [],
        "datasets": Dataset.objects.visible_to(user).in_use().order_by("-updated_at")[:MOST_CHOICES],
        "judged": JUDGED,
        "splits": Split.choices,
    }
    return render(request, "evaluation_app/datasets/add.html", context, status=problem.status if problem else 200)
