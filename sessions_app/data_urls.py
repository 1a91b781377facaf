"""Addresses of exports, imports, analytics and projects."""

from __future__ import annotations

from django.urls import path

from sessions_app import data_api

urlpatterns = [
    path("api/sessions/import", data_api.ImportView.as_view()),
    path("api/sessions/<uuid:session_id>/export", data_api.ExportView.as_view()),
    path("api/sessions/<uuid:session_id>/analytics", data_api.AnalyticsView.as_view()),
    path("api/artifacts/<uuid:artifact_id>", data_api.ArtifactView.as_view()),
    path("api/artifacts/<uuid:artifact_id>/download", data_api.DownloadView.as_view()),
    path("api/projects", data_api.ProjectsView.as_view()),
]
