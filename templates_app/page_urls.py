"""The template pages, their fragments and what their forms send."""

from __future__ import annotations

from django.urls import path

from templates_app import editor_views, import_views, people_views, versions_views, views

ONE = "templates/<uuid:template_id>"

urlpatterns = [
    path("templates", views.library, name="templates"),
    path("templates/new", editor_views.new, name="template-new"),
    path("templates/draft", editor_views.draft, name="template-draft"),
    path("templates/import", import_views.import_, name="template-import"),
    path(ONE, views.template, name="template"),
    path(f"{ONE}/preview", views.preview, name="template-preview"),
    path(f"{ONE}/rendering", views.rendering, name="template-rendering"),
    path(f"{ONE}/edit", editor_views.edit, name="template-edit"),
    path(f"{ONE}/versions", versions_views.versions, name="template-versions"),
    path(f"{ONE}/restore", versions_views.restore, name="template-restore"),
    path(f"{ONE}/labels", versions_views.move_label, name="template-label"),
    path(f"{ONE}/labels/rollback", versions_views.roll_back, name="template-label-rollback"),
    path(f"{ONE}/labels/remove", versions_views.remove_label, name="template-label-remove"),
    path(f"{ONE}/labels/history", versions_views.label_history, name="template-label-history"),
    path(f"{ONE}/share", people_views.share, name="template-share"),
    path(f"{ONE}/rate", views.rate, name="template-rate"),
    path(f"{ONE}/favourite", views.favourite, name="template-favourite"),
    path(f"{ONE}/fork", views.fork, name="template-fork"),
    path(f"{ONE}/delete", views.delete, name="template-delete"),
    path(f"{ONE}/undelete", views.undelete, name="template-undelete"),
]
