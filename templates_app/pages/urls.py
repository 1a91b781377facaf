"""The template pages, their fragments and what their forms send."""

from __future__ import annotations

from django.urls import path

from templates_app.pages import editor, importing, label_requests, library, sharing, uses, versions

ONE = "templates/<uuid:template_id>"
REQUEST = f"{ONE}/labels/requests/<uuid:request_id>"

urlpatterns = [
    path("templates", library.library, name="templates"),
    path("templates/new", editor.new, name="template-new"),
    path("templates/turns", editor.turns, name="template-turns"),
    path("templates/draft", editor.draft, name="template-draft"),
    path("templates/import", importing.import_, name="template-import"),
    path("templates/import/<uuid:import_id>", importing.imported, name="template-imported"),
    path("templates/import/<uuid:import_id>/undo", importing.undo_import, name="template-import-undo"),
    path("templates/import/<uuid:import_id>/discard", importing.discard_import, name="template-import-discard"),
    path(ONE, library.template, name="template"),
    path(f"{ONE}/preview", library.preview, name="template-preview"),
    path(f"{ONE}/rendering", library.rendering, name="template-rendering"),
    path(f"{ONE}/edit", editor.edit, name="template-edit"),
    path(f"{ONE}/versions", versions.versions, name="template-versions"),
    path(f"{ONE}/code", uses.code, name="template-code"),
    path(f"{ONE}/uses", uses.uses, name="template-uses"),
    path(f"{ONE}/restore", versions.restore, name="template-restore"),
    path(f"{ONE}/labels", versions.move_label, name="template-label"),
    path(f"{ONE}/labels/rollback", versions.roll_back, name="template-label-rollback"),
    path(f"{ONE}/labels/remove", versions.remove_label, name="template-label-remove"),
    path(f"{ONE}/labels/history", versions.label_history, name="template-label-history"),
    path(f"{ONE}/labels/protect", label_requests.protect_label, name="template-label-protect"),
    path(f"{ONE}/labels/ask", label_requests.ask, name="template-label-ask"),
    path(f"{REQUEST}/approve", label_requests.approve, name="template-label-approve"),
    path(f"{REQUEST}/refuse", label_requests.refuse, name="template-label-refuse"),
    path(f"{REQUEST}/withdraw", label_requests.withdraw, name="template-label-withdraw"),
    path(f"{ONE}/share", sharing.share, name="template-share"),
    path(f"{ONE}/rate", library.rate, name="template-rate"),
    path(f"{ONE}/favourite", library.favourite, name="template-favourite"),
    path(f"{ONE}/fork", library.fork, name="template-fork"),
    path(f"{ONE}/delete", library.delete, name="template-delete"),
    path(f"{ONE}/undelete", library.undelete, name="template-undelete"),
]
