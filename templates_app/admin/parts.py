"""Parts of the library's admin: who is let in, its filters, and what stands inside a template's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Role, User
from templates_app.library import facets
from templates_app.models import PromptTemplate, TemplateRating, TemplateVersion


def is_curator(request: HttpRequest) -> bool:
    """Whether the caller takes care of the library."""
    user: Any = request.user
    return bool(user.is_active and user.is_staff and user.has_role(Role.CURATOR))


def curator(request: HttpRequest) -> User:
    """The caller, who takes care of the library."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]


class TagFilter(admin.SimpleListFilter):
    """The tags of what is seen, most used first."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = facets.tags(curator(request))
        return [(each["name"], f"{each['name']} ({each['count']})") for each in found[:60]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


class LabelFilter(admin.SimpleListFilter):
    """Templates that production, or whoever a label names, calls."""

    title = "label"
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = PromptTemplate.objects.visible_to(curator(request))
        names = seen.exclude(labels=None).values_list("labels__name", flat=True).distinct().order_by("labels__name")
        return [(str(name), str(name)) for name in names[:50]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(labels__name=self.value()) if self.value() else queryset


class CuratorsOnly:
    """Who is let in: the same for the model and for what stands inside its page."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Curators."""
        return is_curator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Curators."""
        return is_curator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, unless a subclass says otherwise."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, unless a subclass says otherwise."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, unless a subclass says otherwise."""
        return False


class VersionInline(CuratorsOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Versions with what their executions came to, and what each changed."""

    model = TemplateVersion
    fk_name = "template"
    fields = readonly_fields = ("number", "author", "note", "created_at", "usage", "success", "changed")
    ordering = ("-number",)
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the texts, which this list does not show."""
        return super().get_queryset(request).select_related("author").defer("sealed")

    @admin.display(description="executions")
    def usage(self, version: TemplateVersion) -> int:
        """Executions that have ended."""
        return version.usage_count

    @admin.display(description="success")
    def success(self, version: TemplateVersion) -> str:
        """Of those that were not cancelled, with their number."""
        ended = version.completed_count + version.failed_count
        return f"{version.completed_count}/{ended}" if ended else "no executions"

    @admin.display(description="difference")
    def changed(self, version: TemplateVersion) -> str | SafeString:
        """A link to what this version changed."""
        if version.number == 1:
            return "first"
        address = reverse("admin:templates_app_prompttemplate_diff", args=[version.template_id, version.number])
        return format_html('<a href="{}">from version {}</a>', address, version.number - 1)


class RatingInline(CuratorsOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Ratings; one that is no honest one can be taken out, and the average follows."""

    model = TemplateRating
    fields = readonly_fields = ("user", "value", "rated_at")
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Curators."""
        return is_curator(request)
