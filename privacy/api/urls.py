"""Doors of privacy over REST."""

from __future__ import annotations

from django.urls import path

from privacy.api import erasures, holds, masking, own_data, retention

urlpatterns = [
    path("api/privacy/masking", masking.AllMaskingView.as_view()),
    path("api/privacy/masking/test", masking.MaskingTestView.as_view(), {"project_id": "test"}),
    path("api/privacy/masking/<path:project_id>", masking.MaskingView.as_view()),
    path("api/privacy/retention", retention.RetentionView.as_view()),
    path("api/privacy/retention/dry-run", retention.DryRunView.as_view()),
    path("api/privacy/retention/runs/<uuid:run_id>", retention.RunView.as_view()),
    path("api/privacy/holds", holds.HoldsView.as_view()),
    path("api/privacy/holds/<uuid:hold_id>", holds.HoldView.as_view()),
    path("api/privacy/erasures", erasures.ErasuresView.as_view()),
    path("api/privacy/erasures/<uuid:erasure_id>", erasures.ErasureView.as_view()),
    path("api/privacy/erasures/<uuid:erasure_id>/approve", erasures.ApproveErasureView.as_view()),
    path("api/privacy/erasures/<uuid:erasure_id>/refuse", erasures.RefuseErasureView.as_view()),
    path("api/privacy/erasures/<uuid:erasure_id>/export", erasures.ErasureExportView.as_view()),
    path("api/privacy/own-data", own_data.OwnDataListView.as_view()),
    path("api/privacy/own-data/<uuid:own_data_id>", own_data.OwnDataView.as_view()),
    path("api/privacy/own-data/<uuid:own_data_id>/download", own_data.OwnDataDownloadView.as_view()),
]
