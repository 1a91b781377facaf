"""Descriptions, example values and version notes are sealed; docs/decisions/016-what-is-sealed.md."""

from typing import Any

from django.db import migrations

from foundation.sealing.fields import SealedJSONField, SealedTextField
from foundation.sealing.migrating import seal
from templates_app.library.former_index import as_vector

WORDS = """
SELECT t.id, array_agg(w.lexeme), array_agg(array_to_string(w.positions, ','))
FROM prompt_templates t, unnest(to_tsvector('english', left(t.description, 100000))) w GROUP BY t.id
"""
HIDE = """
UPDATE prompt_templates SET search = ts_filter(search, '{a,b,d}') || setweight(%s::tsvector, 'C') WHERE id = %s
"""
SHOW = """
UPDATE prompt_templates SET search =
    ts_filter(search, '{a,b,d}') || setweight(to_tsvector('english', left(description, 100000)), 'C')
WHERE search IS NOT NULL
"""


def hide_words(apps: Any, schema_editor: Any) -> None:
    """A description's words leave the index; their keyed hashes take their place."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(WORDS)
        for key, lexemes, places in cursor.fetchall():
            positions = [[int(place) for place in each.split(",")] for each in places]
            hashed = as_vector(list(zip(lexemes, positions, strict=True)), with_beginnings=True)
            cursor.execute(HIDE, [hashed, key])


def show_words(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SHOW)


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0002_last_model")]

    operations = [
        migrations.RunPython(hide_words, show_words),
        *seal("prompttemplate", "description", SealedTextField(), table="prompt_templates", kind="text"),
        *seal("prompttemplate", "example", SealedJSONField(empty=dict), table="prompt_templates", kind="jsonb"),
        *seal("templateversion", "note", SealedTextField(), table="template_versions", kind="varchar"),
    ]
