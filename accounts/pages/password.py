"""A password of one's own, first or new, under `/settings` and in the admin.

The old one is checked as at any sign-in, under the same brake. Where an identity provider lets people in, those without
a password get none: whoever is closed out there must not come in here.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages.answers import tell, user_of
from accounts.signing_in import WrongCredentials, verify_password
from foundation.brake import TooManyTries

LABELS: Final = {
    "old_password": "Present password",
    "new_password1": "New password",
    "new_password2": "New password again",
}


def may_have_password(user: User) -> bool:
    """Whether this person signs in with a password here, or may begin to."""
    return user.has_usable_password() or not settings.ENV.oidc_issuer


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The first password of whom a link let in, or another one instead of the present one."""
    user = user_of(request)
    if not may_have_password(user):
        raise Http404
    form = _form(request, user)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    form.save()
    update_session_auth_hash(request, user)
    tell(request, f"The password is set: you sign in as {user.username}. Other browsers of yours are signed out.")
    return HttpResponseRedirect(reverse("settings"))


def _form(request: HttpRequest, user: User) -> Any:
    given = request.POST if request.method == "POST" else None
    if user.has_usable_password():
        return BrakedForm(user, given, request=request)
    return SetPasswordForm(user, given)


def _page(request: HttpRequest, form: Any) -> HttpResponse:
    refusal: TooManyTries | None = getattr(form, "refusal", None)
    status = 429 if refusal else 400 if form.errors else 200
    fields = [(name, LABELS[name], " ".join(form.errors.get(name, ()))) for name in LABELS if name in form.fields]
    context = {"fields": fields, "faulty": [(name, label) for name, label, error in fields if error]}
    response = render(request, "accounts/password.html", context, status=status)
    if refusal:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


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
