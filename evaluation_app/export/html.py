"""A report as one page that needs nothing else: no script, no picture, nothing that is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone

from evaluation_app.export.format import Format
from evaluation_app.export.report import Report
from evaluation_app.export.texts import cut, readable
from evaluation_app.models import EvaluationTest

LISTED: Final = 1_000
LONGEST_REASON: Final = 2_000


def write(test: EvaluationTest) -> Iterator[bytes]:
    """The page."""
    report = Report(test, most=LISTED)
    listed = [
        {
            "case": readable(str(outcome.case)),
            "variant": readable(outcome.variant),
            "kind": outcome.kind.value,
            "fraction": outcome.fraction,
            "reason": cut(outcome.reason, LONGEST_REASON),
        }
        for outcome in report.listed
    ]
    context = {"report": report, "listed": listed, "made_at": timezone.now()}
    yield render_to_string("evaluation_app/report.html", context).encode(errors="replace")


HTML: Final = Format("html", "HTML report", "text/html; charset=utf-8", ".html", write, is_report=True)
