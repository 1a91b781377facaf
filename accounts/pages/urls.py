"""Signing in and out, and what is one's own to set."""

from __future__ import annotations

from django.urls import path

from accounts.pages import audit, oidc, sign_in, tokens

urlpatterns = [
    path("login", sign_in.SignIn.as_view(), name="login"),
    path("logout", sign_in.sign_out, name="logout"),
    path("sign-in/oidc", oidc.begin, name="oidc"),
    path("sign-in/oidc/callback", oidc.callback, name="oidc-callback"),
    path("sign-in/<str:token>", sign_in.SignInByLink.as_view(), name="sign-in"),
    path("audit", audit.audit_log, name="audit"),
    path("settings/tokens", tokens.tokens, name="tokens"),
    path("settings/tokens/<uuid:token_id>/revoke", tokens.revoke, name="token-revoke"),
]
