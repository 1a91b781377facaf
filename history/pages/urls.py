"""The session pages, their fragments and what their forms send."""

from __future__ import annotations

from django.urls import path

from history.pages import acts, analytics, export, importing, overview, session

ONE = "sessions/<uuid:session_id>"
RUN = f"{ONE}/runs/<uuid:execution_id>"

urlpatterns = [
    path("sessions", overview.session_list, name="sessions"),
    path("sessions/new", overview.new, name="session-new"),
    path("sessions/import", importing.import_bundle, name="session-import"),
    path("sessions/imports/<uuid:artifact_id>", importing.progress, name="session-import-progress"),
    path(ONE, session.session, name="session"),
    path(f"{ONE}/edit", acts.edit, name="session-edit"),
    path(f"{ONE}/archive", acts.archive, name="session-archive"),
    path(f"{ONE}/unarchive", acts.unarchive, name="session-unarchive"),
    path(f"{ONE}/delete", acts.delete, name="session-delete"),
    path(f"{ONE}/undelete", acts.undelete, name="session-undelete"),
    path(f"{ONE}/fork", acts.fork, name="session-fork"),
    path(f"{ONE}/share", acts.share, name="session-share"),
    path(f"{ONE}/analytics", analytics.session_analytics, name="session-analytics"),
    path(f"{ONE}/export", export.export, name="session-export"),
    path(f"{ONE}/exports/<uuid:artifact_id>", export.artifact, name="session-artifact"),
    path(RUN, session.run, name="session-run"),
    path(f"{RUN}/rating", session.rate, name="session-rate"),
    path(f"{RUN}/feedback", session.thread, name="session-thread"),
    path(f"{ONE}/comments/<uuid:comment_id>", session.comment, name="session-comment"),
]
