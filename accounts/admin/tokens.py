"""API tokens of everybody, and web tokens that were taken back, in the admin."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.bearer import api_tokens, revocation
from accounts.bearer.bodies import DEFAULT_DAYS, MOST_DAYS
from accounts.bearer.scopes import Scope
from accounts.models import ApiToken, RevokedToken, User
from foundation.problems import Problem


class NewApiTokenForm(forms.Form):
    """A token for a service account."""

    user = forms.ModelChoiceField(User.objects.filter(is_service=True, is_active=True), label="Service account")
    name = forms.CharField(max_length=100, help_text="What uses it.")
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    expires_in_days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS, required=False, help_text="Empty: it does not expire."
    )


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Everybody's API tokens, to be revoked; new ones for service accounts."""

    list_display = (
        "name",
        "user",
        "ending",
        "scopes",
        "made_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("user__is_service", "revoked_at")
    list_select_related = ("user", "made_by")
    search_fields = ("name", "user__username", "user__email", "ending")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is what it was made as."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A revoked token stays, so that one can look up what it was."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Makes one, and shows its secret once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewApiTokenForm(request.POST or None)
        secret = self._made(request, form) if request.method == "POST" and form.is_valid() else ""
        context = {
            **self.admin_site.each_context(request), "form": form, "secret": secret, "opts": self.opts,
            "title": "Add API token",
        }  # fmt: skip
        response = render(request, "admin/accounts/api_token.html", context)
        add_never_cache_headers(response)
        return response

    def _made(self, request: HttpRequest, form: NewApiTokenForm) -> str:
        try:
            return api_tokens.make(made_by=cast(User, request.user), **form.cleaned_data)[1]
        except Problem as problem:
            form.add_error(None, problem.errors[0]["message"] if problem.errors else problem.detail)
            return ""

    @admin.action(description="Revoke", permissions=["add"])
    def revoke(self, request: HttpRequest, tokens: Any) -> None:
        """They let nobody in any more."""
        for token in tokens:
            api_tokens.revoke(user=token.user, token_id=token.id)


class RevokedTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A web token of the issuer's, by its `jti`."""

    jti = forms.CharField(max_length=500, label="ID (jti)", help_text="As it stands in the token.")
    for_days = forms.IntegerField(min_value=1, max_value=3_660, initial=30, help_text="Until it has surely expired.")

    class Meta:
        model = RevokedToken
        fields = ()


@admin.register(RevokedToken)
class RevokedTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Web tokens that were taken back; one is added by its `jti`."""

    form = RevokedTokenForm
    fields = ("jti", "for_days")
    list_display = ("revoked_at", "expires_at")
    ordering = ("-revoked_at",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was taken back stays so."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was taken back stays so."""
        return False

    def save_model(self, request: HttpRequest, obj: RevokedToken, form: Any, change: bool) -> None:
        """By the door's own rule."""
        given = form.cleaned_data
        row = revocation.revoke_by_id(given["jti"], now=timezone.now(), for_days=given["for_days"])
        obj.pk, obj.fingerprint = row.pk, row.fingerprint
