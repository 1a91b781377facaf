"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("providers", "0003_batches")]

    operations = [
        watched(
            "providers",
            kind="provider",
            made="provider_made",
            changed="provider_changed",
            deleted="provider_deleted",
            columns=[
                "slug",
                "name",
                "wire",
                "base_url",
                "litellm_prefix",
                "python_class",
                "credentials",
                "is_enabled",
                "requests_per_minute",
                "tokens_per_minute",
                "max_concurrency",
                "connect_seconds",
                "first_byte_seconds",
                "idle_seconds",
                "allow_private_address",
                "has_batches",
            ],
        ),
    ]
