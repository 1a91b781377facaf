"""The template pages, their fragments and what their forms send."""

from __future__ import annotations

from django.urls import path

from templates_app import editor_views, people_views, views

ONE = "templates/<uuid:template_id>"

urlpatterns = [
    path("templates", views.library, name="templates"),
    path("templates/new", editor_views.new, name="template-new"),
    path("templates/draft", editor_views.draft, name="template-draft"),
    path(ONE, views.template, name="template"),
    path(f"{ONE}/preview", views.preview, name="template-preview"),
    path(f"{ONE}/rendering", views.rendering, name="template-rendering"),
    path(f"{ONE}/edit", editor_views.edit, name="template-edit"),
    path(f"{ONE}/rate", views.rate, name="template-rate"),
    path(f"{ONE}/favourite", views.favourite, name="template-favourite"),
    path(f"{ONE}/fork", views.fork, name="template-fork"),
    path(f"{ONE}/delete", views.delete, name="template-delete"),
    path(f"{ONE}/undelete", views.undelete, name="template-undelete"),
    path("templates/import", views.library, name="template-import"),
    path(f"{ONE}/versions", views.template, name="template-versions"),
    path(f"{ONE}/share", people_views.share, name="template-share"),
]
