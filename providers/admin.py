"""Providers and models in the admin: keys go in and never come out."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from foundation.http.header_values import UNSENDABLE, can_be_sent
from providers.catalogue.facts import RULES
from providers.models import CatalogueModel, Provider
from providers.registry import Registry


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider with a key that can be written and not read."""

    new_key = forms.CharField(
        required=False,
        label="Key",
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Left empty: the saved key stays, unless the address changes.",
    )

    class Meta:
        model = Provider
        exclude = ["credentials"]  # noqa: DJ006 - everything but the key
        labels: ClassVar = {
            "max_concurrency": "Calls at once",
        }
        help_texts: ClassVar = {
            "base_url": "Such as https://models.example.org/v1; left out for LiteLLM's own.",
            "litellm_prefix": "What LiteLLM calls the provider, such as groq.",
            "python_class": "One of the classes that settings allow.",
            "slug": "What a model's ID begins with: provider/model.",
        }

    def clean_new_key(self) -> str:
        """The key without the white space around it; refused where no header can hold it."""
        key: str = self.cleaned_data["new_key"].strip()
        if key and not can_be_sent(key):
            raise ValidationError(f"This key cannot be sent: {UNSENDABLE}.", code="unsendable")
        return key

    def _post_clean(self) -> None:
        """Refuses a provider that could not be made, where it is to be used."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not self.instance.is_enabled:
            return
        if key := self.cleaned_data["new_key"]:
            self.instance.set_key(key)
        _, reason = Registry().try_to_make(self.instance)
        if reason:
            self.add_error(None, reason)

    def save(self, commit: bool = True) -> Provider:
        """Takes the new key, when one was typed, for the address as it is now."""
        if key := self.cleaned_data["new_key"]:
            self.instance.set_key(key)
        saved: Provider = super().save(commit)
        return saved


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Custom providers."""

    form = ProviderForm
    list_display = ("slug", "name", "wire", "base_url", "is_enabled", "key")
    list_filter = ("wire", "is_enabled")
    search_fields = ("slug", "name", "base_url")
    readonly_fields = ("key",)

    @admin.display(description="saved key")
    def key(self, provider: Provider) -> str:
        """The last four characters of the saved key."""
        return provider.key_hint


class OverridesField(forms.JSONField):
    """JSON that a parser gives up on (too deep, a number of ten thousand digits) is refused like any that is none."""

    def to_python(self, value: Any) -> Any:
        """The value, parsed."""
        try:
            return super().to_python(value)
        except (RecursionError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": "…"}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """As it was typed: a value that was parsed might be one that no page can show."""
        return initial if self.disabled else InvalidJSONInput(data or "")


class CatalogueModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model with what is set by hand."""

    overrides = OverridesField(required=False, help_text=f"An object with any of: {', '.join(RULES)}.")

    class Meta:
        model = CatalogueModel
        fields = ("id", "provider", "overrides")
        help_texts: ClassVar = {"id": "As in provider/model."}


@admin.register(CatalogueModel)
class CatalogueModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is known of models; `overrides` wins over listing and price table."""

    form = CatalogueModelForm
    list_display = ("id", "provider", "listed_at", "last_used_at", "overrides")
    list_filter = ("provider",)
    search_fields = ("id",)
    readonly_fields = ("listed_at", "last_used_at", "details")
