"""Pages of the monitoring."""

from __future__ import annotations

from django.urls import path

from monitoring.pages import errors, objectives, overview, provider, slow_calls

urlpatterns = [
    path("monitoring", overview.monitoring, name="monitoring"),
    path("monitoring/now", overview.now, name="monitoring-now"),
    path("monitoring/curves", overview.curves, name="monitoring-curves"),
    path("monitoring/objectives", objectives.objectives, name="objectives"),
    path("monitoring/slow-calls", slow_calls.slow_calls, name="slow-calls"),
    path("monitoring/providers/<slug:slug>", provider.provider, name="provider-history"),
    path("monitoring/errors", errors.errors, name="errors"),
    path("monitoring/errors/<int:group_id>", errors.error, name="error"),
    path("monitoring/errors/<int:group_id>/resolution", errors.resolution, name="error-resolution"),
    path("monitoring/errors/<int:group_id>/mute", errors.muting, name="error-mute"),
]
