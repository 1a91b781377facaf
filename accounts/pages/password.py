"""A new password of one's own, in the admin; the old one is checked as at any sign-in, under the same brake."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy

from accounts.signing_in import WrongCredentials, verify_password
from foundation.brake import TooManyTries


class BrakedForm(AdminPasswordChangeForm):
    """Old and new password; `refusal` is why the old one was not even looked at."""

    refusal: TooManyTries | None = None

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        given: str = self.cleaned_data["old_password"]
        try:
            verify_password(self._request, self.user.get_username(), given)
        except WrongCredentials:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect") from None
        except TooManyTries as refusal:
            self.refusal = refusal
            raise ValidationError(str(refusal), code="too_many_tries") from None
        return given


class ChangePassword(PasswordChangeView):
    """The admin's form."""

    form_class = BrakedForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **admin.site.each_context(self.request)}

    def form_invalid(self, form: Any) -> Any:
        response: Any = super().form_invalid(form)
        if form.refusal:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.refusal.retry_after)
        return response


def change(request: HttpRequest) -> HttpResponseBase:
    """For those whom the admin lets in."""
    view: HttpResponseBase = admin.site.admin_view(ChangePassword.as_view(), cacheable=True)(request)
    return view
