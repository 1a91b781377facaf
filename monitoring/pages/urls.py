"""Pages of the monitoring."""

from __future__ import annotations

from django.urls import path

from monitoring.pages import errors

urlpatterns = [
    path("monitoring/errors", errors.errors, name="errors"),
    path("monitoring/errors/<int:group_id>", errors.error, name="error"),
    path("monitoring/errors/<int:group_id>/resolution", errors.resolution, name="error-resolution"),
    path("monitoring/errors/<int:group_id>/mute", errors.muting, name="error-mute"),
]
