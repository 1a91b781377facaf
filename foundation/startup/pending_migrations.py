"""Whether the database lacks a migration: asked without Django's connection, which would leave threads behind."""

from __future__ import annotations

import psycopg
from django.db.migrations.loader import MigrationLoader

from foundation.database.connection import conninfo


def exist() -> bool:
    """True also when nothing was ever migrated, or the database does not say."""
    wanted = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    try:
        with psycopg.connect(conninfo()) as connection:
            applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.Error:
        return True
    return not wanted <= applied
