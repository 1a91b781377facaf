"""The audit log in the admin, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who did what to which thing; nobody adds, changes or removes any of it."""

    list_display = ("at", "act", "kind", "object_id", "actor")
    """As many as fit beside the filters at 1,280 px; the rest stands at the entry, and at /audit."""
    list_filter = ("act", "kind", ("at", admin.DateFieldListFilter))
    search_fields = ("=object_id", "=request_id", "=address", "=concerns")
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entries are written by what is done."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An entry stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An entry stays where it is."""
        return False
