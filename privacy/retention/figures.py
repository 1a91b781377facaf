"""What a run has removed, counted in the transaction that removes it: a run that is killed tells the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Func, Model, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least

from privacy.models import RetentionFigure, RetentionRun


@dataclass(slots=True)
class Tally:
    """Rows of one organisation."""

    rows: int = 0
    size: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def take(self, at: datetime, size: int) -> None:
        """One more row."""
        self.rows += 1
        self.size += size
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)


def tallied(rows: Iterable[tuple[Any, datetime, str | None, int]]) -> dict[str, Tally]:
    """Rows (id, moment, organisation, bytes) by organisation."""
    found: dict[str, Tally] = defaultdict(Tally)
    for _, at, organisation, size in rows:
        found[organisation or ""].take(at, size)
    return found


def row_size(model: type[Model]) -> Combinable:
    """Bytes that a row takes as it is stored, without what hangs on it."""
    columns = [
        Func(F(field.name), function="pg_column_size", output_field=BigIntegerField())
        for field in model._meta.concrete_fields
    ]
    whole: Combinable = Value(0)
    for column in columns:
        whole = whole + Coalesce(column, 0)
    return whole


def total_size() -> Sum:
    """The sum of their sizes, where rows are annotated with `stored`."""
    return Sum("stored")


def add(run: RetentionRun, *, kind: str, before: datetime, tallies: dict[str, Tally]) -> None:
    """Adds what one batch removed."""
    for organisation, tally in tallies.items():
        figure = _figure(run, kind, organisation, before)
        RetentionFigure.objects.filter(id=figure.id).update(
            rows=F("rows") + tally.rows,
            size=F("size") + tally.size,
            first_at=Least(F("first_at"), Value(tally.first_at)) if figure.first_at else tally.first_at,
            last_at=Greatest(F("last_at"), Value(tally.last_at)) if figure.last_at else tally.last_at,
        )


def tell(run: RetentionRun, *, kind: str, before: datetime, organisation: str, **told: int) -> None:
    """Sets what is counted once: `held`, `needed`, `failed_files`."""
    figure = _figure(run, kind, organisation, before)
    RetentionFigure.objects.filter(id=figure.id).update(**told)


def _figure(run: RetentionRun, kind: str, organisation: str, before: datetime) -> RetentionFigure:
    return RetentionFigure.objects.get_or_create(
        run=run, kind=kind, organisation=organisation, defaults={"before": before}
    )[0]
