"""Addresses of the analytics' API."""

from __future__ import annotations

from django.urls import path

from analytics.api import adoption, anomalies, bills, estimation, report, usage

urlpatterns = [
    path("api/analytics/usage", usage.UsageView.as_view(), name="usage-api"),
    path("api/analytics/report", report.ReportView.as_view()),
    path("api/analytics/adoption", adoption.AdoptionView.as_view()),
    path("api/analytics/cost-estimation", estimation.CostEstimationView.as_view()),
    path("api/analytics/bills/compare", bills.CompareBillView.as_view()),
    path("api/analytics/anomalies", anomalies.AnomaliesView.as_view()),
    path("api/analytics/anomalies/<int:anomaly_id>/dismiss", anomalies.DismissView.as_view()),
]
