"""Lists read what is short of many rows: beside a search index it would be what is moved out of the row first."""

from django.db import migrations

SHORT = ("name", "category", "tags", "slug", "visibility", "name_order")


def stored(storage: str) -> str:
    """The statement that sets where these columns stand."""
    return "ALTER TABLE prompt_templates " + ", ".join(f"ALTER COLUMN {name} SET STORAGE {storage}" for name in SHORT)


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0009_imports")]

    operations = [migrations.RunSQL(stored("MAIN"), stored("EXTENDED"))]
