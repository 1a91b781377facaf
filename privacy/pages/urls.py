"""Pages of privacy."""

from __future__ import annotations

from django.urls import path

from privacy.pages import erasures, masking, retention, your_data

urlpatterns = [
    path("settings/masking", masking.masking, name="masking"),
    path("settings/masking/remove", masking.remove, name="masking-remove"),
    path("settings/retention", retention.retention, name="retention"),
    path("settings/retention/runs", retention.runs, name="retention-runs"),
    path("settings/retention/dry-run", retention.dry_run, name="retention-dry-run"),
    path("settings/retention/holds", retention.place, name="retention-holds"),
    path("settings/retention/holds/<uuid:hold_id>/lift", retention.lift, name="retention-hold-lift"),
    path("settings/your-data", your_data.your_data, name="your-data"),
    path("settings/your-data/files", your_data.files, name="your-data-files"),
    path("settings/your-data/files/<uuid:own_data_id>", your_data.file, name="your-data-file"),
    path("settings/your-data/erasure", erasures.ask, name="your-erasure"),
    path("settings/your-data/erasures/<uuid:erasure_id>/approve", erasures.approve, name="erasure-approve"),
    path("settings/your-data/erasures/<uuid:erasure_id>/refuse", erasures.refuse, name="erasure-refuse"),
    path("settings/your-data/erasures/<uuid:erasure_id>/export", erasures.export, name="erasure-export"),
]
