"""Executions in the admin, that they were there, not what they said; and tools behind an address."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from foundation.http.header_values import can_be_sent
from playground.models import HttpTool, PromptExecution
from playground.tools.registry import BUILT_IN

LONGEST_HEADERS: Final = 4_000
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,100}")


class HttpToolForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tool behind an address, with headers that can be written and not read."""

    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="What the model reads of it.")
    # The model's own is sealed JSON, and so in no form by itself.
    arguments = forms.JSONField(
        label="Parameters",
        initial={"type": "object", "properties": {}, "required": []},
        help_text="JSON Schema of its arguments.",
    )
    new_headers = forms.CharField(
        required=False,
        max_length=LONGEST_HEADERS,
        label="Secret headers",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "placeholder": "Authorization: Bearer …"}),
        help_text="One a line, Name: value. Left empty: the saved ones stay, unless the address changes.",
    )

    class Meta:
        model = HttpTool
        exclude = ["secrets"]  # noqa: DJ006 - everything but the headers

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial.update(description=self.instance.description, arguments=self.instance.parameters)

    def clean_name(self) -> str:
        """A name that no tool of the service has."""
        name: str = self.cleaned_data["name"]
        if name in {tool.name for tool in BUILT_IN}:
            raise ValidationError("A tool that comes with the service has this name.", code="taken")
        return name

    def clean_new_headers(self) -> dict[str, str]:
        """The headers by name; refused where a line is none."""
        headers: dict[str, str] = {}
        for line in self.cleaned_data["new_headers"].splitlines():
            name, _, value = (each.strip() for each in line.partition(":"))
            if line.strip() and not (HEADER_NAME.fullmatch(name) and can_be_sent(value)):
                raise ValidationError("A line is no header: Name: value is expected.", code="no_header")
            if name:
                headers[name] = value
        return headers

    def _post_clean(self) -> None:
        if "arguments" in self.cleaned_data:
            self.instance.parameters = self.cleaned_data["arguments"]
        super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> HttpTool:
        """Takes new headers, when some were typed, for the address as it is now."""
        if headers := self.cleaned_data["new_headers"]:
            self.instance.set_headers(headers)
        saved: HttpTool = super().save(commit)
        return saved


@admin.register(HttpTool)
class HttpToolAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tools behind an address."""

    form = HttpToolForm
    list_display = ("name", "method", "url", "needs_approval", "is_enabled", "saved_headers")
    list_filter = ("is_enabled", "needs_approval")
    search_fields = ("name", "url")
    readonly_fields = ("saved_headers",)

    @admin.display(description="saved headers")
    def saved_headers(self, tool: HttpTool) -> str:
        """Their names."""
        return tool.header_names


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
