"""Pages of privacy."""

from __future__ import annotations

from django.urls import path

from privacy.pages import masking

urlpatterns = [
    path("settings/masking", masking.masking, name="masking"),
    path("settings/masking/remove", masking.remove, name="masking-remove"),
]
