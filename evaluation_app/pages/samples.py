"""Every answer of a test with its reasons, beside what is expected or what another variant said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from evaluation_app.creation.case_scorers import expected_text
from evaluation_app.figures.meanings import meanings_of
from evaluation_app.lookup import visible
from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from evaluation_app.pages.presentation.test import TestView
from evaluation_app.representation import samples_json
from evaluation_app.sampling import Place, page_at, samples_of
from foundation.search.counting import counted_rows
from templates_app.versions.text_difference import Piece, words_changed

A_PAGE: Final = 20
EXPECTED: Final = "expected"
"""What answers are compared with, where it is no variant."""


@require_GET
@answers_problems_on_the_page
def samples(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Answers with what each scorer said; `?case=`, `?variant=`, `?outcome=` narrow them, `?against=` compares them."""
    found = visible(user_of(request), test_id)
    wanted, cursor = _wanted(request), request.GET.get("cursor")
    answers = samples_of(found, wanted)
    rows, after, before = page_at(answers, Place.read(cursor) if cursor else None, A_PAGE)
    case = found.cases.filter(position=wanted["case"]).first() if "case" in wanted else None
    variants = list(found.variants.order_by("position").values_list("name", flat=True))
    against = request.GET.get("against", "")
    others, meanings = _others(found, rows, against), meanings_of(rows)
    context = {
        "shown": TestView(found),
        "samples": [(told, row, _pieces(told, others.get(row.id)), meanings.get(row.id)) for told, row in _told(rows)],
        "found": counted_rows(answers, "answer"),
        "wanted": wanted,
        "case": case,
        "expected": json.dumps(case.expected, ensure_ascii=False) if case and case.expected else "",
        "outcomes": [choice for choice in SampleState.choices if choice[0] not in ("pending", "claimed", "answered")],
        "against": against,
        "comparable": [(EXPECTED, "What is expected"), *((name, name) for name in variants if len(variants) > 1)],
        "next": _address(request, after),
        "previous": _address(request, before),
    }
    return render(request, "evaluation_app/samples.html", context)


def _told(rows: Sequence[EvaluationSample]) -> list[tuple[dict[str, Any], EvaluationSample]]:
    return list(zip(samples_json(rows), rows, strict=True))


def _others(test: EvaluationTest, rows: Sequence[EvaluationSample], against: str) -> dict[UUID, str]:
    """The text that each sample is compared with, where there is one."""
    if against == EXPECTED:
        expected = ((row.id, expected_text(row.case.expected)) for row in rows)
        return {key: text for key, text in expected if isinstance(text, str)}
    variant = test.variants.filter(name=against).order_by("position").first() if against else None
    if variant is None:
        return {}
    pairs = EvaluationSample.objects.filter(variant=variant, case__in={row.case_id for row in rows})
    said: dict[tuple[UUID, int], str] = {}
    for pair in pairs.select_related("execution"):
        answer: dict[str, Any] = (pair.execution.answer if pair.execution else None) or {}
        said[pair.case_id, pair.run] = answer.get("response", "")
    found = ((row, said.get((row.case_id, row.run))) for row in rows if row.variant_id != variant.id)
    return {row.id: text for row, text in found if text is not None}


def _pieces(told: dict[str, Any], other: str | None) -> list[Piece]:
    """The way from the other text to this answer; nothing where they are the same, or one is missing."""
    output = told["output"]
    return words_changed(other, output) if other is not None and output is not None and other != output else []


def _wanted(request: HttpRequest) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if (case := request.GET.get("case", "")).isdecimal() and len(case) < 8:
        wanted["case"] = int(case)
    if variant := request.GET.get("variant", "")[:255]:
        wanted["variant"] = variant
    if (outcome := request.GET.get("outcome", "")) in SampleState.values:
        wanted["outcome"] = outcome
    return wanted


def _address(request: HttpRequest, place: Place | None) -> str:
    if place is None:
        return ""
    query = request.GET.copy()
    query["cursor"] = str(place)
    return f"{request.path}?{query.urlencode()}"
