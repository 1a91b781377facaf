"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("evaluation_app", "0015_enlisting_lease")]

    operations = [
        watched(
            "evaluation_datasets",
            kind="dataset",
            made="dataset_made",
            changed="dataset_changed",
            deleted="dataset_deleted",
            columns=["owner_id", "name", "description", "template_id", "archived", "newest"],
        ),
        watched(
            "evaluation_suites",
            kind="suite",
            made="suite_made",
            changed="suite_changed",
            deleted="suite_deleted",
            columns=[
                "user_id",
                "name",
                "template_id",
                "content_hash",
                "gate_label",
                "gate_margin",
                "gate_estimand",
                "gate_floor",
                "schedule",
            ],
        ),
        watched("evaluation_gate_overrides", kind="template", made="gate_overridden", identified_by="template_id"),
        watched(
            "evaluation_tests",
            kind="test",
            made="test_made",
            changed="test_changed",
            deleted="test_deleted",
            columns=["name", "user_id", "tags", "control", "max_cost"],
        ),
        watched(
            "evaluation_members",
            kind="test",
            made="test_shared",
            changed="test_share_changed",
            deleted="test_unshared",
            columns=["role"],
            identified_by="test_id",
            concerns=["user_id", "team_id"],
        ),
        watched(
            "review_queues",
            kind="review",
            made="review_made",
            changed="review_changed",
            deleted="review_deleted",
            columns=["name", "is_blind", "rubric", "raters_per_item", "lock_seconds", "link_hash", "link_ends_at"],
        ),
    ]
