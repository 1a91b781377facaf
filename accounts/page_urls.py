"""Signing in and out."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("login", views.SignIn.as_view(), name="login"),
    path("logout", views.sign_out, name="logout"),
    path("sign-in/<str:token>", views.SignInByLink.as_view(), name="sign-in"),
]
