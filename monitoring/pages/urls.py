"""Pages of the monitoring."""

from __future__ import annotations

from django.urls import path

from monitoring.pages import alerts, errors, objectives, overview, provider, slow_calls

urlpatterns = [
    path("monitoring", overview.monitoring, name="monitoring"),
    path("monitoring/now", overview.now, name="monitoring-now"),
    path("monitoring/curves", overview.curves, name="monitoring-curves"),
    path("monitoring/objectives", objectives.objectives, name="objectives"),
    path("monitoring/slow-calls", slow_calls.slow_calls, name="slow-calls"),
    path("monitoring/providers/<slug:slug>", provider.provider, name="provider-history"),
    path("monitoring/alerts", alerts.alerts, name="alerts"),
    path("monitoring/alerts/<int:alert_id>/mute", alerts.muting, name="alert-muting"),
    path("monitoring/alerts/<int:alert_id>/unmute", alerts.unmuting, name="alert-unmuting"),
    path("monitoring/alert-rules", alerts.rules_made, name="alert-rules"),
    path("monitoring/alert-rules/<int:rule_id>", alerts.rule, name="alert-rule"),
    path("monitoring/alert-rules/<int:rule_id>/deletion", alerts.rule_deletion, name="alert-rule-deletion"),
    path("monitoring/errors", errors.errors, name="errors"),
    path("monitoring/errors/<int:group_id>", errors.error, name="error"),
    path("monitoring/errors/<int:group_id>/resolution", errors.resolution, name="error-resolution"),
    path("monitoring/errors/<int:group_id>/mute", errors.muting, name="error-mute"),
]
