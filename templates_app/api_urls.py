"""Addresses of the template API."""

from __future__ import annotations

from django.urls import path

from templates_app import api, exchange_api, labels_api, people_api, versions_api

ONE = "api/templates/<uuid:template_id>"

urlpatterns = [
    path("api/templates", api.TemplatesView.as_view()),
    path("api/templates/categories", api.CategoriesView.as_view()),
    path("api/templates/tags", api.TagsView.as_view()),
    path("api/templates/lint", api.LintView.as_view()),
    path("api/templates/lint/rules", api.LintRulesView.as_view()),
    path("api/templates/export", exchange_api.LibraryExportView.as_view()),
    path("api/templates/import", exchange_api.ImportView.as_view()),
    path(ONE, api.TemplateView.as_view()),
    path(f"{ONE}/undelete", api.UndeleteView.as_view()),
    path(f"{ONE}/versions", versions_api.VersionsView.as_view()),
    path(f"{ONE}/diff", versions_api.DiffView.as_view()),
    path(f"{ONE}/restore", versions_api.RestoreView.as_view()),
    path(f"{ONE}/render", versions_api.RenderView.as_view()),
    path(f"{ONE}/fork", versions_api.ForkView.as_view()),
    path(f"{ONE}/labels", labels_api.LabelsView.as_view()),
    path(f"{ONE}/labels/<str:label>", labels_api.LabelView.as_view()),
    path(f"{ONE}/labels/<str:label>/history", labels_api.LabelHistoryView.as_view()),
    path(f"{ONE}/labels/<str:label>/rollback", labels_api.RollbackView.as_view()),
    path(f"{ONE}/rate", people_api.RateView.as_view()),
    path(f"{ONE}/favourite", people_api.FavouriteView.as_view()),
    path(f"{ONE}/share", people_api.ShareView.as_view()),
    path(f"{ONE}/export", exchange_api.ExportView.as_view(), name="api-template-export"),
]
