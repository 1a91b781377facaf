"""Pages of the quotas."""

from __future__ import annotations

from django.urls import path

from quotas.pages import views

urlpatterns = [
    path("settings/usage", views.usage, name="usage"),
    path("settings/usage/bar", views.bar, name="usage-bar"),
    path("settings/quotas", views.limits, name="quotas"),
]
