"""Addresses of a session's history, exports, imports and figures."""

from __future__ import annotations

from django.urls import path

from history.api import analytics, export, importing, timeline
from playground.api import artifacts

ONE = "api/sessions/<uuid:session_id>"

urlpatterns = [
    path("api/sessions/import", importing.ImportView.as_view()),
    path(f"{ONE}/history", timeline.HistoryView.as_view()),
    path(f"{ONE}/fork", timeline.ForkView.as_view()),
    path(f"{ONE}/export", export.ExportView.as_view()),
    path(f"{ONE}/analytics", analytics.AnalyticsView.as_view()),
    path("api/artifacts", artifacts.UploadView.as_view()),
    path("api/artifacts/<uuid:artifact_id>/content", artifacts.ContentView.as_view(), name="artifact-content"),
    path("api/artifacts/<uuid:artifact_id>", export.ArtifactView.as_view()),
    path("api/artifacts/<uuid:artifact_id>/download", export.DownloadView.as_view()),
]
