"""The admin's forms: judged by the rules of the API, so that no door takes what another refuses."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson
from django import forms
from django.contrib.admin.helpers import ActionForm
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.http import body_gate
from foundation.problems import Problem, field_errors
from templates_app.bodies import TemplateSerializer
from templates_app.models import PromptTemplate
from templates_app.partials import binding, slugs
from templates_app.partials.references import LONGEST_SLUG
from templates_app.versions import saving
from templates_app.versions.lifecycle import Change

CALL: Final = ("messages", "tools", "response_format", "model_id")
"""The parts of a whole call."""


class JSONText(forms.CharField):
    """A JSON value, written out."""

    widget = forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "vLargeTextField"})

    def clean(self, value: Any) -> Any:
        try:
            return orjson.loads(super().clean(value) or "null")
        except orjson.JSONDecodeError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A template with the content of its present version; a save with other content makes a version."""

    slug = forms.CharField(required=False, max_length=LONGEST_SLUG, help_text="What others write in {{> slug}}.")
    tags = forms.CharField(required=False, help_text="Separated by commas.")
    engine = forms.ChoiceField(choices=[("plain", "plain"), ("jinja2", "Jinja2, sandboxed")])
    prompt = forms.CharField(
        strip=False, required=False, widget=forms.Textarea(attrs={"rows": 14, "class": "vLargeTextField"})
    )
    system_prompt = forms.CharField(
        strip=False, required=False, widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"})
    )
    variables = JSONText(required=False, help_text="A list of definitions, as in the API.")
    default_parameters = JSONText(required=False, help_text='As in the API: {"temperature": 0.2}')
    messages = JSONText(required=False, help_text="In the place of prompt and system prompt, as in the API.")
    tools = JSONText(required=False, help_text="As in the API.")
    response_format = JSONText(required=False, help_text="As in the API.")
    model_id = forms.CharField(required=False, max_length=255, help_text="provider/model")
    note = forms.CharField(required=False, max_length=1000, help_text="What this version changes.")
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = PromptTemplate
        fields = ("name", "slug", "category", "description", "tags", "is_featured")

    data: Any
    user: User
    """Who fills it in: set by the admin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.current_id:
            self.initial.update(_shown(self.instance))

    def is_multipart(self) -> bool:
        """Sent as it is: escaped, a text in most of the world's scripts takes three times its bytes."""
        return True

    def clean_tags(self) -> list[str]:
        """The tags, each by itself."""
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]

    def clean(self) -> dict[str, Any]:
        """The whole form by the API's rules; errors stand at their fields."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        sent = ("name", "category", "description", "engine", "prompt", "system_prompt", "note")
        body = {name: cleaned.get(name) or "" for name in sent}
        body["tags"] = cleaned["tags"]
        body |= {name: cleaned[name] for name in ("variables", "default_parameters") if cleaned[name] is not None}
        body |= {name: cleaned[name] for name in CALL if cleaned[name]}
        if body.get("messages") and not body["prompt"]:
            del body["prompt"]
        body |= {"slug": cleaned["slug"]} if cleaned.get("slug") else {}
        self._check_base(cleaned.get("base_version"))
        try:
            body_gate.check(body)
            given = TemplateSerializer(data=body)
            given.is_valid(raise_exception=True)
            self.attrs = dict(given.validated_data)
            self._check_partials(saving.new(self.attrs))  # what only the engine can tell
        except ValidationError as error:
            self._place([each._asdict() for each in field_errors(error.detail)])
        except Problem as problem:
            self._place(problem.errors)
        return cleaned

    def _check_partials(self, change: Change) -> None:
        template = PromptTemplate.objects.get(pk=self.instance.pk) if self.instance.current_id else None
        owner = template.owner if template else self.user
        if slug := change.details.get("slug"):
            slugs.refuse_taken(slug, owner_id=owner.pk, but=template.pk if template else None)
        assert change.content is not None  # noqa: S101 - for the type checker
        before = template.version if template else None
        binding.check(change.content, saver=self.user, owner=owner, template=template, before=before)

    def _check_base(self, base: int | None) -> None:
        """Tells that somebody saved in between; the form keeps what was typed, and its next save comes after theirs."""
        if not base or not self.instance.current_id:
            return
        current = PromptTemplate.objects.select_related("current").get(pk=self.instance.pk).version
        if base != current.number:
            self.data = {**self.data.dict(), "base_version": str(current.number)}
            message = f"{current.author or 'Somebody'} has saved version {current.number} since. Compare it with yours."
            self.add_error(None, f"{message} Saving again adds yours as the next version.")

    def _place(self, errors: list[dict[str, str]]) -> None:
        for error in errors:
            place, _, rest = error["field"].partition(".")
            message = f"{rest}: {error['message']}" if rest else error["message"]
            self.add_error(place if place in self.fields else None, message)

    def change_of(self, template: PromptTemplate) -> Change:
        """For `versions.save`."""
        return saving.changing(self.attrs, replaces=True)(template)


def _shown(template: PromptTemplate) -> dict[str, Any]:
    content = template.content.as_json()
    call = template.content.call_json()
    if "messages" in call:
        content["prompt"] = ""  # reads as the last user text; it is set there
    return {
        **{name: json.dumps(value, indent=2, ensure_ascii=False) for name, value in call.items() if name != "model_id"},
        "model_id": call.get("model_id", ""),
        **{name: content[name] for name in ("prompt", "system_prompt", "engine")},
        "variables": json.dumps(content["variables"], indent=2, ensure_ascii=False),
        "default_parameters": json.dumps(content["default_parameters"], indent=2),
        "tags": ", ".join(template.tags),
        "base_version": template.version.number,
    }


class CurationForm(ActionForm):
    """What the actions on many templates need."""

    word = forms.CharField(required=False, max_length=100, label="Category or tag:")


class ImportForm(forms.Form):
    """A document of templates."""

    file = forms.FileField(required=False, help_text="JSON or YAML")
    document = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8}))

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        cleaned["body"] = upload.read() if upload else cleaned.get("document", "").encode()
        return cleaned
