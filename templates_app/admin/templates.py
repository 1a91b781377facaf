"""Curation: the library in the admin, for curators. What they see and change there is what they may anywhere."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from foundation.problems import Problem
from foundation.sealing.fields import SealedTextField
from templates_app.admin import curation
from templates_app.admin.forms import CurationForm, ImportForm, TemplateForm
from templates_app.admin.parts import (
    CuratorsOnly,
    LabelFilter,
    RatingInline,
    TagFilter,
    VersionInline,
    curator,
    is_curator,
)
from templates_app.api.exchange import as_document
from templates_app.api.importing import summary
from templates_app.exchange.planning import plan
from templates_app.exchange.source import Source
from templates_app.exchange.writing import carry_out, rehearse
from templates_app.library import ratings, search
from templates_app.lookup import usage_count, version_by_number
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle
from templates_app.versions.difference import changes


@admin.register(PromptTemplate)
class PromptTemplateAdmin(CuratorsOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The library."""

    form = TemplateForm
    formfield_overrides: ClassVar[Any] = {SealedTextField: {"widget": AdminTextareaWidget}}
    action_form = CurationForm
    list_display = (
        "called",
        "category",
        "owner",
        "visibility",
        "is_featured",
        "rated",
        "ratings_count",
        "usage",
        "updated_at",
    )
    list_filter = ("visibility", "is_featured", "category", TagFilter, LabelFilter)
    list_select_related = ("owner", "current")
    search_fields = ("name",)  # that there is a search; `get_search_results` is what searches
    date_hierarchy = "created_at"
    inlines = (VersionInline, RatingInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "category", "description", "tags", "is_featured")}),
        (
            "Content",
            {
                "fields": (
                    "engine",
                    "system_prompt",
                    "prompt",
                    "variables",
                    "default_parameters",
                    "messages",
                    "tools",
                    "response_format",
                    "model_id",
                    "note",
                    "base_version",
                )
            },
        ),
    )
    actions = (
        "publish", "withdraw", "feature", "stop_featuring", "into_category", "with_tag", "without_tag",
        "export_json", "export_yaml",
    )  # fmt: skip
    change_list_template = "admin/templates_app/change_list.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Curators: a template made here is theirs."""
        return is_curator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Curators, of what they may change."""
        if not is_curator(request):
            return False
        return obj is None or PromptTemplate.objects.editable_by(curator(request)).filter(pk=obj.pk).exists()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"user": curator(request)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What they may read."""
        return PromptTemplate.objects.visible_to(curator(request)).annotate(usage_count=usage_count())

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The library's own search."""
        return (search.found(queryset, search_term).order_by("-relevance"), False) if search_term else (queryset, False)

    @admin.display(description="name", ordering="name_order")
    def called(self, template: Any) -> str:
        """Its name, by which the list is ordered as every other is."""
        return str(template.name)

    @admin.display(description="rating", ordering="rating", empty_value="not rated")
    def rated(self, template: Any) -> Any:
        """The mean of its ratings, 1 to 5; none while nobody rated it."""
        return template.rating if template.ratings_count else None

    @admin.display(description="executions (tests not counted)", ordering="usage_count")
    def usage(self, template: Any) -> int:
        """Executions that have ended, those of tests aside."""
        return int(template.usage_count)

    def save_model(self, request: HttpRequest, obj: PromptTemplate, form: Any, change: bool) -> None:
        """By the same way as every other save: a version when the content changed."""
        user = curator(request)
        if change:
            # `base_version` was judged with the form; who saves between that and this is a version of their own.
            lifecycle.save(user=user, template_id=obj.pk, change_of=form.change_of)
        else:
            made = lifecycle.create(owner=user, change=form.change_of(PromptTemplate()))
            obj.pk = made.pk
            obj.current = made.current
        wanted = curation.feature if form.cleaned_data["is_featured"] else curation.stop_featuring
        curation.curate(user=user, ids=[obj.pk], change=wanted, fields=("is_featured",))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Ratings go by their own way, so that the average stays exact."""
        formset.save(commit=False)
        for rating in formset.deleted_objects:
            ratings.withdraw(rating)

    def _curate(self, request: HttpRequest, chosen: QuerySet[Any], change: Any, *fields: str) -> None:
        ids: list[UUID] = list(chosen.values_list("pk", flat=True))
        changed, refused = curation.curate(user=curator(request), ids=ids, change=change, fields=fields)
        self.message_user(request, f"{changed} of {len(ids)} changed.", messages.SUCCESS)
        if refused:
            self.message_user(request, f"{refused} are not yours to change.", messages.WARNING)

    def _word(self, request: HttpRequest) -> str:
        word = request.POST.get("word", "").strip()
        if not word:
            self.message_user(request, "Write the category or tag beside the action.", messages.ERROR)
        return word[:100]

    @admin.action(description="Publish")
    def publish(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Into the library."""
        self._curate(request, chosen, curation.publish, "visibility", "is_withdrawn")

    @admin.action(description="Take out of the library")
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Out of it."""
        self._curate(request, chosen, curation.withdraw, "visibility", "is_withdrawn")

    @admin.action(description="Feature")
    def feature(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """To the front."""
        self._curate(request, chosen, curation.feature, "is_featured")

    @admin.action(description="Stop featuring")
    def stop_featuring(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Among the others."""
        self._curate(request, chosen, curation.stop_featuring, "is_featured")

    @admin.action(description="Put into the category …")
    def into_category(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """The one that was written beside."""
        if word := self._word(request):
            self._curate(request, chosen, curation.into_category(word), "category")

    @admin.action(description="Add the tag …")
    def with_tag(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """The one that was written beside."""
        if word := self._word(request):
            self._curate(request, chosen, curation.with_tag(word), "tags")

    @admin.action(description="Remove the tag …")
    def without_tag(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """The one that was written beside."""
        if word := self._word(request):
            self._curate(request, chosen, curation.without_tag(word), "tags")

    @admin.action(description="Export as JSON")
    def export_json(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
        """With every version and label."""
        return as_document(chosen.select_related("current"), "json", name="templates")

    @admin.action(description="Export as YAML")
    def export_yaml(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
        """With every version and label."""
        return as_document(chosen.select_related("current"), "yaml", name="templates")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; what its address or its form asks for is judged before the database sees it."""
        asked = (*request.GET.values(), *request.POST.values())
        if any("\0" in value for value in asked) or not all(map(_is_id, request.POST.getlist("_selected_action"))):
            raise BadRequest("Nothing of that name can be stored here.")
        return super().changelist_view(request, extra_context)

    def get_urls(self) -> list[URLPattern]:
        """The admin's own, a diff and the import."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:template_id>/diff/<int:number>", view(self.diff), name="templates_app_prompttemplate_diff"),
            path("import", view(self.import_view), name="templates_app_prompttemplate_import"),
            *super().get_urls(),
        ]

    def diff(self, request: HttpRequest, template_id: UUID, number: int) -> HttpResponse:
        """What a version changed."""
        if not is_curator(request):
            raise PermissionDenied
        template = self.get_queryset(request).select_related("current").filter(pk=template_id).first()
        if template is None or number < 2:
            return redirect("admin:templates_app_prompttemplate_changelist")
        try:
            old, new = (version_by_number(template, each) for each in (number - 1, number))
        except Problem:
            return redirect("admin:templates_app_prompttemplate_change", template_id)
        told = changes(old.content, new.content)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{template}: what version {number} changed",
            "template": template,
            "changes": told,
            "parts": [
                ("Variables", told["variables"]),
                ("Default parameters", told["default_parameters"]),
                ("Tools", told["tools"]),
            ],
            "wholes": [("Answer format", told["response_format"]), ("Model", told["model_id"])],
            "opts": self.opts,
        }
        return render(request, "admin/templates_app/diff.html", context)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Shows what an import would do, entry by entry; then does it."""
        if not is_curator(request):
            raise PermissionDenied
        form, entries, problem = ImportForm(request.POST or None, request.FILES or None), None, None
        if request.method == "POST" and form.is_valid():
            try:
                found = plan([Source(form.cleaned_data["body"])], user=curator(request))
                if "confirm" not in request.POST:
                    rehearse(found, user=curator(request))
                    entries = found.entries
                else:
                    done = summary(found, run=carry_out(found, user=curator(request)))
                    told = f"{done['created']} created, {done['updated']} updated, {done['skipped']} left as they are."
                    self.message_user(request, told, messages.SUCCESS)
                    return redirect("admin:templates_app_prompttemplate_changelist")
            except Problem as refusal:
                problem = refusal
        context = {
            **self.admin_site.each_context(request),
            "title": "Import templates",
            "form": form,
            "entries": entries,
            "problem": problem,
            "document": form.cleaned_data["body"].decode(errors="replace") if entries is not None else "",
            "opts": self.opts,
        }
        status = problem.status if problem else 200
        return render(request, "admin/templates_app/import.html", context, status=status)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
