"""What the executions of a template came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from foundation.presentation.interval import rate_of
from foundation.words import money, number
from templates_app.models import TemplateVersion


@dataclass(frozen=True)
class Figures:
    """Counts and cost (USD) of ended executions."""

    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total_cost: Decimal = Decimal(0)

    @classmethod
    def of(cls, version: TemplateVersion) -> Figures:
        """Those of one version."""
        return cls(version.completed_count, version.failed_count, version.cancelled_count, version.total_cost)

    @property
    def uses(self) -> int:
        """Executions that have ended."""
        return self.completed + self.failed + self.cancelled

    @property
    def used(self) -> str:
        """`uses`, to be read."""
        return number(self.uses)

    @property
    def success(self) -> str:
        """Completed of completed and failed, with its interval; empty without any. Cancelled ones say nothing."""
        return rate_of(self.completed, self.completed + self.failed)

    @property
    def average_cost(self) -> str:
        """Per ended execution; empty without any."""
        return money(self.total_cost / self.uses) if self.uses else ""


def figures_of(template_ids: Iterable[UUID]) -> dict[UUID, Figures]:
    """The figures of each of these templates, all versions together."""
    sums = {name: Sum(f"{name}_count") for name in ("completed", "failed", "cancelled")}
    versions = TemplateVersion.objects.filter(template_id__in=list(template_ids)).order_by()
    rows: Any = versions.values("template_id").annotate(**sums, total=Sum("total_cost"))
    return {
        row["template_id"]: Figures(row["completed"], row["failed"], row["cancelled"], row["total"]) for row in rows
    }
