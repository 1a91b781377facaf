"""What `QUOTA_*` say: the limits of everybody who has none of their own, kept in step at each start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from quotas.models import EVERY, Period, QuotaLimit, SubjectKind

Figures = Mapping[str, int | Decimal | None]
"""By measure; None is without a limit, cost in USD."""


def keep_in_step(given: Mapping[str, Figures]) -> None:
    """Writes down what each user may use, by period; what somebody has set by hand for everybody stays so."""
    for period, measures in given.items():
        with transaction.atomic():
            _keep(Period(period), measures)


def _keep(period: Period, measures: Figures) -> None:
    row = (
        QuotaLimit.objects.select_for_update()
        .filter(subject_kind=SubjectKind.USER, subject_id=EVERY, period=period)
        .first()
    )
    is_wanted = any(value is not None for value in measures.values())
    if row is None and is_wanted:
        fields = {**measures, "is_from_environment": True, "updated_at": timezone.now()}
        # Two processes start at once: the second finds the row of the first.
        QuotaLimit.objects.get_or_create(
            subject_kind=SubjectKind.USER, subject_id=EVERY, period=period, defaults=fields
        )
    elif row is not None and row.is_from_environment and not is_wanted:
        row.delete()
    elif row is not None and row.is_from_environment:
        changed = {name: value for name, value in measures.items() if getattr(row, name) != value}
        if changed:
            QuotaLimit.objects.filter(id=row.id).update(**changed, updated_at=timezone.now())
