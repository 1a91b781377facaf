"""Addresses of the monitoring's API."""

from __future__ import annotations

from django.urls import path

from monitoring.api import alerts, errors, objectives, provider_history, slow_calls

urlpatterns = [
    path("api/monitoring/objectives", objectives.ObjectivesView.as_view()),
    path("api/monitoring/providers/<slug:slug>/history", provider_history.ProviderHistoryView.as_view()),
    path("api/monitoring/slow-calls", slow_calls.SlowCallsView.as_view()),
    path("api/monitoring/alert-rules", alerts.AlertRulesView.as_view()),
    path("api/monitoring/alert-rules/<int:rule_id>", alerts.AlertRuleView.as_view()),
    path("api/monitoring/alerts", alerts.AlertsView.as_view()),
    path("api/monitoring/alerts/<int:alert_id>/mute", alerts.AlertMuteView.as_view()),
    path("api/monitoring/alerts/<int:alert_id>/unmute", alerts.AlertUnmuteView.as_view()),
    path("api/monitoring/errors", errors.ErrorsView.as_view()),
    path("api/monitoring/errors/<int:group_id>", errors.ErrorView.as_view()),
    path("api/monitoring/errors/<int:group_id>/resolve", errors.ResolveView.as_view()),
    path("api/monitoring/errors/<int:group_id>/mute", errors.MuteView.as_view()),
]
