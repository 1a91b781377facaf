"""Executions in the admin: that they were there, not what they said."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from playground.models import PromptExecution


@admin.register(PromptExecution)
class PromptExecutionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Executions without their texts: an administrator sees that there was one, not what it said."""

    list_display = ("id", "model_id", "status", "error_code", "user", "created_at", "estimated_cost")
    list_filter = ("status", "error_code")
    search_fields = ("id", "model_id")
    date_hierarchy = "created_at"
    show_full_result_count = False
    fields = (
        "id", "model_id", "status", "error_code", "user", "session", "created_at", "ended_at",
        "prompt_tokens", "completion_tokens", "estimated_cost", "execution_time",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Executions are run, not typed in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened stays."""
        return False
