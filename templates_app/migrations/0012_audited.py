"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("templates_app", "0011_protected_labels")]

    operations = [
        watched(
            "prompt_templates",
            kind="template",
            made="template_made",
            changed="template_changed",
            deleted="template_removed",
            columns=[
                "name",
                "slug",
                "category",
                "description",
                "tags",
                "owner_id",
                "visibility",
                "is_withdrawn",
                "is_featured",
                "current_id",
                "example",
                "deleted_at",
            ],
            turn=("deleted_at", "template_deleted", "template_undeleted"),
        ),
        watched(
            "template_members",
            kind="template",
            made="template_shared",
            changed="template_share_changed",
            deleted="template_unshared",
            columns=["role"],
            identified_by="template_id",
            concerns=["user_id", "team_id"],
        ),
        watched(
            "template_labels",
            kind="template",
            made="label_set",
            changed="label_moved",
            deleted="label_removed",
            columns=["name", "version_id"],
            identified_by="template_id",
        ),
        watched(
            "template_label_protections",
            kind="template",
            made="label_protected",
            deleted="label_unprotected",
            identified_by="template_id",
        ),
        watched(
            "template_label_requests",
            kind="label_request",
            made="label_asked",
            changed="label_decided",
            columns=["status"],
        ),
        watched(
            "template_imports",
            kind="template_import",
            made="templates_imported",
            changed="templates_imported",
            columns=["carried_out_at", "undone_at"],
            turn=("undone_at", "templates_import_undone", "templates_imported"),
        ),
    ]
