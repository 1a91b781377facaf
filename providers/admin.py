"""Providers and models in the admin: keys go in and never come out."""

from __future__ import annotations

from django import forms
from django.contrib import admin

from providers.models import CatalogueModel, Provider


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
        key = (provider.credentials or {}).get("api_key", "")
        return f"…{key[-4:]}" if len(key) > 8 else "set" if key else "none"


@admin.register(CatalogueModel)
class CatalogueModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is known of models; `overrides` wins over listing and price table."""

    list_display = ("id", "provider", "listed_at", "last_used_at", "overrides")
    list_filter = ("provider",)
    search_fields = ("id",)
    readonly_fields = ("listed_at", "last_used_at", "details")
