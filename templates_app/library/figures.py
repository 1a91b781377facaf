"""What the runs of all versions of a template came to, as the database orders templates by it."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import DecimalField, F, FloatField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, NullIf, Sqrt

from foundation.presentation.interval import Z
from templates_app.models import TemplateVersion

SQUARE: Final = Z * Z


def least_success(*, template: str = "pk") -> Any:
    """The lower end of the 95 % interval of completed among completed and failed executions (Wilson, as in
    foundation.presentation.interval); null without any.
    """
    tried = Cast(NullIf(Sum(F("completed_count") + F("failed_count")), 0), FloatField())
    rate = Cast(Sum("completed_count"), FloatField()) / tried
    middle = rate + Value(SQUARE / 2) / tried
    half = Value(Z) * Sqrt(rate * (Value(1.0) - rate) / tried + Value(SQUARE / 4) / (tried * tried))
    low = (middle - half) / (Value(1.0) + Value(SQUARE) / tried)
    return Subquery(_of(template).annotate(low=low).values("low"), output_field=FloatField())


def cost_per_run(*, template: str = "pk") -> Any:
    """USD per ended execution; null without any."""
    ended = NullIf(Sum(F("completed_count") + F("failed_count") + F("cancelled_count")), 0)
    field: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=10)
    cost = Cast(Sum("total_cost"), field) / Cast(ended, field)
    return Subquery(_of(template).annotate(cost=cost).values("cost"), output_field=field)


def _of(template: str) -> Any:
    return TemplateVersion.objects.filter(template=OuterRef(template)).order_by().values("template")
