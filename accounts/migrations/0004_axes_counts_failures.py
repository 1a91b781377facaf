"""Tries to sign in are counted by django-axes. The old table stays until no old process can write to it."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_idempotent_calls")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="SignInAttempt")]),
        migrations.RunSQL("DELETE FROM sign_in_attempts", migrations.RunSQL.noop),
    ]
