"""The session pages, their fragments and what their forms send."""

from __future__ import annotations

from django.urls import path

from sessions_app import act_views, analytics_views, export_views, list_views, views

ONE = "sessions/<uuid:session_id>"
RUN = f"{ONE}/runs/<uuid:execution_id>"

urlpatterns = [
    path("sessions", list_views.session_list, name="sessions"),
    path("sessions/new", list_views.new, name="session-new"),
    path("sessions/import", views.import_bundle, name="session-import"),
    path(ONE, views.session, name="session"),
    path(f"{ONE}/edit", act_views.edit, name="session-edit"),
    path(f"{ONE}/archive", act_views.archive, name="session-archive"),
    path(f"{ONE}/unarchive", act_views.unarchive, name="session-unarchive"),
    path(f"{ONE}/delete", act_views.delete, name="session-delete"),
    path(f"{ONE}/undelete", act_views.undelete, name="session-undelete"),
    path(f"{ONE}/fork", act_views.fork, name="session-fork"),
    path(f"{ONE}/share", act_views.share, name="session-share"),
    path(f"{ONE}/analytics", analytics_views.session_analytics, name="session-analytics"),
    path(f"{ONE}/export", export_views.export, name="session-export"),
    path(f"{ONE}/exports/<uuid:artifact_id>", export_views.artifact, name="session-artifact"),
    path(RUN, views.run, name="session-run"),
    path(f"{RUN}/rating", views.rate, name="session-rate"),
    path(f"{RUN}/remarks", views.thread, name="session-thread"),
    path(f"{ONE}/comments/<uuid:comment_id>", views.comment, name="session-comment"),
]
