"""The pages of this app in the palette, and what is evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluation_app.models import Dataset, EvaluationTest, Suite
from foundation.presentation.palette import ACTS, READ, Found, Page, found_by, has_pages, named


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Evaluations", "evaluations", "tests runs success rate", keys="g e"),
        Page("Datasets", "datasets", "cases"),
        Page("Suites", "suites", "regression schedule gate"),
        Page("Scoring of live calls", "scoring", "sampled production traffic"),
        Page("Benchmarks", "benchmarks", "import public"),
        Page("New test", "evaluation-new", "evaluate prove repeat", kind=ACTS),
        Page("New dataset", "dataset-new", "cases", kind=ACTS),
    )
    found_by(things)


def things(user: Any, words: str) -> Iterator[Found]:
    """Tests, suites and datasets by name."""
    if not words:
        return
    for kind, model, url_name in (
        ("Tests", EvaluationTest, "evaluation"), ("Suites", Suite, "suite"), ("Datasets", Dataset, "dataset"),
    ):  # fmt: skip
        rows = model.objects.visible_to(user).order_by("-created_at").values_list("id", "name")[:READ]
        yield from named(kind, rows, words, url_name)
