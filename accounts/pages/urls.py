"""Signing in and out."""

from __future__ import annotations

from django.urls import path

from accounts.pages import sign_in

urlpatterns = [
    path("login", sign_in.SignIn.as_view(), name="login"),
    path("logout", sign_in.sign_out, name="logout"),
    path("sign-in/<str:token>", sign_in.SignInByLink.as_view(), name="sign-in"),
]
