"""Signing in by password or by one-time link, and signing out."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import signing_in
from accounts.pages.answers import tell
from accounts.pages.oidc import SIGN_OUT_AT, sign_out_address
from accounts.pages.password import may_have_password
from accounts.pages.sign_in_answers import elsewhere, form, safe_address, without_address
from accounts.signing_in import (
    LinkUnusable,
    WrongCredentials,
    sign_in_with_link,
    sign_in_with_password,
)
from foundation.brake import TooManyTries


@method_decorator(never_cache, name="dispatch")
class SignIn(View):
    """The sign-in form."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return form(request, next=request.GET.get("next", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        """On to where the person wanted to go, or the form with the reason."""
        username, wanted = request.POST.get("username", ""), request.POST.get("next", "")
        try:
            sign_in_with_password(request, username, request.POST.get("password", ""))
        except WrongCredentials:
            reason = "Name and password do not match an account."
            return form(request, 401, username=username, next=wanted, reason=reason)
        except TooManyTries as refusal:
            response = form(request, 429, username=username, next=wanted, reason=str(refusal))
            response.headers["Retry-After"] = str(refusal.retry_after)
            return response
        return HttpResponseRedirect(safe_address(request, wanted))


@method_decorator(never_cache, name="dispatch")
class SignInByLink(View):
    """A one-time link: fetching it uses nothing up, so that a link scanner cannot take it; the page it opens does."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The page that signs in by itself when it is looked at (sign_in.js); without scripts, by a button."""
        return without_address(render(request, "accounts/sign_in.html"))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """The first to post is signed in."""
        try:
            user = sign_in_with_link(request, token)
        except LinkUnusable:
            return without_address(render(request, "accounts/sign_in.html", {"is_unusable": True}, status=410))
        if not user.has_usable_password() and may_have_password(user):
            tell(request, "Welcome. To come back without a link, set a password under Settings.")
        return HttpResponseRedirect(resolve_url(settings.LOGIN_REDIRECT_URL))


@never_cache
def instead_of_the_admins(request: HttpRequest) -> HttpResponse:
    """The admin's own sign-in leads to ours: one brake, one place where sessions are made."""
    if admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the browser's session; on to the provider that let it in, where one can sign out there."""
    address = sign_out_address(request, request.session.get(SIGN_OUT_AT))
    signing_in.sign_out(request)
    if address:
        return elsewhere(request, address, to=f"Sign out of {settings.ENV.oidc_label}")
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))
