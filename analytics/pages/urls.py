"""Pages of the analytics."""

from __future__ import annotations

from django.urls import path

from analytics.pages import anomalies, bill

urlpatterns = [
    path("settings/bill", bill.bill, name="bill"),
    path("settings/anomalies", anomalies.anomalies, name="anomalies"),
    path("settings/anomalies/<int:anomaly_id>/dismissal", anomalies.dismissal, name="anomaly-dismissal"),
]
