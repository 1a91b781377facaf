"""Addresses of the quotas' API."""

from __future__ import annotations

from django.urls import path

from quotas.api import views

urlpatterns = [
    path("api/quotas", views.QuotasView.as_view()),
    path("api/quotas/limits", views.SetLimitsView.as_view()),
    path("api/quotas/<str:kind>/<path:subject_id>", views.SubjectView.as_view()),
]
