"""What every way of signing in answers with: the form, the way on, and the way to another site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def form(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    """The sign-in page, with a button for the provider where there is one."""
    return render(request, "accounts/login.html", {"provider": settings.ENV.oidc_label, **context}, status=status)


def safe_address(request: HttpRequest, wanted: str) -> str:
    """Where the person wanted to go, if it is a page of ours."""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def elsewhere(request: HttpRequest, address: str, *, to: str) -> HttpResponse:
    """A page that goes on to another site by itself.

    Forms may lead to ourselves only (`form-action`), and browsers hold a form's redirects to that too.
    """
    return render(request, "accounts/elsewhere.html", {"address": address, "to": to})


def without_address(response: HttpResponse) -> HttpResponse:
    """An answer whose own address, which holds a secret, is told to no other."""
    # Not "no-referrer": under it browsers post "Origin: null", which the CSRF check refuses.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
