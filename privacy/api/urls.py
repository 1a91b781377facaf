"""The doors of privacy."""

from __future__ import annotations

from django.urls import path

from privacy.api import masking

urlpatterns = [
    path("api/privacy/masking", masking.AllMaskingView.as_view()),
    path("api/privacy/masking/test", masking.MaskingTestView.as_view(), {"project_id": "test"}),
    path("api/privacy/masking/<path:project_id>", masking.MaskingView.as_view()),
]
