"""The whole test as one JSON document: what was asked, what came back, and what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from evaluation_app.export.format import Format
from evaluation_app.export.rows import case_slices, rows
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import EvaluationCase, EvaluationTest
from evaluation_app.representation import test_json
from foundation.context import looking
from foundation.rest.rendering import dumps

FORMAT_NAME: Final = "llm-playground-evaluation"
VERSION: Final = 1
OF_THE_CASE: Final = ("case_name", "cluster", "weight", "tags", "input", "expected", "test_id", "test_status")
"""What a sample need not say again: it stands with its case, or with the test."""


def write(test: EvaluationTest) -> Iterator[bytes]:
    """`{"format", "version", "test", "cases": [...], "samples": [...]}`, a case or a sample a line."""
    with looking():
        told = {**test_json(test), "variants": _variants(test)}
    yield dumps({"format": FORMAT_NAME, "version": VERSION, "test": told})[:-1]
    yield from _listed("cases", _cases(test))
    yield from _listed("samples", _samples(test))
    yield b"}\n"


def _listed(name: str, items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    separator = f',"{name}":['.encode()
    is_empty = True
    for item in items:
        yield (separator if is_empty else b",") + b"\n" + dumps(item)
        is_empty = False
    yield separator + b"]" if is_empty else b"\n]"


def _variants(test: EvaluationTest) -> list[dict[str, Any]]:
    names = variant_names(test)
    return [
        {
            "name": names[variant.id],
            "model_id": variant.model_id,
            "template_version_id": variant.template_version_id,
            "content_hash": variant.content_hash,
            "prices": variant.prices,
            "body": variant.body,
        }
        for variant in test.variants.order_by("position")
    ]


def _cases(test: EvaluationTest) -> Iterator[dict[str, Any]]:
    for first, before in case_slices(test):
        for case in test.cases.filter(position__gte=first, position__lt=before).order_by("position"):
            with looking():
                told = _case(case)
            yield told


def _case(case: EvaluationCase) -> dict[str, Any]:
    return {
        "case": case.position,
        "key": case.key,
        "name": case.name,
        "cluster": case.cluster,
        "weight": case.weight,
        "tags": case.tags,
        "origin": case.origin or None,
        "is_generated": case.is_generated,
        "input": case.input,
        "expected": case.expected,
        "scorers": case.scorers,
    }


def _samples(test: EvaluationTest) -> Iterator[dict[str, Any]]:
    for row in rows(test):
        yield {name: value for name, value in row.items() if name not in OF_THE_CASE}


BUNDLE: Final = Format("json", "JSON, everything", "application/json", ".json", write)
