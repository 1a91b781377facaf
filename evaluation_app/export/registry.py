"""The formats that a test can be exported in."""

from __future__ import annotations

from typing import Final

from evaluation_app.errors import no_results
from evaluation_app.export.bundle import BUNDLE
from evaluation_app.export.format import Format
from evaluation_app.export.html import HTML
from evaluation_app.export.junit import JUNIT
from evaluation_app.export.markdown import MARKDOWN
from evaluation_app.export.table import CSV, PARQUET
from evaluation_app.models import EvaluationTest

FORMATS: Final[dict[str, Format]] = {known.name: known for known in (BUNDLE, CSV, PARQUET, JUNIT, MARKDOWN, HTML)}


def format_of(test: EvaluationTest, name: str) -> Format:
    """The format of this name; a 409 problem where it tells results that the test does not have yet."""
    found = FORMATS[name]
    if found.is_report and test.results is None:
        raise no_results(test)
    return found
