"""Addresses of the template API."""

from __future__ import annotations

from django.urls import path

from templates_app.api import exchange, importing, label_requests, labels, people, templates, versions

ONE = "api/templates/<uuid:template_id>"
LABEL = f"{ONE}/labels/<str:label>"
REQUEST = f"{LABEL}/requests/<uuid:request_id>"

urlpatterns = [
    path("api/templates", templates.TemplatesView.as_view()),
    path("api/templates/categories", templates.CategoriesView.as_view()),
    path("api/templates/tags", templates.TagsView.as_view()),
    path("api/templates/lint", templates.LintView.as_view()),
    path("api/templates/lint/rules", templates.LintRulesView.as_view()),
    path("api/templates/export", exchange.LibraryExportView.as_view()),
    path("api/templates/import", importing.ImportView.as_view()),
    path("api/templates/import/<uuid:import_id>/undo", importing.UndoImportView.as_view()),
    path(ONE, templates.TemplateView.as_view()),
    path(f"{ONE}/undelete", templates.UndeleteView.as_view()),
    path(f"{ONE}/versions", versions.VersionsView.as_view()),
    path(f"{ONE}/used-by", versions.UsedByView.as_view()),
    path(f"{ONE}/diff", versions.DiffView.as_view()),
    path(f"{ONE}/restore", versions.RestoreView.as_view()),
    path(f"{ONE}/render", versions.RenderView.as_view()),
    path(f"{ONE}/fork", versions.ForkView.as_view()),
    path(f"{ONE}/labels", labels.LabelsView.as_view()),
    path(LABEL, labels.LabelView.as_view()),
    path(f"{LABEL}/history", labels.LabelHistoryView.as_view()),
    path(f"{LABEL}/rollback", labels.RollbackView.as_view()),
    path(f"{LABEL}/protection", label_requests.ProtectionView.as_view()),
    path(f"{LABEL}/requests", label_requests.LabelRequestsView.as_view()),
    path(REQUEST, label_requests.LabelRequestView.as_view()),
    path(f"{REQUEST}/approve", label_requests.ApproveView.as_view()),
    path(f"{REQUEST}/refuse", label_requests.RefuseView.as_view()),
    path(f"{REQUEST}/withdraw", label_requests.WithdrawView.as_view()),
    path(f"{ONE}/rate", people.RateView.as_view()),
    path(f"{ONE}/favourite", people.FavouriteView.as_view()),
    path(f"{ONE}/share", people.ShareView.as_view()),
    path(f"{ONE}/export", exchange.ExportView.as_view(), name="api-template-export"),
]
