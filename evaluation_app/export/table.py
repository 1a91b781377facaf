"""CSV and Parquet: a sample a row, as far as the test has come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from evaluation_app.export.columns import COLUMNS
from evaluation_app.export.format import Format
from evaluation_app.export.rows import rows
from evaluation_app.models import EvaluationTest
from foundation.downloads import parquet, spreadsheet


def write_csv(test: EvaluationTest) -> Iterator[bytes]:
    """A header, and a line a sample."""
    return spreadsheet.written(COLUMNS, rows(test))


def write_parquet(test: EvaluationTest) -> Iterator[bytes]:
    """The samples in typed columns; the test and its status are named in the file's schema."""
    return parquet.written(COLUMNS, rows(test), {"test": str(test.id), "name": test.name, "status": test.status})


CSV: Final = Format("csv", "CSV, answers", "text/csv; charset=utf-8", ".csv", write_csv)
PARQUET: Final = Format("parquet", "Parquet, answers", "application/vnd.apache.parquet", ".parquet", write_parquet)
