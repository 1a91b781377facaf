"""Quotas in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from quotas.models import SETTABLE, QuotaLimit


@admin.register(QuotaLimit)
class QuotaLimitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What everybody may use."""

    list_display = (
        "subject_kind", "subject_id", "period", "executions", "tokens", "cost", "is_hard", "is_from_environment",
    )  # fmt: skip
    list_filter = ("subject_kind", "period", "is_hard")
    search_fields = ("subject_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuotaLimit]:
        """Those that people set: a throttle ends with its anomaly."""
        return super().get_queryset(request).filter(subject_kind__in=SETTABLE)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody sets a throttle."""
        if db_field.name == "subject_kind":
            kwargs["choices"] = [(kind, kind.label) for kind in SETTABLE]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: QuotaLimit, form: Any, change: bool) -> None:
        """What is set by hand is no longer kept in step with QUOTA_*."""
        obj.is_from_environment = False
        obj.set_by = request.user  # type: ignore[assignment]
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)
