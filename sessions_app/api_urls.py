"""Addresses of the session API."""

from __future__ import annotations

from django.urls import path

from sessions_app import api

ONE = "api/sessions/<uuid:session_id>"

urlpatterns = [
    path("api/sessions", api.SessionsView.as_view()),
    path(ONE, api.SessionView.as_view()),
    path(f"{ONE}/undelete", api.UndeleteView.as_view()),
    path(f"{ONE}/history", api.HistoryView.as_view()),
    path(f"{ONE}/share", api.ShareView.as_view()),
    path(f"{ONE}/fork", api.ForkView.as_view()),
]
