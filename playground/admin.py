"""Executions in the admin, that they were there, not what they said; tools behind an address, and MCP servers."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.http.header_values import can_be_sent
from playground.models import HttpTool, McpServer, PromptExecution
from playground.tools.mcp import setting_up
from playground.tools.mcp.listing import list_one
from playground.tools.mcp.remote import why_not_offered
from playground.tools.registry import BUILT_IN

LONGEST_HEADERS: Final = 4_000
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,100}")


class WithHeadersForm(forms.ModelForm):  # type: ignore[type-arg]
    """Secret headers of a row with an address: they can be written and not read."""

    new_headers = forms.CharField(
        required=False,
        max_length=LONGEST_HEADERS,
        label="Secret headers",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "placeholder": "Authorization: Bearer …"}),
        help_text="One a line, Name: value. Left empty: the saved ones stay, unless the address changes.",
    )

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

    def save(self, commit: bool = True) -> Any:
        """Takes new headers, when some were typed, for the address as it is now."""
        if headers := self.cleaned_data["new_headers"]:
            self.instance.set_headers(headers)
        return super().save(commit)


class HttpToolForm(WithHeadersForm):
    """A tool behind an address, with headers that can be written and not read."""

    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="What the model reads of it.")
    # The model's own is sealed JSON, and so in no form by itself.
    arguments = forms.JSONField(
        label="Parameters",
        initial={"type": "object", "properties": {}, "required": []},
        help_text="JSON Schema of its arguments.",
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

    def _post_clean(self) -> None:
        if "arguments" in self.cleaned_data:
            self.instance.parameters = self.cleaned_data["arguments"]
        super()._post_clean()  # type: ignore[misc]


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


class McpServerForm(WithHeadersForm):
    """A server at an address, and which of its tools are offered as they are shown."""

    offered = forms.MultipleChoiceField(
        required=False,
        label="Offered tools",
        widget=forms.CheckboxSelectMultiple,
        help_text="As the server describes them now; one that it changes is offered no more until it is ticked again.",
    )

    class Meta:
        model = McpServer
        exclude = ["secrets"]  # noqa: DJ006 - everything but the headers

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        server = self.instance
        choices = [(each["fingerprint"], shown(each)) for each in server.listing]
        offered = self.fields["offered"]
        offered.choices, offered.initial = choices, [key for key, _ in choices if key in server.offered]  # type: ignore[attr-defined]
        if server.is_of_file and not server._state.adding:
            for name in ("name", "url", "new_headers", "allow_private_address"):
                self.fields[name].disabled = True

    def clean_name(self) -> str:
        """A name that no program of the settings file has."""
        name: str = self.cleaned_data["name"]
        if not self.instance.is_of_file or self.instance._state.adding:
            setting_up.check_name(name)
        return name

    def save(self, commit: bool = True) -> Any:
        """Offers what was ticked; nothing at an address that is new."""
        self.instance.confirm([] if "url" in self.changed_data else self.cleaned_data["offered"])
        return super().save(commit)


def shown(told: dict[str, Any]) -> str:
    """All that a model would read of a tool."""
    words = f"{told['name']}: {told['description']} {orjson.dumps(told['parameters']).decode()}"
    reason = why_not_offered(told)
    return f"{words} (not offered: {reason})" if reason else words


@admin.register(McpServer)
class McpServerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """MCP servers."""

    form = McpServerForm
    list_display = ("name", "url", "needs_approval", "is_enabled", "saved_headers", "waiting", "fault")
    list_filter = ("is_enabled", "needs_approval")
    search_fields = ("name", "url")
    readonly_fields = ("saved_headers", "waiting", "fault", "listed_at")
    actions = ("list_now",)

    @admin.display(description="saved headers")
    def saved_headers(self, server: McpServer) -> str:
        """Their names."""
        return server.header_names

    @admin.display(description="tools that are not offered")
    def waiting(self, server: McpServer) -> int:
        """How many of its tools nobody has confirmed as they are."""
        return sum(told["fingerprint"] not in server.offered for told in server.listing)

    @admin.action(description="Read their tools now")
    def list_now(self, request: HttpRequest, queryset: Any) -> None:
        """Asks each; what it says waits to be looked at."""
        for server in queryset:
            async_to_sync(list_one)(server)
            server.refresh_from_db()
            self.message_user(request, f"{server}: {server.fault or f'{len(server.listing)} tools'}")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Has the tools of a new address read at once."""
        super().save_model(request, obj, form, change)
        if "url" in form.changed_data:
            # Another connection keeps what it says: it must see the row.
            transaction.on_commit(lambda: async_to_sync(list_one)(obj))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Goes on to the tools, of which none is offered yet."""
        self.message_user(request, "Tick the tools that are to be offered.")
        return HttpResponseRedirect(reverse("admin:playground_mcpserver_change", args=(obj.pk,)))


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
