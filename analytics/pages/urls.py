"""Pages of the analytics."""

from __future__ import annotations

from django.urls import path

from analytics.pages import anomalies, bill
from analytics.pages.dashboard import page

urlpatterns = [
    path("analytics", page.analytics, name="analytics"),
    path("analytics/figures.csv", page.figures_as_csv, name="analytics-csv"),
    path("analytics/<slug:picture>.svg", page.picture_as_svg, name="analytics-svg"),
    path("settings/bill", bill.bill, name="bill"),
    path("settings/anomalies", anomalies.anomalies, name="anomalies"),
    path("settings/anomalies/<int:anomaly_id>/dismissal", anomalies.dismissal, name="anomaly-dismissal"),
]
