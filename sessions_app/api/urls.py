"""Addresses of the session API."""

from __future__ import annotations

from django.urls import path

from sessions_app.api import projects, sessions

ONE = "api/sessions/<uuid:session_id>"

urlpatterns = [
    path("api/sessions", sessions.SessionsView.as_view()),
    path(ONE, sessions.SessionView.as_view()),
    path(f"{ONE}/undelete", sessions.UndeleteView.as_view()),
    path(f"{ONE}/share", sessions.ShareView.as_view()),
    path("api/projects", projects.ProjectsView.as_view()),
]
