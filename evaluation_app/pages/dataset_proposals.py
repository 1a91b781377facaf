"""“Make cases for me”: what a model is asked for, and what a person takes of it, one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ValidationError

from accounts.pages.answers import answers_problems_on_the_page, is_htmx, refusal_of, tell, user_of
from evaluation_app.api.proposals import AskBody
from evaluation_app.datasets import proposing
from evaluation_app.datasets.reading import visible
from evaluation_app.models import Dataset, Split
from evaluation_app.models.proposal import AskStatus, CaseKind, CaseProposal, ProposalAsk
from evaluation_app.pages.presentation.dataset import faults_of, shown_expected
from foundation.presentation.typed_numbers import typed_number
from foundation.problems import Problem
from foundation.rest.rendering import dumps
from foundation.rest.serializers import checked_json
from playground.engine.confirmation import estimate_of
from providers.catalogue.listing import models_for

GIVEN = ("model_id", "count", "max_cost", "project_id", "confirm_cost")
"""Fields of the form, beside the kinds."""
SHOWN = 20
"""Questions, the last ones."""


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@answers_problems_on_the_page
def proposals(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """The form, and what came of it; `HX-Request` asks for what came alone."""
    user = user_of(request)
    dataset = visible(user, dataset_id)
    given = {"count": "5", "kinds": [kind.value for kind in CaseKind]}
    if request.method == "POST":
        given = {
            **{name: request.POST.get(name, "").strip() for name in GIVEN},
            "kinds": request.POST.getlist("kinds"),
        }
        try:
            proposing.ask_for(user=user, dataset_id=dataset_id, **_asked(given))
        except (Problem, ValidationError) as error:
            return _page(request, dataset, given, refusal_of(error))
        return HttpResponseRedirect(reverse("dataset-proposals", args=[dataset_id]))
    return _page(request, dataset, given)


@require_POST
@answers_problems_on_the_page
def decide(request: HttpRequest, dataset_id: UUID, proposal_id: UUID, verb: str) -> HttpResponse:
    """Accepts or declines one."""
    if verb == "accept":
        split = request.POST.get("split", "")
        split = split if split in Split.values else Split.TRAIN
        proposing.accept(user=user_of(request), dataset_id=dataset_id, proposal_id=proposal_id, split=split)
        tell(request, "It is a case now, marked as made by a model.")
    elif verb == "decline":
        proposing.decline(user=user_of(request), dataset_id=dataset_id, proposal_id=proposal_id)
    else:
        raise Http404
    return HttpResponseRedirect(reverse("dataset-proposals", args=[dataset_id]))


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"kinds": given["kinds"], "count": typed_number(given["count"])}
    if given["max_cost"]:
        body["max_cost"] = typed_number(given["max_cost"])
    body |= {name: given[name] for name in ("model_id", "project_id") if given[name]}
    body["confirm_cost"] = given["confirm_cost"] == "true"
    return {"model_id": "", "max_cost": None, **checked_json(AskBody(), body)}


def _page(
    request: HttpRequest, dataset: Dataset, given: dict[str, Any], problem: Problem | None = None
) -> HttpResponse:
    asks = list(
        ProposalAsk.objects.filter(dataset=dataset).order_by("-created_at", "-id").prefetch_related("proposals")[:SHOWN]
    )
    context = {
        "dataset": dataset,
        "given": given,
        "faults": faults_of(problem.errors) or [problem.detail] if problem else [],
        "estimate": estimate_of(problem),
        "asks": [(ask, [_shown(each) for each in _in_order(ask.proposals.all())]) for ask in asks],
        "is_waiting": any(ask.status in (AskStatus.PENDING, AskStatus.RUNNING) for ask in asks),
        "kinds": CaseKind.choices,
        "splits": Split.choices,
        "models": [row["id"] for row in models_for(user_of(request))],
    }
    page = "_proposals" if is_htmx(request) else "proposals"
    status = problem.status if problem else 200
    return render(request, f"evaluation_app/datasets/{page}.html", context, status=status)


def _in_order(proposals: Any) -> list[CaseProposal]:
    return sorted(proposals, key=lambda proposal: proposal.position)


def _shown(proposal: CaseProposal) -> dict[str, Any]:
    body = proposal.body
    return {
        "row": proposal,
        "kind": proposal.get_kind_display(),
        "input": dumps(body.get("input", {})).decode() if "input" in body else str(body.get("answer", "")),
        "expected": shown_expected(body.get("expected_output")),
    }
