"""Pages of the analytics."""

from __future__ import annotations

from django.urls import path

from analytics.pages import anomalies, bill, report
from analytics.pages.dashboard import files, page
from analytics.pages.estimator.page import estimator

urlpatterns = [
    path("analytics", page.analytics, name="analytics"),
    path("analytics/estimate", estimator, name="estimate"),
    path("analytics/figures.csv", files.figures_as_csv, name="analytics-csv"),
    path("analytics/quality.csv", files.quality_as_csv, name="quality-csv"),
    path("analytics/<slug:picture>.svg", files.picture_as_svg, name="analytics-svg"),
    path("analytics/report", report.report, name="report"),
    path("analytics/report/<str:week>", report.report, name="report-of-week"),
    path("analytics/report/<str:week>/<slug:table>.csv", report.report_as_csv, name="report-csv"),
    path("settings/bill", bill.bill, name="bill"),
    path("settings/anomalies", anomalies.anomalies, name="anomalies"),
    path("settings/anomalies/<int:anomaly_id>/dismissal", anomalies.dismissal, name="anomaly-dismissal"),
]
