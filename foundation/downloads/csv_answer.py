"""Rows as a CSV file, in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from foundation.downloads.columns import Column, Row
from foundation.downloads.naming import content_disposition
from foundation.downloads.spreadsheet import written


def csv_answer(columns: Sequence[Column], rows: Iterable[Row], *, name: str) -> HttpResponse:
    """All of it, under the name without its ending; for rows that fit into memory."""
    return HttpResponse(
        b"".join(written(columns, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition(f"{name}.csv")},
    )
